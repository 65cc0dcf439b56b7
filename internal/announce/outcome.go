package announce

import (
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Outcome is the announcement of what changed in the repositories of s.
func Outcome(s hackfest.Session, o hackfest.Outcome, base string) string {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		zone = time.UTC
	}
	return fit("Outcome: ", s.Title, join(o.From.In(zone).Format("Mon 2 Jan 2006"), OutcomeCounts(o), base+"/sessions/"+s.Slug+"#outcome"))
}

// OutcomeCounts says how much changed: "2 pull requests merged, 1 opened, 3 issues
// closed, 14 commits"; "" when nothing did.
func OutcomeCounts(o hackfest.Outcome) string {
	tried := map[string]bool{}
	for _, c := range o.Tested {
		tried[c.RecipeSlug] = true
	}
	var parts []string
	last := ""
	for _, c := range []struct {
		n         int
		what, did string
	}{
		{o.Merged.Count, "pull request", " merged"},
		{o.Offered.Count, "pull request", " opened"},
		{o.Closed.Count, "issue", " closed"},
		{o.Opened.Count, "issue", " opened"},
		{o.CommitCount(), "commit", ""},
		{len(tried), "recipe", " tested"},
	} {
		switch {
		case c.n == 0:
			continue
		case c.what == last:
			parts = append(parts, strconv.Itoa(c.n)+c.did)
		default:
			parts = append(parts, irctext.Count(c.n, c.what)+c.did)
		}
		last = c.what
	}
	return strings.Join(parts, ", ")
}
