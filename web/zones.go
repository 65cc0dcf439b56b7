package web

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// offered are the zones in the footer's list, west to east; one for each part
// of the world that keeps its own time. A browser adds its own by script, and
// the form takes any IANA name.
var offered = []string{
	"Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Phoenix", "America/Denver",
	"America/Chicago", "America/Mexico_City", "America/Bogota", "America/New_York", "America/Caracas",
	"America/Halifax", "America/Santiago", "America/St_Johns", "America/Sao_Paulo", "America/Argentina/Buenos_Aires",
	"Atlantic/Azores", "UTC", "Europe/London", "Europe/Lisbon", "Africa/Lagos", "Europe/Madrid", "Europe/Paris",
	"Europe/Berlin", "Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Warsaw", "Africa/Cairo",
	"Africa/Johannesburg", "Europe/Athens", "Europe/Helsinki", "Europe/Kyiv", "Asia/Jerusalem", "Europe/Istanbul",
	"Europe/Moscow", "Africa/Nairobi", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul", "Asia/Karachi", "Asia/Kolkata",
	"Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Jakarta", "Asia/Shanghai", "Asia/Singapore",
	"Australia/Perth", "Asia/Taipei", "Asia/Tokyo", "Asia/Seoul", "Australia/Adelaide", "Australia/Brisbane",
	"Australia/Sydney", "Pacific/Noumea", "Pacific/Auckland", "Pacific/Tongatapu",
}

// zoneName is what the name of a zone may look like before it is looked up;
// "Local", which would be the machine's own, is none.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}$`)

// isZone reports whether name is an IANA zone.
func (s *Server) isZone(name string) bool {
	if !zoneName.MatchString(name) || name == "Local" {
		return false
	}
	if _, ok := s.zones.Load(name); ok {
		return true
	}
	loc, err := time.LoadLocation(name)
	if err == nil {
		s.zones.Store(name, loc)
	}
	return err == nil
}

// locate returns the zone of an IANA name, UTC for what is none.
func (s *Server) locate(name string) *time.Location {
	if !s.isZone(name) {
		return time.UTC
	}
	loc, _ := s.zones.Load(name)
	return loc.(*time.Location) //nolint:errcheck // isZone stores nothing else
}

// community is the community's own zone.
func (s *Server) community() string {
	if s.Zone == "" {
		return "UTC"
	}
	return s.Zone
}

// zoneChoices is the footer's list at the instant now. chosen and the
// community's zone are in it even if not among the usual ones.
func (s *Server) zoneChoices(now time.Time, chosen string) []templates.ZoneChoice {
	names := offered
	for _, extra := range []string{s.community(), chosen} {
		if extra != "" && s.isZone(extra) && !slices.Contains(names, extra) {
			names = append([]string{extra}, names...)
		}
	}
	list := make([]templates.ZoneChoice, len(names))
	for i, name := range names {
		list[i] = templates.ZoneChoice{Name: name, Text: ui.City(name) + " (" + offset(now.In(s.locate(name))) + ")"}
		if name == "UTC" {
			list[i].Text = name
		}
	}
	return list
}

// offset is the distance to UTC of t in its zone: "UTC+2", "UTC−3:30".
func offset(t time.Time) string {
	_, seconds := t.Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	if m := seconds / 60 % 60; m != 0 {
		return fmt.Sprintf("UTC%s%d:%02d", sign, seconds/3600, m)
	}
	return fmt.Sprintf("UTC%s%d", sign, seconds/3600)
}
