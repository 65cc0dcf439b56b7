package meeting

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// describePlan writes the effects that have to do with what was prepared.
func describePlan(e Effect) string {
	switch e := e.(type) {
	case AgendaTaken:
		return fmt.Sprintf("agenda  %d%s", e.ID, map[bool]string{true: " given back"}[e.Undone])
	case ActionSettled:
		return fmt.Sprintf("settle  %d %s by %s", e.ID.N, e.How, e.By)
	case Targeted:
		return "target  " + e.Slug
	case Restricted:
		return "restrict"
	}
	return fmt.Sprintf("%T", e)
}

func describeDue(i Item) string {
	text := ""
	if !i.Due.IsZero() {
		text += " due " + i.Due.Format(time.RFC3339)
	}
	if i.Lesson != "" {
		text += " " + string(i.Lesson)
	}
	return text
}

// describeAttendance tells who is not there although they spoke, who is although
// they did not, and who sent regrets.
func describeAttendance(s State) string {
	present, regrets := s.Attendance()
	text := ""
	for _, p := range s.People {
		switch there := slices.Contains(present, p); {
		case there && p.Lines == 0:
			text += "; " + p.Nick + " present"
		case !there && p.Lines > 0:
			text += "; " + p.Nick + " not present"
		}
	}
	if len(regrets) > 0 {
		text += "; regrets " + strings.Join(regrets, ", ")
	}
	return text
}

// tickAt is what the shell says when nothing but time passed.
func tickAt(at time.Time) hackfest.Line {
	return hackfest.Line{Ref: refAt(at, 1), Network: "freenode", Channel: "#euca", At: at, Kind: hackfest.Context, Text: `{"tick":"` + at.Format(time.RFC3339) + `"}`}
}
