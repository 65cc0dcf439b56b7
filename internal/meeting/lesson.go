package meeting

import "github.com/eucalyptus/hackfest/internal/hackfest"

// lesson makes the run function of #lesson, #lesson+ and #lesson-.
func lesson(k hackfest.LessonKind) func(*turn) {
	return func(t *turn) { t.noteItem(Item{Kind: Lesson, Text: t.arg, said: t.arg, Lesson: k}) }
}
