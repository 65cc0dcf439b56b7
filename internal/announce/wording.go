package announce

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

const (
	maxLine  = 300   // bytes of one line; it fits 512 with any prefix, command and channel
	maxTitle = 90    // bytes of a title beside other things
	between  = " · " // the parts of a line
	enough   = 24 * time.Hour
)

// When writes an instant for people anywhere: "Wed 28 Oct 2026 12:00 PDT
// (America/Los_Angeles) = 19:00 UTC". zone is an IANA name; what is none is UTC.
func When(at time.Time, zone string) string {
	at = at.UTC()
	loc, err := time.LoadLocation(zone)
	if err != nil || loc == time.UTC || loc == time.Local {
		return at.Format("Mon 2 Jan 2006 15:04 UTC")
	}
	local := at.In(loc)
	return local.Format("Mon 2 Jan 2006 15:04") + abbreviation(local) + " (" + zone + ") = " + inUTC(local)
}

// short is When for lists: without the zone's name, and with the year only when
// it is not this one.
func short(at, now time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil || loc == time.Local {
		loc = time.UTC
	}
	local, layout := at.In(loc), "Mon 2 Jan 15:04"
	if local.Year() != now.In(loc).Year() {
		layout = "Mon 2 Jan 2006 15:04"
	}
	if loc == time.UTC {
		return local.Format(layout + " UTC")
	}
	name := abbreviation(local)
	if name == "" {
		name = " " + loc.String()
	}
	return local.Format(layout) + name + " = " + inUTC(local)
}

// hour is the time of a day, without its date.
func hour(at time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil || loc == time.UTC || loc == time.Local {
		return at.UTC().Format("15:04 UTC")
	}
	local := at.In(loc)
	return local.Format("15:04") + abbreviation(local) + " (" + zone + ") = " + inUTC(local)
}

// abbreviation is the short name of a time's zone with a blank before it, "" for
// zones that have only a number.
func abbreviation(local time.Time) string {
	name, _ := local.Zone()
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return ""
	}
	return " " + name
}

// inUTC writes a time in UTC beside itself: with its date when that is another.
func inUTC(local time.Time) string {
	utc := local.UTC()
	if utc.Day() != local.Day() {
		return utc.Format("Mon 2 Jan 15:04 UTC")
	}
	return utc.Format("15:04 UTC")
}

// span writes how long something takes, rounded up to a minute.
func span(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch h, m := minutes/60, minutes%60; {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	default:
		return fmt.Sprintf("%d h %d min", h, m)
	}
}

// clean makes what people typed fit for a line of ours: one line, without
// formatting, controls, and marks that turn text around.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, irctext.Strip(text))
	return strings.Join(strings.Fields(text), " ")
}

// cut shortens text to at most n bytes, at the border of a word where one is
// near and never within a character.
func cut(text string, n int) string {
	const sign = "…"
	if len(text) <= n {
		return text
	}
	n -= len(sign)
	if n <= 0 {
		return ""
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	if blank := strings.LastIndexByte(text[:n+1], ' '); blank > n*2/3 {
		n = blank
	}
	return strings.TrimRight(text[:n], " ,.;:·") + sign
}

// title is a title as it stands in a line.
func title(text string) string { return cut(clean(text), maxTitle) }

// join puts the parts of a line together; empty ones are left out.
func join(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, between)
}

// pack fills at most lines lines of at most size bytes with entries, and ends
// with where there is more. lead begins the first line; none begins with what
// people typed. more says that there are entries beyond these.
func pack(lead string, entries []string, url string, more bool, lines, size int) []string {
	const bar, goesOn, rest = " | ", "… ", " | … more at "
	out := []string{lead}
	for i, e := range entries {
		e = cut(e, max(size-len(lead)-len(goesOn)-len(rest)-len(url), 40))
		last, sep := len(out) == lines, bar
		if i == 0 {
			sep = ""
		}
		room := size
		if last {
			room -= len(rest) + len(url)
		}
		now := &out[len(out)-1]
		switch {
		case len(*now)+len(sep)+len(e) <= room:
			*now += sep + e
		case !last:
			out = append(out, goesOn+e)
		default:
			return append(out[:len(out)-1], *now+rest+url)
		}
	}
	end := " · " + url
	if more {
		end = rest + url
	}
	if now := &out[len(out)-1]; len(*now)+len(end) <= size || len(out) == lines {
		*now += end
		return out
	}
	return append(out, goesOn+strings.TrimLeft(end, " |·…"))
}
