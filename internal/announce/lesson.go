package announce

import (
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// kinds are the kinds of lessons as people read them.
var kinds = map[hackfest.LessonKind]string{
	hackfest.LessonDoAgain: "do again", hackfest.LessonAvoid: "avoid",
	hackfest.LessonUnknown: "open", hackfest.LessonBroken: "broken upstream",
}

// lessons answers !lessons [target]: the newest three.
func lessons(a asked) []string {
	lead, url, slug := "Lessons: ", a.base+"/lessons", ""
	if a.Arg != "" {
		t, refusal := a.target()
		if refusal != "" {
			return []string{refusal}
		}
		lead, slug = "Lessons about "+cut(clean(t.Name), maxTitle/2)+": ", t.Slug
		url += "?target=" + slug
	}
	list := slices.DeleteFunc(slices.Clone(a.Lessons), func(l hackfest.Lesson) bool { return slug != "" && l.TargetSlug != slug })
	if len(list) == 0 {
		return []string{strings.TrimSuffix(lead, ": ") + ": none on record yet. " + url}
	}
	var entries []string
	for _, l := range list[:min(len(list), lessonsShown)] {
		entries = append(entries, kinds[l.Kind]+": "+cut(clean(l.Text), maxLine*2/5))
	}
	return pack(lead, entries, url, len(list) > lessonsShown, a.lines, a.size)
}
