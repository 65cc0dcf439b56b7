package templates

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// fullTitle is the page's title with the community's name; home is the
// community itself.
func (f Frame) fullTitle() string {
	if f.Title == "" {
		return f.Community
	}
	return f.Title + " · " + f.Community
}

// suffix stands behind the community's name in the header, unless that says it
// already.
func (f Frame) suffix() string {
	if strings.EqualFold(f.Community, "hackfest") {
		return ""
	}
	return "hackfest"
}

func (f Frame) preview() string {
	if f.Preview != "" {
		return f.Preview
	}
	return f.fullTitle()
}

// hours is how the script writes times of day.
func (f Frame) hours() string {
	if f.Clock.Twelve {
		return "12"
	}
	return "24"
}

// trimStop leaves out the full stop at the end of a sentence that others wrote.
func trimStop(s string) string { return strings.TrimSuffix(strings.TrimSpace(s), ".") }

func number(n int) string { return strconv.Itoa(n) }

// current marks the menu entry or filter that is shown now.
func current(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

// SessionURL is the path of a session's page.
func SessionURL(slug string) string { return "/sessions/" + url.PathEscape(slug) }

// SeriesURL is the path of a series' page.
func SeriesURL(slug string) string { return "/series/" + url.PathEscape(slug) }

// SeriesFeedURL is the path of a series' feed.
func SeriesFeedURL(slug string) string { return "/feeds/series/" + url.PathEscape(slug) + ".atom" }

// PersonURL is the path of a person's page.
func PersonURL(name string) string { return "/people/" + url.PathEscape(name) }

// TargetURL is the path of a target's page.
func TargetURL(slug string) string { return "/targets/" + url.PathEscape(slug) }

// LineURL is the path that leads to a line in its log.
func LineURL(ref hackfest.Ref) string { return "/l/" + ref.String() }

// LogURL is the path of a channel's log. path is the channel's, not encoded.
func LogURL(network, path string) string {
	return "/logs/" + url.PathEscape(network) + "/" + url.PathEscape(path)
}
