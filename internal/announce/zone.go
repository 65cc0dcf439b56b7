package announce

import (
	"regexp"
	"strings"
	"time"
)

// zoneName is what the name of a zone may look like before it is looked up.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}$`)

// known are words people use for a zone that are no names of one.
var known = map[string]string{
	"pacific": "America/Los_Angeles", "mountain": "America/Denver", "central": "America/Chicago", "eastern": "America/New_York",
	"san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles", "portland": "America/Los_Angeles",
	"austin": "America/Chicago", "boston": "America/New_York", "washington": "America/New_York",
	"india": "Asia/Kolkata", "bengaluru": "Asia/Kolkata", "bangalore": "Asia/Kolkata", "mumbai": "Asia/Kolkata",
	"delhi": "Asia/Kolkata", "chennai": "Asia/Kolkata", "beijing": "Asia/Shanghai", "japan": "Asia/Tokyo",
	"utc": "UTC", "gmt": "UTC", "z": "UTC",
}

// FindZone returns the IANA name of the zone that people mean by text: the name
// itself, or the city in it, in any case, with blanks or underscores. "" means
// that there is none.
func FindZone(text string) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "_", " ")), " ")
	folded := strings.ToLower(text)
	if name, ok := known[folded]; ok {
		return name
	}
	if folded == "" || folded == "local" {
		return ""
	}
	for _, p := range places {
		for name := range strings.FieldsSeq(p.names) {
			full := strings.ToLower(p.area + "/" + strings.ReplaceAll(name, "_", " "))
			if full == folded || strings.HasSuffix(full, "/"+folded) {
				return p.area + "/" + name
			}
		}
	}
	if name := strings.ReplaceAll(text, " ", "_"); zoneName.MatchString(name) { // US/Pacific, CET
		if _, err := time.LoadLocation(name); err == nil {
			return name
		}
	}
	return ""
}
