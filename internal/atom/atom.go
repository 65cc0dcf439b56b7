// Package atom writes Atom feeds (RFC 4287). What people wrote is text in them
// whatever it holds: markup is escaped, and characters that XML cannot carry or
// that turn the direction of the text around them are left out. The same feed is
// the same bytes each time. It reads no feeds, and knows neither what they are
// about nor who may read them.
package atom

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"strings"
	"time"
	"unicode/utf8"
)

// ContentType is the media type of a feed (RFC 4287 section 7).
const ContentType = "application/atom+xml; charset=utf-8"

// Feed is a feed: RFC 4287 section 4.1.1.
type Feed struct {
	ID        string    // of the feed, for ever; see ID
	Title     string    // plain text
	Self      string    // its own absolute address
	Alternate string    // absolute address of the page that shows the same; "" when there is none
	Author    string    // of entries that name none; "" is the title
	Updated   time.Time // used when no entry is newer; may be zero
	Entries   []Entry   // in the order in which they are written: newest first
}

// Entry is one entry: RFC 4287 section 4.1.2.
type Entry struct {
	ID        string    // for ever, through all corrections; see ID
	Title     string    // plain text
	Link      string    // absolute address of what it is about
	Published time.Time // when it appeared first; zero leaves it out
	Updated   time.Time // when it last changed in a way that readers should see
	Author    string    // plain text; "" is the feed's
	Summary   string    // plain text; "" leaves it out
	HTML      string    // all of it, safe and with absolute links; "" leaves it out
}

// ID makes an identifier from what a thing is and its own name for itself, one
// that never changes: not an address and not a slug, both of which do. It is a
// UUID of the free form (RFC 9562 section 5.8) made of their hash, as a URN.
func ID(kind, name string) string {
	sum := sha256.Sum256([]byte("hackfest " + kind + " " + name))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	x := hex.EncodeToString(u)
	return "urn:uuid:" + strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")
}

// Modified is when anything in f last changed: the newest of its entries, or
// f.Updated when that is newer. It is zero when f knows no time at all.
func (f Feed) Modified() time.Time {
	newest := f.Updated
	for _, e := range f.Entries {
		if e.Updated.After(newest) {
			newest = e.Updated
		}
	}
	return newest
}

// Bytes is f as a document.
func (f Feed) Bytes() []byte {
	author := f.Author
	if author == "" {
		author = f.Title
	}
	doc := feed{
		XMLName: xml.Name{Space: "http://www.w3.org/2005/Atom", Local: "feed"},
		Lang:    "en", ID: legal(f.ID), Title: text(f.Title), Updated: stamp(f.Modified()),
		Links:  []link{{Rel: "self", Type: "application/atom+xml", Href: legal(f.Self)}},
		Author: named{text(author)},
	}
	if f.Alternate != "" {
		doc.Links = append(doc.Links, link{Rel: "alternate", Type: "text/html", Href: legal(f.Alternate)})
	}
	for _, e := range f.Entries {
		doc.Entries = append(doc.Entries, e.element())
	}
	body, err := xml.MarshalIndent(doc, "", " ")
	if err != nil {
		panic(err) // strings only, which always can be written
	}
	return append([]byte(xml.Header), append(body, '\n')...)
}

// element is e as it is written.
func (e Entry) element() entry {
	x := entry{
		ID: legal(e.ID), Title: text(e.Title), Updated: stamp(e.Updated), Summary: text(e.Summary),
		Link: link{Rel: "alternate", Type: "text/html", Href: legal(e.Link)},
	}
	if !e.Published.IsZero() {
		x.Published = stamp(e.Published)
	}
	if name := text(e.Author); name != "" {
		x.Author = &named{name}
	}
	if e.HTML != "" {
		x.Content = &content{Type: "html", Text: legal(e.HTML)}
	}
	return x
}

// The elements, in the order in which they are written.
type (
	feed struct {
		XMLName xml.Name
		Lang    string  `xml:"xml:lang,attr"`
		ID      string  `xml:"id"`
		Title   string  `xml:"title"`
		Updated string  `xml:"updated"`
		Links   []link  `xml:"link"`
		Author  named   `xml:"author"`
		Entries []entry `xml:"entry"`
	}
	entry struct {
		ID        string   `xml:"id"`
		Title     string   `xml:"title"`
		Link      link     `xml:"link"`
		Published string   `xml:"published,omitempty"`
		Updated   string   `xml:"updated"`
		Author    *named   `xml:"author"`
		Summary   string   `xml:"summary,omitempty"`
		Content   *content `xml:"content"`
	}
	link struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	}
	named struct {
		Name string `xml:"name"`
	}
	content struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	}
)

// stamp writes an instant as RFC 3339 in UTC. A feed that knows no time, or one
// that cannot be written, was last changed at the beginning of 1970: the element
// must be there.
func stamp(at time.Time) string {
	if y := at.UTC().Year(); y <= 1 || y > 9999 {
		at = time.Unix(0, 0)
	}
	return at.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
}

// text is s as one line of plain text: control characters become blanks, and
// what turns the direction of the text around it goes (UAX 9 section 2).
func text(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
			return -1
		case r < ' ', r >= 0x7F && r < 0xA0, r == 0x2028, r == 0x2029:
			return ' '
		}
		return r
	}, legal(s))
	return strings.Join(strings.Fields(s), " ")
}

// legal leaves out what XML cannot carry, also not escaped (XML 1.0 section
// 2.2), and bytes that are no UTF-8.
func legal(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			return -1
		}
		return r
	}, s)
}
