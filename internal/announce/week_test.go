package announce_test

import (
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// The weekly letter is due on Mondays at eight where the community is, whatever
// clocks do there.
func TestWeekDue(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ now, want string }{
		"on the dot":                    {"2026-10-19T06:00:00Z", "2026-10-19T06:00:00Z"},
		"a second before":               {"2026-10-19T05:59:59Z", "2026-10-12T06:00:00Z"},
		"on Sunday":                     {"2026-10-25T22:00:00Z", "2026-10-19T06:00:00Z"},
		"after clocks went back":        {"2026-10-26T07:00:00Z", "2026-10-26T07:00:00Z"},
		"an hour before that":           {"2026-10-26T06:00:00Z", "2026-10-19T06:00:00Z"},
		"Monday there, Sunday in UTC":   {"2026-10-18T23:00:00Z", "2026-10-12T06:00:00Z"},
		"over the end of a year":        {"2027-01-03T12:00:00Z", "2026-12-28T07:00:00Z"},
		"the week in which clocks jump": {"2026-03-30T06:00:00Z", "2026-03-30T06:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := announce.WeekDue(now, berlin).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// A week has what its reader follows, and nothing else.
func TestWeekOf(t *testing.T) {
	t.Parallel()
	w := announce.Week{
		Coming:    []hackfest.Session{{Slug: "a", SeriesSlug: "weekly", TargetSlug: "openshift"}, {Slug: "b"}, {Slug: "c", TargetSlug: "appscale"}},
		Published: []hackfest.Meeting{{SessionSlug: "a", SeriesSlug: "weekly"}, {SessionSlug: "b"}},
		News:      []announce.NewsText{{Title: "Out"}},
		Lessons:   []hackfest.Lesson{{TargetSlug: "openshift"}, {}},
	}
	for name, tt := range map[string]struct {
		follows []hackfest.Follow
		want    [4]int // sessions, minutes, news, lessons
	}{
		"everything":      {[]hackfest.Follow{{Scope: hackfest.FollowAll}}, [4]int{3, 2, 1, 2}},
		"the news":        {[]hackfest.Follow{{Scope: hackfest.FollowNews}}, [4]int{0, 0, 1, 0}},
		"a series":        {[]hackfest.Follow{{Scope: hackfest.FollowSeries, Slug: "weekly"}}, [4]int{1, 1, 0, 0}},
		"two targets":     {[]hackfest.Follow{{Scope: hackfest.FollowTarget, Slug: "openshift"}, {Scope: hackfest.FollowTarget, Slug: "appscale"}}, [4]int{2, 0, 0, 1}},
		"a session":       {[]hackfest.Follow{{Scope: hackfest.FollowSession, Slug: "b"}}, [4]int{1, 1, 0, 0}},
		"nothing that is": {[]hackfest.Follow{{Scope: hackfest.FollowSeries, Slug: "gone"}}, [4]int{}},
		"nothing":         {nil, [4]int{}},
	} {
		got := w.Of(tt.follows)
		if n := [4]int{len(got.Coming), len(got.Published), len(got.News), len(got.Lessons)}; n != tt.want || got.Empty() != (tt.want == [4]int{}) {
			t.Errorf("%s: %v, want %v", name, n, tt.want)
		}
	}
}
