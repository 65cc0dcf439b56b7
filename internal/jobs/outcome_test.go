package jobs

import (
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// What changed in a session's repositories is said once, when its time is over and
// all of it is known, to each channel as far as it is for it.
func TestOutcomeIsAnnouncedWhenItIsKnown(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.record(noon, "#startmeeting Weekly", "#endmeeting")
	w.exec(`update channels set visibility = 'members', announces = 'all' where name = '#members'`)
	repository := func(name string, visibility person.Visibility) hackfest.RepositoryID {
		id, err := w.AddRepository(ctx, name, visibility, noon)
		w.must(err)
		w.exec(`insert into repository_uses (repository_id, session_id, created_at) select $1, session_id, $2 from meetings`, id, noon)
		return id
	}
	closed := func(id hackfest.RepositoryID, at time.Time) {
		w.must(w.ApplyGitHub(ctx, hackfest.GitHubChange{
			Repository: hackfest.Repository{ID: id}, At: at, Issues: []hackfest.Issue{{Number: 1, Title: "x", OpenedAt: noon.AddDate(0, -1, 0), ClosedAt: at, UpdatedAt: at}},
		}))
	}
	known := func(id hackfest.RepositoryID, at time.Time) {
		w.exec(`update repositories set known_at = $2 where id = $1`, id, at)
	}
	open, hidden := repository("euca/open", person.Public), repository("euca/inside", person.MembersOnly)
	gone := repository("euca/gone", person.Public)
	w.exec(`update repositories set gone_at = $2 where id = $1`, gone, noon)
	closed(open, noon.Add(time.Hour))
	w.start()

	const day = 24 * time.Hour
	known(open, noon.Add(day))
	w.plan(noon.Add(day))
	w.want("before its time is over", w.states(), nil)
	w.plan(noon.Add(day + time.Hour))
	w.want("before all is known", w.states(), nil)
	known(open, noon.Add(day+time.Hour))
	for i := range 2 {
		w.plan(noon.Add(day + time.Hour + time.Duration(i)*time.Minute))
	}
	line := " Outcome: Weekly · " + noon.Format("Mon 2 Jan 2006") + " · "
	slug := " · http://portal.example/sessions/" + noon.Format(time.DateOnly) + "-weekly#outcome"
	w.want("the channel", w.voice.lines(), []string{"#euca" + line + "1 issue closed" + slug})
	closed(hidden, noon.Add(2*time.Hour))
	known(hidden, noon.Add(2*day))
	w.plan(noon.Add(2 * day))
	w.want("and that of members, which is told of more", w.voice.lines(), []string{"#members" + line + "2 issues closed" + slug})
	w.want("deliveries", w.states(), []string{"outcome sent", "outcome sent"})

	w.at(noon.Add(3*day + time.Minute)) // or what plans by itself notes it again
	w.exec(`delete from deliveries`)
	for _, tt := range []struct{ name, change, back string }{
		{"what changed was deleted", `update issues set removed_at = now()`, `update issues set removed_at = null`},
		{"its repositories were taken off", `update repositories set removed_at = now()`, `update repositories set removed_at = null`},
		{"it was written down once", `update repositories set recorded_at = now()`, `update repositories set recorded_at = null`},
		{"the session was cancelled", `update sessions set state = 'cancelled'`, `update sessions set state = 'scheduled'`},
		{"the channels are told of minutes alone", `update channels set occasions = '{minutes}'`, `update channels set occasions = '{outcome}'`},
	} {
		w.exec(tt.change)
		w.must(w.PlanDeliveries(ctx, noon.Add(2*day), noon.Add(2*day)))
		w.want(tt.name, w.states(), nil)
		w.exec(tt.back)
	}
	w.plan(w.now())
	w.want("two days late", w.states(), nil)
}
