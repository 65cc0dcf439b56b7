package ical

import (
	"strings"
	"time"
)

// area are the full names of zones that tzdata also knows by a short one, which
// calendar programs take for something else or do not know (RFC 5545 leaves
// TZID to the parties; the IANA names with an area are what all understand).
var area = map[string]string{
	"UTC": "Etc/UTC", "UCT": "Etc/UTC", "Universal": "Etc/UTC", "Zulu": "Etc/UTC", "Etc/UCT": "Etc/UTC", "Etc/Universal": "Etc/UTC", "Etc/Zulu": "Etc/UTC",
	"GMT": "Etc/GMT", "GMT0": "Etc/GMT", "GMT+0": "Etc/GMT", "GMT-0": "Etc/GMT", "Greenwich": "Etc/GMT",
	"Cuba": "America/Havana", "Egypt": "Africa/Cairo", "Eire": "Europe/Dublin", "GB": "Europe/London", "GB-Eire": "Europe/London",
	"Hongkong": "Asia/Hong_Kong", "Iceland": "Atlantic/Reykjavik", "Iran": "Asia/Tehran", "Israel": "Asia/Jerusalem", "Jamaica": "America/Jamaica",
	"Japan": "Asia/Tokyo", "Kwajalein": "Pacific/Kwajalein", "Libya": "Africa/Tripoli", "NZ": "Pacific/Auckland", "NZ-CHAT": "Pacific/Chatham",
	"Navajo": "America/Denver", "PRC": "Asia/Shanghai", "Poland": "Europe/Warsaw", "Portugal": "Europe/Lisbon", "ROC": "Asia/Taipei",
	"ROK": "Asia/Seoul", "Singapore": "Asia/Singapore", "Turkey": "Europe/Istanbul", "W-SU": "Europe/Moscow",
	"CET": "Europe/Brussels", "MET": "Europe/Brussels", "EET": "Europe/Athens", "WET": "Europe/Lisbon",
	"EST": "America/Panama", "MST": "America/Phoenix", "HST": "Pacific/Honolulu",
	"EST5EDT": "America/New_York", "CST6CDT": "America/Chicago", "MST7MDT": "America/Denver", "PST8PDT": "America/Los_Angeles",
}

// ZoneName is the TZID of a zone: its IANA name, with the area.
func ZoneName(zone *time.Location) string {
	if name, ok := area[zone.String()]; ok {
		return name
	}
	return zone.String()
}

// windows are the zones that Outlook and Exchange write by names of their own,
// as far as CLDR's windowsZones gives them to a place people meet in.
var windows = map[string]string{
	"utc": "Etc/UTC", "gmt standard time": "Europe/London", "greenwich standard time": "Africa/Abidjan",
	"w. europe standard time": "Europe/Berlin", "romance standard time": "Europe/Paris", "central europe standard time": "Europe/Budapest",
	"central european standard time": "Europe/Warsaw", "gtb standard time": "Europe/Bucharest", "fle standard time": "Europe/Kyiv",
	"e. europe standard time": "Europe/Chisinau", "russian standard time": "Europe/Moscow", "turkey standard time": "Europe/Istanbul",
	"israel standard time": "Asia/Jerusalem", "egypt standard time": "Africa/Cairo", "south africa standard time": "Africa/Johannesburg",
	"w. central africa standard time": "Africa/Lagos", "e. africa standard time": "Africa/Nairobi", "morocco standard time": "Africa/Casablanca",
	"arabian standard time": "Asia/Dubai", "arab standard time": "Asia/Riyadh", "iran standard time": "Asia/Tehran",
	"pakistan standard time": "Asia/Karachi", "india standard time": "Asia/Kolkata", "nepal standard time": "Asia/Kathmandu",
	"bangladesh standard time": "Asia/Dhaka", "se asia standard time": "Asia/Bangkok", "china standard time": "Asia/Shanghai",
	"singapore standard time": "Asia/Singapore", "taipei standard time": "Asia/Taipei", "tokyo standard time": "Asia/Tokyo",
	"korea standard time": "Asia/Seoul", "w. australia standard time": "Australia/Perth", "cen. australia standard time": "Australia/Adelaide",
	"aus central standard time": "Australia/Darwin", "e. australia standard time": "Australia/Brisbane", "aus eastern standard time": "Australia/Sydney",
	"new zealand standard time": "Pacific/Auckland", "hawaiian standard time": "Pacific/Honolulu", "alaskan standard time": "America/Anchorage",
	"pacific standard time": "America/Los_Angeles", "us mountain standard time": "America/Phoenix", "mountain standard time": "America/Denver",
	"central standard time": "America/Chicago", "eastern standard time": "America/New_York", "atlantic standard time": "America/Halifax",
	"newfoundland standard time": "America/St_Johns", "sa pacific standard time": "America/Bogota", "venezuela standard time": "America/Caracas",
	"e. south america standard time": "America/Sao_Paulo", "argentina standard time": "America/Buenos_Aires", "pacific sa standard time": "America/Santiago",
}

// findZone returns the zone that a foreign calendar means by a TZID; location is
// the X-LIC-LOCATION of its VTIMEZONE, or "".
func findZone(tzid, location string) (*time.Location, bool) {
	tzid = strings.Trim(tzid, `"`)
	names := []string{tzid, windows[strings.ToLower(tzid)], location}
	if parts := strings.Split(tzid, "/"); len(parts) > 2 { // "/example.org/20240101/Europe/Berlin"
		n := len(parts)
		names = append(names, strings.Join(parts[n-2:], "/"), strings.Join(parts[n-3:], "/"))
	}
	for _, name := range names {
		if full, ok := area[name]; ok {
			name = full
		}
		if !strings.Contains(name, "/") || strings.HasPrefix(name, "/") {
			continue // "Local", and abbreviations
		}
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, true
		}
	}
	return nil, false
}
