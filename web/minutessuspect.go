package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// suspected is a place of the minutes or of the log that perhaps nobody should
// read.
type suspected struct {
	place string // name of a field, or a ref
	line  hackfest.LogLine
	text  string
	found []minutes.Suspect
	kept  bool // somebody looked and left it
}

// textAt is what stands in a place.
func (d desking) textAt(place string, fields minutes.Fields) string {
	if ref, err := hackfest.ParseRef(place); err == nil {
		l, _ := d.line(ref)
		return irctext.Strip(l.Text)
	}
	if text, ok := fields[place]; ok {
		return text
	}
	return d.draft.Fields[place]
}

// suspects are the places to look at: of the log, then of what people wrote and
// did not only take from there.
func (d desking) suspects(fields minutes.Fields) (list []suspected) {
	look := func(x suspected) {
		if x.found = minutes.Suspects(x.text); len(x.found) > 0 {
			x.kept = fields["keep."+x.place] == strconv.Itoa(len(x.found))
			list = append(list, x)
		}
	}
	said := map[string]bool{}
	for _, l := range d.lines {
		if !citable(l) || l.Self {
			continue
		}
		text := irctext.Strip(l.Text)
		look(suspected{place: l.Ref.String(), line: l, text: text})
	}
	for _, x := range list {
		for _, f := range x.found {
			said[x.text[f.From:f.To]] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		_, _, what, ok := minutes.FieldID(name)
		if name != "summary" && name != "also" && !(ok && (what == "text" || what == "title")) {
			continue
		}
		text := fields[name]
		fresh := slices.ContainsFunc(minutes.Suspects(text), func(f minutes.Suspect) bool { return !said[text[f.From:f.To]] })
		if fresh {
			look(suspected{place: name, text: text})
		}
	}
	return list
}

// shownAround is how much is shown before and behind what is suspected, in characters.
const shownAround = 40

// suspectRows are the rows of what is to be looked at, what nobody looked at
// first.
func (s *Server) suspectRows(r *http.Request, d desking, fields minutes.Fields) ([]templates.SuspectRow, error) {
	list := d.suspects(fields)
	if len(list) == 0 {
		return nil, nil
	}
	o, err := s.Store.RelationToMeeting(r.Context(), viewerOf(r), d.meeting.Ref)
	if err != nil {
		return nil, err
	}
	may := person.Can(actorOf(r), person.Redact, o) == nil
	slices.SortStableFunc(list, func(a, b suspected) int {
		if a.kept == b.kept {
			return 0
		}
		if b.kept {
			return -1
		}
		return 1
	})
	c := s.clock(r, s.preferences(r))
	rows := make([]templates.SuspectRow, 0, len(list))
	for _, x := range list {
		f := x.found[0]
		row := templates.SuspectRow{
			What: f.What, Before: tailWords(x.text[:f.From]), Found: ui.Visible(x.text[f.From:f.To]), After: headWords(x.text[f.To:]),
			Keep: templates.EditField{Name: "keep." + x.place},
		}
		if x.kept {
			row.Keep.Value = "on"
		}
		if x.line.Ref.IsZero() {
			row.Place, row.Field = d.labelOf(x.place, fields), "f-"+x.place
		} else {
			row.Line, row.At, row.Who = x.line.Ref, c.Minute(x.line.At, d.meeting.SessionZone), ui.Visible(x.line.Nick)
			if may && x.line.Redactable() {
				row.Redact = "redact " + x.line.Ref.String()
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func tailWords(text string) string {
	runes := []rune(ui.Visible(strings.ReplaceAll(text, "\n", " ")))
	if len(runes) > shownAround {
		return "… " + string(runes[len(runes)-shownAround:])
	}
	return string(runes)
}

func headWords(text string) string {
	runes := []rune(ui.Visible(strings.ReplaceAll(text, "\n", " ")))
	if len(runes) > shownAround {
		return string(runes[:shownAround]) + " …"
	}
	return string(runes)
}
