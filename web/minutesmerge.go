package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// merge asks which of two texts is to stand, for each field that the sender and
// somebody else changed. saved has theirs; what the sender changed besides goes
// along.
func (s *Server) merge(w http.ResponseWriter, r *http.Request, d desking, saved store.SavedDraft, mine minutes.Fields, wrong error) error {
	p, err := s.mergePage(r, d)
	if err != nil {
		return err
	}
	p.Form, p.Writer, p.Revision = newForm(""), saved.Writer, saved.Revision
	for _, c := range saved.Clashes {
		p.Clashes = append(p.Clashes, d.mergeField(c, mine))
	}
	now, err := s.Store.MinutesDraft(r.Context(), viewerOf(r), d.meeting.Ref)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(saved.Fields)) {
		if was, known := now.Fields[name]; !known || was != saved.Fields[name] {
			p.Rest = append(p.Rest, templates.MergeRest{Name: name, Value: saved.Fields[name]})
		}
	}
	p.Kept = len(p.Rest)
	return s.again(w, r, wrong, templates.MinutesMerge(p))
}

func (s *Server) mergePage(r *http.Request, d desking) (templates.MergePage, error) {
	f, err := s.frame(r, "Two texts for one place")
	f.NoIndex, f.Section = true, "/minutes"
	return templates.MergePage{Frame: f, Name: meetingTitle(d.meeting), Path: editURL(d.meeting.Ref), Back: editURL(d.meeting.Ref)}, err
}

// mergeField is a clash to be decided.
func (d desking) mergeField(c minutes.Clash, fields minutes.Fields) templates.MergeField {
	_, _, what, _ := minutes.FieldID(c.Name)
	tick := what == "gone" || what == "pick" || strings.HasPrefix(c.Name, "keep.") || strings.HasPrefix(c.Name, "present.") && strings.HasSuffix(c.Name, ".gone")
	return templates.MergeField{
		Name: c.Name, Label: d.labelOf(c.Name, fields), Tick: tick, Base: c.Base, Theirs: c.Theirs, Mine: c.Mine,
		Long: c.Name == "summary" || utf8.RuneCountInString(c.Mine) > 70 || utf8.RuneCountInString(c.Theirs) > 70, Other: c.Mine,
	}
}

// chosen are the fields that somebody chose on the merge page, with what they
// changed besides.
func chosen(form url.Values) (minutes.Fields, error) {
	f := minutes.Fields{}
	for name := range form {
		if field, ok := strings.CutPrefix(name, "as."); ok {
			f[field] = form.Get(name)
		}
	}
	var wrong []error
	for _, name := range form["clash"] {
		take := form.Get("take." + name)
		switch take {
		case "theirs", "mine", "other":
			f[name] = form.Get(take + "." + name)
		default:
			wrong = append(wrong, fault.On(name, "Choose what is to stand here."))
		}
	}
	return f, errors.Join(wrong...)
}

// mergeAgain shows the merge page once more: not everything was chosen.
func (s *Server) mergeAgain(w http.ResponseWriter, r *http.Request, d desking, form url.Values, wrong error) error {
	p, err := s.mergePage(r, d)
	if err != nil {
		return err
	}
	p.Form, p.Revision = typed("", form, wrong), draftRevision(form)
	for _, name := range form["clash"] {
		c := d.mergeField(minutes.Clash{Name: name, Base: d.draft.Written.Fields()[name], Theirs: form.Get("theirs." + name), Mine: form.Get("mine." + name)}, d.draft.Fields)
		c.Choice, c.Other = form.Get("take."+name), form.Get("other."+name)
		for _, e := range fault.All(wrong) {
			if e.Field == name {
				c.Error = e.Message
			}
		}
		p.Clashes = append(p.Clashes, c)
	}
	for name := range form {
		if field, ok := strings.CutPrefix(name, "as."); ok {
			p.Rest = append(p.Rest, templates.MergeRest{Name: field, Value: form.Get(name)})
		}
	}
	p.Kept = len(p.Rest)
	return s.again(w, r, wrong, templates.MinutesMerge(p))
}
