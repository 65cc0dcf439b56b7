package web

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// ruleWords says when x is: "Wednesdays 12:00–14:30, Pacific time". A rule that
// this version does not know is "".
func (s *Server) ruleWords(c ui.Clock, x hackfest.Series) string {
	return s.timingWords(c, x.Timing())
}

// timingWords says when something is that repeats.
func (s *Server) timingWords(c ui.Clock, t hackfest.Timing) string {
	zone := s.locate(t.Zone)
	rule, err := schedule.ParseRule(t.Rule, zone)
	if err != nil {
		return ""
	}
	words := rule.Words(t.First)
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:] + " " + t.First.Format(hours(c)) + "–" + t.First.Add(t.Length).Format(hours(c)) + ", " +
		zoneWords(t.Zone) + rule.EndWords(zone)
}
