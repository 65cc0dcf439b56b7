package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// confirmRemoval asks whether m is really to be removed; wrong is what was wrong
// with the answer.
func (s *Server) confirmRemoval(w http.ResponseWriter, r *http.Request, m removal, form ui.Form, wrong error) error {
	if n := len(m.values["line"]); n == 0 || n > mostRemoved {
		why := "none"
		if n > 0 {
			why = "many"
		}
		q := url.Values{"redact": {"1"}, "wrong": {why}}
		if m.after != "" {
			q.Set("after", m.after)
		}
		http.Redirect(w, r, m.back+"?"+q.Encode(), http.StatusSeeOther)
		return nil
	}
	f, err := s.frame(r, "Remove from the log")
	if err != nil {
		return err
	}
	f.NoIndex, f.Section = true, "/minutes"
	p := templates.RemovePage{
		Frame: f, Path: m.path, Back: m.back, Where: "Log of " + m.where, Before: m.after, Form: form, Reason: maxReason,
		Counted: chart.Count(len(m.lines), "line", "lines"),
	}
	red := hackfest.Redaction{ChannelID: m.channel, PersonID: actorOf(r).ID, Actor: actorOf(r).Name, At: s.Now().UTC()}
	rows := rowWriter{clock: f.Clock, zone: m.zone}
	for _, l := range m.lines {
		red.Lines = append(red.Lines, l.Ref)
		p.Rows = append(p.Rows, rows.row(l))
	}
	reach, err := s.Store.RedactionReach(r.Context(), red)
	if err != nil {
		return err
	}
	s.showReach(&p, rows, m, reach)
	if p.Running, err = s.stillRuns(r, m); err != nil {
		return err
	}
	if wrong != nil {
		return s.again(w, r, wrong, templates.Remove(p))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Remove(p))
}

// showReach fills in what goes with the lines.
func (s *Server) showReach(p *templates.RemovePage, rows rowWriter, m removal, reach hackfest.Reach) {
	for _, e := range reach.Entries {
		p.Entries = append(p.Entries, templates.RemoveEntry{Kind: e.Kind, Text: ui.Visible(e.Text)})
	}
	for _, l := range reach.Echoes {
		l.Kind, l.Self = hackfest.Message, true
		p.Echoes = append(p.Echoes, rows.row(hackfest.LogLine{Line: l}))
	}
	switch reach.Minutes {
	case 0:
	case 1:
		p.Minutes = "Stored minutes that quote it are changed with it. Summaries that tell it in other words are not: look at them afterwards."
	default:
		p.Minutes = strconv.Itoa(reach.Minutes) + " stored versions of minutes quote it and are changed with it. Summaries that tell it in other words are not: look at them afterwards."
	}
	for _, l := range m.lines {
		if len(entriesAlone(reach, l.Ref)) > 0 {
			p.Choosing = append(p.Choosing, templates.RemoveChoice{
				Ref: l.Ref.String(), At: rows.clock.Minute(l.At, rows.zone), Who: ui.Visible(l.Nick), Kept: slices.Contains(m.keep, l.Ref),
			})
		}
	}
}

// stillRuns reports whether a meeting runs in which lines of m were said.
func (s *Server) stillRuns(r *http.Request, m removal) (bool, error) {
	_, c, err := s.Store.Line(r.Context(), viewerOf(r), m.lines[0].Ref)
	if err != nil {
		return false, err
	}
	list, err := s.Store.Meetings(r.Context(), viewerOf(r), store.MeetingFilter{Network: c.Network, Channel: c.Folded, Limit: 1})
	last := m.lines[len(m.lines)-1].Ref
	return len(list) > 0 && list[0].Running() && list[0].Ref.Compare(last) <= 0, err
}
