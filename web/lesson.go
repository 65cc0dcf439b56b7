package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// lessonPage is how many lessons a page lists.
const lessonPage = 60

// lessonKinds are the kinds in the order of the filter.
var lessonKinds = []hackfest.LessonKind{hackfest.LessonDoAgain, hackfest.LessonAvoid, hackfest.LessonUnknown, hackfest.LessonBroken}

// listLessons answers GET /lessons, newest first; kind and target restrict the
// list.
func (s *Server) listLessons(w http.ResponseWriter, r *http.Request) error {
	ctx, v, q := r.Context(), viewerOf(r), r.URL.Query()
	f, err := s.frame(r, "Lessons")
	if err != nil {
		return err
	}
	f.Description = "What the sessions of " + f.Community + " taught, one sentence each, with the line that shows it."
	list, err := s.Store.Lessons(ctx, v, store.LessonFilter{
		Kind: hackfest.LessonKind(q.Get("kind")), Target: q.Get("target"), Image: q.Get("image"), Checked: q.Get("checks") != "",
		Retired: q.Get("retired") != "", After: readLessonCursor(q.Get("after")), Limit: lessonPage + 1,
	})
	if err != nil {
		return err
	}
	tally, err := s.Store.LessonTally(ctx)
	if err != nil {
		return err
	}
	became, caught, err := s.Store.CheckedLessons(ctx)
	if err != nil {
		return err
	}
	f.Feeds = lessonFeeds
	p := templates.LessonsPage{Frame: f, Filters: lessonFacets(q, tally, became), Add: actorOf(r).SignedIn()}
	if n := tallied(tally, func(hackfest.LessonCount) bool { return true }); n > 0 {
		p.Count = counted(n, "sentence.", "sentences.") + paying(became, caught)
	}
	if len(list) > lessonPage {
		list = list[:lessonPage]
		p.Older = "/lessons?" + with(q, "after", lessonCursor(store.CursorAfterLesson(list[len(list)-1])))
	}
	rows, err := s.lessonRows(r, f.Clock, list)
	if err != nil {
		return err
	}
	for i, l := range list {
		title := month(f.Clock.In(lessonDay(l), s.community()))
		if n := len(p.Months); n == 0 || p.Months[n-1].Title != title {
			p.Months = append(p.Months, templates.LessonMonth{Title: title})
		}
		m := &p.Months[len(p.Months)-1]
		m.Rows = append(m.Rows, rows[i])
	}
	return s.show(w, r, templates.Lessons(p))
}

// paying says what became of lessons: " 14 became checks; 6 of those have caught
// something since."
func paying(became, caught int) string {
	switch {
	case became == 0:
		return ""
	case caught == 0:
		return " " + counted(became, "became a check.", "became checks.")
	}
	return " " + counted(became, "became a check; ", "became checks; ") + counted(caught, "has caught something since.", "have caught something since.")
}

// tallied adds up the counts that match.
func tallied(tally []hackfest.LessonCount, match func(hackfest.LessonCount) bool) int {
	n := 0
	for _, c := range tally {
		if match(c) {
			n += c.Lessons
		}
	}
	return n
}

// lessonFacets are the filters of the lessons with their counts.
func lessonFacets(q url.Values, tally []hackfest.LessonCount, became int) []ui.FacetGroup {
	link := func(text, key, value string, n int) ui.Facet {
		return ui.Facet{Text: text + " " + strconv.Itoa(n), Href: path("/lessons", with(q, key, value)), Current: q.Get(key) == value}
	}
	kinds := ui.FacetGroup{Label: "Kind", Facets: []ui.Facet{link("all", "kind", "", tallied(tally, func(hackfest.LessonCount) bool { return true }))}}
	for _, k := range lessonKinds {
		if n := tallied(tally, func(c hackfest.LessonCount) bool { return c.Kind == k }); n > 0 {
			kinds.Facets = append(kinds.Facets, link(ui.LessonState(k).Text, "kind", string(k), n))
		}
	}
	about := ui.FacetGroup{Label: "About"}
	seen := map[string]bool{"": true}
	for _, c := range tally {
		if seen[c.TargetSlug] {
			continue
		}
		seen[c.TargetSlug] = true
		n := tallied(tally, func(o hackfest.LessonCount) bool { return o.TargetSlug == c.TargetSlug })
		about.Facets = append(about.Facets, link(c.TargetName, "target", c.TargetSlug, n))
	}
	images := ui.FacetGroup{Label: "Image"}
	for _, c := range tally {
		if seen["image "+c.Image] || c.Image == "" {
			continue
		}
		seen["image "+c.Image] = true
		n := tallied(tally, func(o hackfest.LessonCount) bool { return o.Image == c.Image })
		images.Facets = append(images.Facets, link(c.Image, "image", c.Image, n))
	}
	if q.Get("image") != "" {
		images.Facets = append(images.Facets, ui.Facet{Text: "any", Href: path("/lessons", with(q, "image", ""))})
	}
	if q.Get("target") != "" {
		about.Facets = append(about.Facets, ui.Facet{Text: "anything", Href: path("/lessons", with(q, "target", ""))})
	}
	if became > 0 || q.Get("checks") != "" {
		check := ui.Facet{Text: "became a check " + strconv.Itoa(became), Href: path("/lessons", with(q, "checks", "1")), Current: q.Get("checks") != ""}
		if check.Current {
			check.Href = path("/lessons", with(q, "checks", ""))
		}
		kinds.Facets = append(kinds.Facets, check)
	}
	if len(tally) == 0 {
		return nil
	}
	return []ui.FacetGroup{kinds, about, images}
}

// lessonDay is the day a lesson is listed under: that of its session, else of
// its publication.
func lessonDay(l hackfest.Lesson) time.Time {
	if !l.SessionAt.IsZero() {
		return l.SessionAt
	}
	return l.PublishedAt
}

// lessonRows are lessons in a list, with the checks that they became.
func (s *Server) lessonRows(r *http.Request, c ui.Clock, list []hackfest.Lesson) ([]templates.LessonRow, error) {
	ids := make([]hackfest.LessonID, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	checks, err := s.Store.ChecksOfLessons(r.Context(), viewerOf(r), ids)
	rows := make([]templates.LessonRow, len(list))
	for i, l := range list {
		rows[i] = lessonRow(c, l)
		if len(checks[l.ID]) == 0 && makesCheck(actorOf(r), l, person.Object{}) {
			rows[i].Make = checkLessonURL(l.ID)
		}
		for _, k := range checks[l.ID] {
			check := templates.LessonCheck{Text: k.Text, Href: templates.ChecklistURL(k.List)}
			switch {
			case k.Caught == 1:
				check.Caught = "caught something once"
			case k.Caught == 2:
				check.Caught = "caught something twice"
			case k.Caught > 2:
				check.Caught = "caught something " + strconv.Itoa(k.Caught) + " times"
			}
			rows[i].Checks = append(rows[i].Checks, check)
		}
	}
	return rows, err
}

// lessonRow is one lesson in a list.
func lessonRow(c ui.Clock, l hackfest.Lesson) templates.LessonRow {
	row := templates.LessonRow{
		Day: c.Day(lessonDay(l), "UTC"), Text: l.Text, State: ui.LessonState(l.Kind), About: "everything", Href: lessonURL(l.ID),
		Evidence: l.Evidence, Retired: !l.RetiredAt.IsZero(),
	}
	switch l.Scope {
	case hackfest.ScopeTarget:
		row.About = l.TargetName
	case hackfest.ScopeImage:
		row.About = l.Image
	}
	if l.TargetSlug != "" && l.Scope == hackfest.ScopeTarget {
		row.AboutHref = templates.TargetURL(l.TargetSlug)
	}
	if !l.LineRef.IsZero() {
		row.LineHref = templates.LineURL(l.LineRef)
	}
	if l.SessionSlug != "" {
		row.SessionHref = templates.SessionURL(l.SessionSlug)
	}
	return row
}

// lessonCursor writes a place in the list of lessons for a URL.
func lessonCursor(c store.LessonCursor) string {
	return strconv.FormatInt(c.PublishedAt.UnixMicro(), 36) + "." + strconv.FormatInt(int64(c.ID), 36)
}

// readLessonCursor reads what lessonCursor wrote; anything else is the
// beginning.
func readLessonCursor(s string) store.LessonCursor {
	at, id, _ := strings.Cut(s, ".")
	micro, err1 := strconv.ParseInt(at, 36, 64)
	n, err2 := strconv.ParseInt(id, 36, 64)
	if err1 != nil || err2 != nil {
		return store.LessonCursor{}
	}
	return store.LessonCursor{PublishedAt: time.UnixMicro(micro).UTC(), ID: hackfest.LessonID(n)}
}
