package meeting

import (
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// ContextTarget is what the engine knows of a target.
type ContextTarget struct {
	Slug  string `json:"slug"`
	Name  string `json:"name"`
	Stage string `json:"stage"` // a hackfest.TargetStage
}

// Targeted means that the meeting, and with it its session, is about a target.
type Targeted struct{ Slug string }

func (Targeted) effect() {}

// maxNear is how many targets an answer proposes.
const maxNear = 3

// target answers #target.
func (t *turn) target() {
	for _, c := range t.s.Context.Targets {
		if !strings.EqualFold(c.Slug, t.arg) && !strings.EqualFold(oneSpaced(c.Name), oneSpaced(t.arg)) {
			continue
		}
		t.s.Target = c.Slug
		t.out = append(t.out, Targeted{c.Slug})
		text := "Target: " + shorten(clean(c.Name)) + ", " + strings.ToLower(hackfest.TargetStage(c.Stage).Label()) + "."
		if t.s.Context.BaseURL != "" {
			text += " " + t.s.Context.BaseURL + "/targets/" + c.Slug
		}
		t.say(text)
		return
	}
	text := "there is no target " + shorten(t.arg)
	if near := t.nearTargets(); len(near) > 0 {
		text += "; near: " + strings.Join(near, ", ")
	}
	t.refuse(text)
}

// nearTargets are the slugs of targets whose slug or name looks like what was
// asked for, the likest first.
func (t *turn) nearTargets() []string {
	asked := urlName(t.arg)
	if asked == "" {
		return nil
	}
	type near struct {
		slug string
		far  int
	}
	var list []near
	for _, c := range t.s.Context.Targets {
		far := min(apart(asked, c.Slug), apart(asked, urlName(c.Name)))
		if far <= max(2, len(asked)/3) {
			list = append(list, near{c.Slug, far})
		}
	}
	slices.SortStableFunc(list, func(a, b near) int { return a.far - b.far })
	var slugs []string
	for _, n := range list[:min(maxNear, len(list))] {
		slugs = append(slugs, n.slug)
	}
	return slugs
}

// apart is how far two names are from each other: 1 when one is in the other,
// else by letters that are wrong.
func apart(a, b string) int {
	if b != "" && (strings.Contains(a, b) || strings.Contains(b, a)) {
		return 1
	}
	return distance(a, b)
}
