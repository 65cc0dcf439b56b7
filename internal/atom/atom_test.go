package atom

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var noon = time.Date(2012, 8, 15, 12, 0, 0, 0, time.UTC)

func sample() Feed {
	return Feed{
		ID: ID("feed", "minutes"), Title: "Minutes", Self: "https://x.org/feeds/minutes.atom?a=1&b=2", Alternate: "https://x.org/minutes",
		Entries: []Entry{
			{
				ID: ID("minutes", "b"), Title: "Wednesday & <b>more</b>", Link: "https://x.org/meetings/b", Published: noon,
				Updated: noon.Add(time.Hour + 5*time.Millisecond), Author: "ann", Summary: "It runs.", HTML: "<p>It runs &amp; <a href=\"https://x.org/l/1\">rests</a>.</p>",
			},
			{ID: ID("minutes", "a"), Title: "Tuesday", Link: "https://x.org/meetings/a", Updated: noon.In(time.FixedZone("PDT", -7*3600))},
		},
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
 <id>urn:uuid:FEED</id>
 <title>Minutes</title>
 <updated>2012-08-15T13:00:00.005Z</updated>
 <link rel="self" type="application/atom+xml" href="https://x.org/feeds/minutes.atom?a=1&amp;b=2"></link>
 <link rel="alternate" type="text/html" href="https://x.org/minutes"></link>
 <author>
  <name>Minutes</name>
 </author>
 <entry>
  <id>urn:uuid:B</id>
  <title>Wednesday &amp; &lt;b&gt;more&lt;/b&gt;</title>
  <link rel="alternate" type="text/html" href="https://x.org/meetings/b"></link>
  <published>2012-08-15T12:00:00Z</published>
  <updated>2012-08-15T13:00:00.005Z</updated>
  <author>
   <name>ann</name>
  </author>
  <summary>It runs.</summary>
  <content type="html">&lt;p&gt;It runs &amp;amp; &lt;a href=&#34;https://x.org/l/1&#34;&gt;rests&lt;/a&gt;.&lt;/p&gt;</content>
 </entry>
 <entry>
  <id>urn:uuid:A</id>
  <title>Tuesday</title>
  <link rel="alternate" type="text/html" href="https://x.org/meetings/a"></link>
  <updated>2012-08-15T12:00:00Z</updated>
 </entry>
</feed>
`
	f := sample()
	got := strings.NewReplacer(f.ID, "urn:uuid:FEED", f.Entries[0].ID, "urn:uuid:B", f.Entries[1].ID, "urn:uuid:A").Replace(string(f.Bytes()))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if again := sample().Bytes(); !bytes.Equal(again, f.Bytes()) {
		t.Error("the same feed is not the same bytes")
	}
}

func TestBytesOfNothing(t *testing.T) {
	t.Parallel()
	f := Feed{ID: ID("feed", "x"), Title: "Nothing yet", Self: "https://x.org/x.atom"}
	body := string(f.Bytes())
	check(t, []byte(body))
	if !strings.Contains(body, "<updated>1970-01-01T00:00:00Z</updated>") || strings.Contains(body, "alternate") || !f.Modified().IsZero() {
		t.Errorf("got %s", body)
	}
	f.Updated = noon
	if !strings.Contains(string(f.Bytes()), "<updated>2012-08-15T12:00:00Z</updated>") {
		t.Errorf("got %s", f.Bytes())
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	const want = "urn:uuid:"
	id := ID("minutes", "01hv")
	if id != ID("minutes", "01hv") || id == ID("minutes", "01hw") || id == ID("session", "01hv") {
		t.Error("an ID is not its thing's alone")
	}
	if len(id) != len(want)+36 || id[:len(want)] != want || id[len(want)+14] != '8' || !strings.ContainsRune("89ab", rune(id[len(want)+19])) {
		t.Errorf("%s is no UUID of version 8", id)
	}
	if id != strings.ToLower(id) {
		t.Errorf("%s is not normalised", id)
	}
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"markup", "<script>alert(1)</script>", "<script>alert(1)</script>"},
		{"end of CDATA", "a]]>b", "a]]>b"},
		{"entity", "&amp; &#0; &bomb;", "&amp; &#0; &bomb;"},
		{"what XML forbids", "a\x00b\x0bc\uFFFEd\uFFFFe", "abcde"},
		{"control characters", "a\tb\r\nc\x7fd\u0085e\u2028f", "a b c d e f"},
		{"no UTF-8", "a\xff\xfeb", "ab"},
		{"direction", "user\u202egnp.exe\u2066x\u200f", "usergnp.exex"},
		{"far planes", "\U0001F600\U000E0041", "\U0001F600\U000E0041"},
		{"bare carriage return", "a\rb", "ab"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := sample()
			f.Title, f.Author, f.Entries[0].Title, f.Entries[0].Author, f.Entries[0].Summary = tt.text, tt.text, tt.text, tt.text, tt.text
			d := check(t, f.Bytes())
			e := d.Entries[0]
			for what, got := range map[string]string{"title": d.Title, "author": d.Author.Name, "entry": e.Title, "name": e.Author.Name, "summary": e.Summary} {
				if got != tt.want {
					t.Errorf("%s is %q, want %q", what, got, tt.want)
				}
			}
		})
	}
}

// check reads a feed back and fails without what RFC 4287 requires.
func check(t *testing.T, body []byte) feed {
	t.Helper()
	var d feed
	dec := xml.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("not well-formed: %v\n%s", err, body)
	}
	if _, err := dec.Token(); err != io.EOF {
		if _, err = dec.Token(); err != io.EOF { // the line end behind the feed
			t.Fatalf("something stands behind the feed: %v", err)
		}
	}
	if !utf8.Valid(body) {
		t.Error("not UTF-8")
	}
	if d.XMLName != (xml.Name{Space: "http://www.w3.org/2005/Atom", Local: "feed"}) || d.ID == "" || len(d.Links) == 0 || d.Links[0].Rel != "self" {
		t.Errorf("a required element is missing: %+v", d)
	}
	times := []string{d.Updated}
	for _, e := range d.Entries {
		if e.ID == "" || e.Link.Rel != "alternate" {
			t.Errorf("a required element is missing: %+v", e)
		}
		times = append(times, e.Updated)
	}
	for _, at := range times {
		if _, err := time.Parse(time.RFC3339Nano, at); err != nil {
			t.Error(err)
		}
	}
	return d
}

func FuzzFeed(f *testing.F) {
	f.Add("Minutes", "a & b", "It runs.", "<p>x</p>", "https://x.org/1?a=1&b=2", int64(1345032000))
	f.Add("\x00\xff", "]]>", "\u202e&#x0;", "<!-- -- ]]> <![CDATA[", "javascript:\"'<>", int64(-1))
	f.Fuzz(func(t *testing.T, title, author, summary, html, href string, at int64) {
		in := Feed{ID: ID("feed", title), Title: title, Author: author, Self: href, Alternate: href, Entries: []Entry{
			{ID: ID("e", title), Title: title, Link: href, Author: author, Summary: summary, HTML: html, Updated: time.Unix(at%(1<<37), 0), Published: noon},
			{ID: ID("e", html), Title: summary, Link: href, Updated: noon},
		}}
		d := check(t, in.Bytes())
		if len(d.Entries) != 2 || d.Title != text(title) || d.Entries[0].Summary != text(summary) {
			t.Errorf("read back %+v", d)
		}
		if html == "" != (d.Entries[0].Content == nil) || html != "" && d.Entries[0].Content.Text != legal(html) {
			t.Errorf("content %q became %+v", html, d.Entries[0].Content)
		}
	})
}
