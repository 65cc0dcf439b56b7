package announce

import (
	"html"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// page is a letter that is being written, in both forms at once.
type page struct {
	reader  Reader
	now     time.Time
	subject string
	text    strings.Builder
	html    strings.Builder
}

// longestSubject is how many bytes of a subject are shown nearly everywhere.
const longestSubject = 120

func (p *page) letter() Letter {
	return Letter{
		Subject: cut(clean(p.subject), longestSubject),
		Text:    strings.TrimRight(p.text.String(), "\n") + "\n",
		HTML:    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + html.EscapeString(clean(p.subject)) + "</title></head><body>\n" + p.html.String() + "</body></html>\n",
	}
}

// url is a page of the portal.
func (p *page) url(path string) string { return p.reader.Base + path }

// put writes text, and what stands for it in HTML.
func (p *page) put(text, markup string) {
	p.text.WriteString(text + "\n\n")
	p.html.WriteString(markup + "\n")
}

func (p *page) para(text string) {
	if text != "" {
		p.put(text, "<p>"+html.EscapeString(text)+"</p>")
	}
}

// head is the title of what the letter is about, with where that is.
func (p *page) head(title, url string) {
	title = clean(title)
	p.put(title+"\n"+url, `<h1><a href="`+html.EscapeString(url)+`">`+html.EscapeString(title)+"</a></h1>")
}

func (p *page) heading(text string) {
	p.put(text+"\n"+strings.Repeat("-", len(text)), "<h2>"+html.EscapeString(text)+"</h2>")
}

// link is an address with what it is for; without that it stands for itself.
func (p *page) link(what, url string) {
	if what == "" {
		p.put(url, `<p><a href="`+html.EscapeString(url)+`">`+html.EscapeString(url)+"</a></p>")
		return
	}
	p.put(what+":\n"+url, `<p><a href="`+html.EscapeString(url)+`">`+html.EscapeString(what)+"</a></p>")
}

// entry is one of a list: a title with its address, and a line about it.
func (p *page) entry(title, url, about string) {
	title = clean(title)
	text, markup := "* "+title, `<p><a href="`+html.EscapeString(url)+`">`+html.EscapeString(title)+"</a>"
	if about != "" {
		text, markup = text+"\n  "+about, markup+"<br>"+html.EscapeString(about)
	}
	p.put(text+"\n  "+url, markup+"</p>")
}

func (p *page) list(entries []string) {
	text, markup := "", "<ul>"
	for _, e := range entries {
		e = clean(e)
		text += "* " + e + "\n"
		markup += "<li>" + html.EscapeString(e) + "</li>"
	}
	p.put(strings.TrimRight(text, "\n"), markup+"</ul>")
}

// rows are pairs of a label and what it says; empty ones are left out.
func (p *page) rows(pairs ...string) {
	text, markup := "", ""
	for i := 0; i+1 < len(pairs); i += 2 {
		label, said := pairs[i], pairs[i+1]
		if said == "" {
			continue
		}
		text += label + ": " + said + "\n"
		markup += "<p>" + html.EscapeString(label) + ": " + html.EscapeString(said) + "</p>"
	}
	if text != "" {
		p.put(strings.TrimRight(text, "\n"), markup)
	}
}

// body is what somebody wrote, with its markup where that is safe.
func (p *page) body(text, markup string) {
	if markup == "" {
		markup = "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\n") + "</p>"
	}
	p.put(strings.TrimSpace(text), withoutPictures(markup))
}

// withoutPictures takes pictures out of HTML that is safe otherwise: who sends
// them would learn who opened the mail.
func withoutPictures(markup string) string {
	var b strings.Builder
	for {
		i := strings.Index(markup, "<img")
		if i < 0 {
			b.WriteString(markup)
			return b.String()
		}
		b.WriteString(markup[:i])
		end := strings.IndexByte(markup[i:], '>')
		if end < 0 {
			return b.String()
		}
		markup = markup[i+end+1:]
	}
}

// zone is the zone that times are written in for the reader: their own, or else
// the given one.
func (p *page) zone(name string) *time.Location {
	for _, z := range []string{p.reader.Zone, name} {
		if loc, err := time.LoadLocation(z); err == nil && z != "" && loc != time.Local {
			return loc
		}
	}
	return time.UTC
}

// at writes an instant in the reader's zone, and in that of what happens then.
func (p *page) at(t time.Time, zone string) string {
	if p.reader.Zone == "" || p.reader.Zone == zone || p.zone(zone).String() != p.reader.Zone {
		return When(t, zone)
	}
	own := t.In(p.zone(zone))
	text := own.Format("Mon 2 Jan 2006 15:04") + " your time (" + p.reader.Zone + ")"
	if zone == "" {
		return text
	}
	there, err := time.LoadLocation(zone)
	if err != nil || there == time.Local {
		return text
	}
	local := t.In(there)
	layout := "15:04"
	if local.Day() != own.Day() {
		layout = "Mon 2 Jan 15:04"
	}
	if there == time.UTC {
		return text + " = " + local.Format(layout) + " UTC"
	}
	return text + " = " + local.Format(layout) + abbreviation(local) + " (" + zone + ")"
}

// when says when a session is.
func (p *page) when(s hackfest.Session) {
	p.rows("When", p.at(s.StartsAt, s.Zone), "For", span(s.EndsAt.Sub(s.StartsAt)))
}

// next is the next session of a series.
func (p *page) next(s *hackfest.Session) {
	if s == nil {
		return
	}
	p.heading("The next one")
	p.entry(s.Title, p.url("/sessions/"+s.Slug), p.at(s.StartsAt, s.Zone))
}

// dates leads to all dates of the series of s: what became of many of them at once
// is told by one letter, about the soonest.
func (p *page) dates(s hackfest.Session) {
	if s.SeriesSlug != "" {
		p.link("All dates of "+clean(s.SeriesTitle), p.url("/series/"+s.SeriesSlug))
	}
}

// end says why this came and how it stops.
func (p *page) end() {
	why := "because of what you follow on " + p.reader.Community
	if p.reader.Why != "" {
		why = "because you follow " + clean(p.reader.Why)
	}
	p.text.WriteString("-- \n")
	p.html.WriteString("<hr>\n")
	p.put("You get this "+why+".\nChange what you get, or stop it:\n"+p.reader.Preferences,
		"<p>You get this "+html.EscapeString(why)+`. <a href="`+html.EscapeString(p.reader.Preferences)+`">Change what you get, or stop it</a>.</p>`)
}
