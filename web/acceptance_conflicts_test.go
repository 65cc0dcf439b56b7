package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

func TestA15CollidesOnlyOnDaylightTime(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	utc := series(url.Values{"title": {"Standup"}, "kind": {"meeting"}, "time": {"19:00"}, "zone": {"UTC"}, "length": {"60"}})
	preview, form := p.preview("/series/new", utc)
	zone, err := time.LoadLocation(pacific)
	must(t, err)
	var collide, free []string
	for day := time.Date(2026, 10, 21, 19, 0, 0, 0, time.UTC); day.Before(time.Date(2027, 10, 20, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 7) {
		if _, offset := day.In(zone).Zone(); offset == -7*3600 {
			collide = append(collide, day.In(zone).Format("Mon 2 Jan"))
		} else {
			free = append(free, day.In(zone).Format("Mon 2 Jan"))
		}
	}
	_, conflicts, _ := strings.Cut(preview, `id="conflicts"`)
	conflicts, _, _ = strings.Cut(conflicts, "</section>")
	says(t, preview, fmt.Sprintf("It collides on %d dates, first Wed 21 Oct 2026.", len(collide)))
	for _, day := range collide {
		if !strings.Contains(plainText(conflicts), day) {
			t.Errorf("%s collides and is not listed", day)
		}
	}
	for _, day := range free {
		if strings.Contains(plainText(conflicts), day+",") || strings.Contains(plainText(conflicts), day+" 2") {
			t.Errorf("%s does not collide and is listed", day)
		}
	}
	form.Set("confirmed", "on")
	if w := p.send(p.mia, "/series/new", form); w.Code != http.StatusConflict {
		t.Errorf("it was saved: %d", w.Code)
	}
}

func TestA16TouchingIsNoConflict(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	preview, to := p.do("/series/new", series(url.Values{"title": {"Before"}, "time": {"11:00"}, "length": {"60"}}))
	saysNot(t, preview, "Conflicts", "collides")
	if to != "/series/before" {
		t.Errorf("it leads to %s", to)
	}
}

func TestA17AcrossMidnight(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.do("/series/new", series(url.Values{"title": {"Late"}, "days": {"SU"}, "time": {"23:30"}, "length": {"60"}}))
	preview, _ := p.preview("/series/new", series(url.Values{"title": {"Early"}, "days": {"MO"}, "time": {"00:00"}, "length": {"60"}}))
	says(t, preview, "It collides on", "first Mon 26 Oct 2026", "Late")
}

func TestA18AChairInTwoPlaces(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	join(t, p.Server, "Tess", person.Member)
	p.do("/series/new", series(url.Values{"chair": {"Tess"}}))
	preview, to := p.do("/series/new", series(url.Values{"title": {"Elsewhere"}, "channel": {"freenode/other"}, "chair": {"tess"}}))
	says(t, preview, "Tess chairs W at the same time, on", "first Wed 21 Oct 2026. That is only a warning.")
	saysNot(t, preview, "collides")
	if to != "/series/elsewhere" {
		t.Errorf("it leads to %s", to)
	}
	says(t, p.see("/series/elsewhere", ""), "Chair Tess")
}

func TestA19ACancelledDateIsFree(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	one := url.Values{
		"title": {"Once"}, "kind": {"meeting"}, "visibility": {"public"}, "channel": {"freenode/eucalyptus-devel"},
		"date": {"2026-10-28"}, "time": {"13:00"}, "zone": {pacific}, "length": {"60"},
	}
	preview, _ := p.preview("/sessions/new", one)
	says(t, preview, "It collides on 1 date, first Wed 28 Oct 2026.")
	p.do("/sessions/2026-10-28-w/cancel", url.Values{"reason": {"release week"}})
	preview, to := p.do("/sessions/new", one)
	saysNot(t, preview, "collides")
	if to != "/sessions/2026-10-28-once" {
		t.Errorf("it leads to %s", to)
	}
	// And what was cancelled cannot come back unasked.
	preview, _ = p.preview("/sessions/2026-10-28-w/reinstate", nil)
	says(t, preview, "It collides on 1 date", "Once")
}

func TestA20AConflictIsAllowedByATick(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	tess := join(t, p.Server, "Tess", person.Member)
	p.w("2026-10-21")
	must(t, p.Store.AddChair(t.Context(), tess.ID, "w", p.at))
	p.do("/series/new", series(url.Values{"title": {"Other"}, "days": {"TH"}}))
	const path = "/sessions/2026-10-28-w/move"
	form := p.fill(tess, path, p.move("2026-10-29", "13:00", "a day later"))
	w := p.send(tess, path, form)
	says(t, w.Body.String(), "It collides on 1 date, first Thu 29 Oct 2026.", "Other", "Let them share the channel")
	form.Set("confirmed", "on")
	w = p.send(tess, path, form)
	if w.Code != http.StatusConflict {
		t.Fatalf("without the tick: %d", w.Code)
	}
	says(t, w.Body.String(), "The channel is taken on 1 date. Tick that they may share it, or change something.")
	contains(t, w.Body.String(), `name="overlap"`, `aria-invalid="true"`, `value="a day later"`)
	if x := p.api("2026-10-28-w"); x.StartsAt != "2026-10-28T19:00:00Z" {
		t.Errorf("it was moved to %s", x.StartsAt)
	}
	form.Set("overlap", "on")
	if w = p.send(tess, path, form); w.Code != http.StatusSeeOther {
		t.Fatalf("with the tick: %d %s", w.Code, plainText(w.Body.String()))
	}
	if list := p.audited("/sessions/2026-10-28-w"); !slices.Contains(list, "allow conflict") {
		t.Errorf("the audit log has %v", list)
	}
	schedule := p.see("/schedule", "")
	if n := strings.Count(schedule, "Shares its channel with"); n != 2 {
		t.Errorf("%d are marked on the schedule, want both\n%s", n, plainText(schedule))
	}
}
