package logformat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

var aug10 = time.Date(2012, 8, 10, 0, 0, 0, 0, time.UTC)

// show writes lines for comparison: time, kind, who and what.
func show(lines []hackfest.Line) string {
	var out []string
	for _, l := range lines {
		mark := ""
		if l.Op {
			mark += "@"
		}
		if l.Bot {
			mark += "*"
		}
		if l.OffRecord {
			mark += "!"
		}
		who := l.Nick
		if l.Target != "" {
			who += ">" + l.Target
		}
		out = append(out, fmt.Sprintf("%s %s %s%s %q", l.At.Format("2006-01-02T15:04:05Z07:00"), l.Kind, mark, who, l.Text))
	}
	return strings.Join(out, "\n")
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, log  string
		options    Options
		wantFormat string
		want       string
		skipped    int
	}{
		{
			name: "meetbot", options: Options{Date: aug10}, wantFormat: "meetbot",
			log:  "18:17:03 <ann> hello  there\n18:17:04 * bob waves\n18:17:05 * bob\n",
			want: "2012-08-10T18:17:03Z message ann \"hello  there\"\n2012-08-10T18:17:04Z action bob \"waves\"\n2012-08-10T18:17:05Z action bob \"\"",
		},
		{
			name: "a spoken line that begins with * is no /me", options: Options{Date: aug10}, wantFormat: "meetbot",
			log:  "18:17:03 <ann> * bob waves",
			want: `2012-08-10T18:17:03Z message ann "* bob waves"`,
		},
		{
			name: "minutes only, room for a mark", options: Options{Date: aug10}, wantFormat: "hhmm",
			log:  "18:17 < ann> hi\n18:17 <@bob> hi\n18:18 <+carol> hi\n18:18  * ann waves\n18:19 <dave>hi",
			want: "2012-08-10T18:17:00Z message ann \"hi\"\n2012-08-10T18:17:00Z message @bob \"hi\"\n2012-08-10T18:18:00Z message carol \"hi\"\n2012-08-10T18:18:00Z action ann \"waves\"\n2012-08-10T18:19:00Z message dave \"hi\"",
		},
		{
			name: "brackets", options: Options{Date: aug10}, wantFormat: "brackets",
			log:  "[18:17:03] <@ann> hi\n[18:17:04] * ann waves\n[18:18] <bob> without seconds",
			want: "2012-08-10T18:17:03Z message @ann \"hi\"\n2012-08-10T18:17:04Z action ann \"waves\"\n2012-08-10T18:18:00Z message bob \"without seconds\"",
		},
		{
			name: "iso in all its ways", wantFormat: "iso", skipped: 1,
			log: "2012-08-10T18:17:03Z <ann> a\n2012-08-10T20:17:03+02:00 <ann> b\n2012-08-10T20:17:03+0200  * ann c\n" +
				"[2012-08-10 18:17:03] <ann> d\n2012-08-10 18:17:03.500 <ann> e\n2012-08-10T18:17 <ann> f\n2012-13-10T18:17:03Z <ann> no such month",
			want: "2012-08-10T18:17:03Z message ann \"a\"\n2012-08-10T18:17:03Z message ann \"b\"\n2012-08-10T18:17:03Z action ann \"c\"\n" +
				"2012-08-10T18:17:03Z message ann \"d\"\n2012-08-10T18:17:03Z message ann \"e\"\n2012-08-10T18:17:00Z message ann \"f\"",
		},
		{
			name: "over midnight, twice", options: Options{Date: aug10}, wantFormat: "hhmm",
			log:  "23:59 <a> 1\n00:00 <a> 2\n23:00 <a> 3\n01:00 <a> 4",
			want: "2012-08-10T23:59:00Z message a \"1\"\n2012-08-11T00:00:00Z message a \"2\"\n2012-08-11T23:00:00Z message a \"3\"\n2012-08-12T01:00:00Z message a \"4\"",
		},
		{
			name: "a clock that goes back a little is no new day", options: Options{Date: aug10}, wantFormat: "meetbot",
			log:  "18:17:03 <a> 1\n18:17:01 <a> 2\n17:20:00 <a> 3",
			want: "2012-08-10T18:17:03Z message a \"1\"\n2012-08-10T18:17:01Z message a \"2\"\n2012-08-10T17:20:00Z message a \"3\"",
		},
		{
			name: "date from the bot, before and after midnight", wantFormat: "meetbot",
			log:  "23:58:00 <ann> early\n00:01:00 <ann> #startmeeting\n00:01:01 <bot> Meeting started Sat Aug 11 00:01:01 2012 UTC.  The chair is ann.\n00:02:00 <ann> later",
			want: "2012-08-10T23:58:00Z message ann \"early\"\n2012-08-11T00:01:00Z message ann \"#startmeeting\"\n2012-08-11T00:01:01Z message *bot \"Meeting started Sat Aug 11 00:01:01 2012 UTC.  The chair is ann.\"\n2012-08-11T00:02:00Z message ann \"later\"",
		},
		{
			name: "a single-digit day", wantFormat: "meetbot",
			log:  "18:00:00 <bot> Meeting started Tue Jun  4 18:00:00 2013 UTC.  The chair is x.",
			want: `2013-06-04T18:00:00Z message *bot "Meeting started Tue Jun  4 18:00:00 2013 UTC.  The chair is x."`,
		},
		{
			name: "HcoopMeetbot addresses the chair", wantFormat: "hhmm",
			log:  "17:00 <bot> ann: Meeting started at 2025-05-07T17:00+0000",
			want: `2025-05-07T17:00:00Z message *bot "ann: Meeting started at 2025-05-07T17:00+0000"`,
		},
		{
			name: "zone from the bot: its clock shows 13:00 at 17:00 UTC", wantFormat: "hhmm",
			log:  "13:00 <bot> ann: Meeting started at 2025-05-07T17:00+0000\n23:30 <ann> late",
			want: "2025-05-07T17:00:00Z message *bot \"ann: Meeting started at 2025-05-07T17:00+0000\"\n2025-05-08T03:30:00Z message ann \"late\"",
		},
		{
			name: "zone from the bot: the day is another", wantFormat: "hhmm",
			log:  "02:00 <bot> ann: Meeting started at 2025-05-07T16:30+0000",
			want: "2025-05-07T16:30:00Z message *bot \"ann: Meeting started at 2025-05-07T16:30+0000\"",
		},
		{
			name: "the bot's clock is past midnight, the log's is not", wantFormat: "meetbot",
			log:  "23:59:58 <bot> Meeting started Sat Aug 11 00:00:01 2012 UTC.\n00:01:00 <a> x",
			want: "2012-08-10T23:59:58Z message *bot \"Meeting started Sat Aug 11 00:00:01 2012 UTC.\"\n2012-08-11T00:01:00Z message a \"x\"",
		},
		{
			name: "a zone far east", wantFormat: "hhmm",
			log:  "06:00 <bot> ann: Meeting started at 2025-05-07T17:00Z",
			want: "2025-05-07T17:00:00Z message *bot \"ann: Meeting started at 2025-05-07T17:00Z\"",
		},
		{
			name: "two meetings, each states its day", wantFormat: "meetbot",
			log:  "18:00:00 <bot> Meeting started Tue Jun  4 18:00:00 2013 UTC.\n18:30:00 <a> x\n18:40:00 <bot> Meeting started Tue Jun 11 18:40:00 2013 UTC.\n18:50:00 <a> y",
			want: "2013-06-04T18:00:00Z message *bot \"Meeting started Tue Jun  4 18:00:00 2013 UTC.\"\n2013-06-04T18:30:00Z message a \"x\"\n2013-06-11T18:40:00Z message *bot \"Meeting started Tue Jun 11 18:40:00 2013 UTC.\"\n2013-06-11T18:50:00Z message a \"y\"",
		},
		{
			name: "--date wins over the bot", options: Options{Date: aug10}, wantFormat: "meetbot",
			log:  "18:00:00 <bot> Meeting started Tue Jun  4 18:00:00 2013 UTC.  The chair is ann.",
			want: `2012-08-10T18:00:00Z message *bot "Meeting started Tue Jun  4 18:00:00 2013 UTC.  The chair is ann."`,
		},
		{
			name: "date from the file's name, the first that is one", options: Options{Name: "x-2012-99-99-2012-08-10.log.txt"}, wantFormat: "hhmm",
			log:  "18:17 <ann> hi",
			want: `2012-08-10T18:17:00Z message ann "hi"`,
		},
		{
			name: "the zone of --zone", options: Options{Date: aug10, Zone: time.FixedZone("", -7*3600)}, wantFormat: "hhmm",
			log:  "18:17 <ann> hi",
			want: `2012-08-11T01:17:00Z message ann "hi"`,
		},
		{
			name: "off the record", options: Options{Date: aug10}, wantFormat: "hhmm",
			log:  "18:17 <ann> [off] secret\n18:17 <ann> open [off] secret\n18:17 * ann [nolog] secret",
			want: "2012-08-10T18:17:00Z message !ann \"\"\n2012-08-10T18:17:00Z message !ann \"open\"\n2012-08-10T18:17:00Z action !ann \"\"",
		},
		{
			name: "a caller who says so is no bot", options: Options{Date: aug10}, wantFormat: "hhmm",
			log:  "18:17 <ann> #startmeeting\n18:17 <ann> Meeting started\n18:30 <bob> Meeting started late, sorry",
			want: "2012-08-10T18:17:00Z message ann \"#startmeeting\"\n2012-08-10T18:17:00Z message ann \"Meeting started\"\n2012-08-10T18:30:00Z message bob \"Meeting started late, sorry\"",
		},
		{
			name: "a bot with words of its own", options: Options{Date: aug10}, wantFormat: "hhmm",
			log:  "18:17 <ann> #startmeeting\n18:17 <robo> Meeting started by ann.",
			want: "2012-08-10T18:17:00Z message ann \"#startmeeting\"\n2012-08-10T18:17:00Z message *robo \"Meeting started by ann.\"",
		},
		{
			name: "talk about a start is not taken for a bot's where a bot is", options: Options{Date: aug10}, wantFormat: "meetbot",
			log:  "18:17:00 <ann> #startmeeting\n18:17:00 <bot> Meeting started Fri Aug 10 18:17:00 2012 UTC.\n18:17:01 <bob> Meeting started late, sorry",
			want: "2012-08-10T18:17:00Z message ann \"#startmeeting\"\n2012-08-10T18:17:00Z message *bot \"Meeting started Fri Aug 10 18:17:00 2012 UTC.\"\n2012-08-10T18:17:01Z message bob \"Meeting started late, sorry\"",
		},
		{
			name: "what is not understood is counted, blank lines are not", options: Options{Date: aug10}, wantFormat: "hhmm", skipped: 3,
			log:  "\xef\xbb\xbf18:17 <ann> hi\r\n\r\n18:18 bob has joined #x\n     more text\n25:00 <a> b\n18:19 <bob> hi",
			want: "2012-08-10T18:17:00Z message ann \"hi\"\n2012-08-10T18:19:00Z message bob \"hi\"",
		},
		{
			name: "bytes of Windows-1252", options: Options{Date: aug10}, wantFormat: "hhmm",
			log: "18:17 <ann> caf\xe9", want: `2012-08-10T18:17:00Z message ann "café"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log, err := Read([]byte(tt.log), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if log.Format != tt.wantFormat || len(log.Skipped) != tt.skipped {
				t.Errorf("format %s, skipped %v, want %s, %d", log.Format, log.Skipped, tt.wantFormat, tt.skipped)
			}
			if got := show(log.Lines); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, log string
		options   Options
		want      []string // in the message
	}{
		{name: "no date", log: "18:17 <ann> hi", want: []string{"--date"}},
		{name: "no date in the name either", log: "18:17 <ann> hi", options: Options{Name: "2012-99-99.log"}, want: []string{"--date"}},
		{name: "no format", log: "Dear diary,\ntoday was nice.\n", want: append(Names(), "not known")},
		{name: "empty", log: "", want: []string{"not known"}},
		{name: "no such format", log: "18:17 <ann> hi", options: Options{Format: "telex"}, want: append(Names(), "telex")},
		{name: "hardly a line fits", log: "18:17 <ann> hi\n" + strings.Repeat("prose\n", 20), options: Options{Date: aug10}, want: []string{"not known"}},
		{name: "an hour that is none", log: "13:02 PM <@thom> hi\n", options: Options{Date: aug10}, want: []string{"not known"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read([]byte(tt.log), tt.options)
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("error %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(fault.Message(err), want) {
					t.Errorf("%q does not name %q", fault.Message(err), want)
				}
			}
		})
	}
}

// Every way of writing a time that is one, and some that are none.
func TestISOTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"2012-08-10T18:17:03Z", "2012-08-10T18:17:03Z"},
		{"2012-08-10T18:17:03.123456+02:00", "2012-08-10T16:17:03.123456Z"},
		{"2012-08-10T18:17:03.1234567891-0730", "2012-08-11T01:47:03.123456789Z"},
		{"2012-08-10T18:17+00:00", "2012-08-10T18:17:00Z"},
		{"2012-02-29T00:00", "2012-02-29T00:00:00Z"},
		{"2013-02-29T00:00", ""},
		{"2012-00-10T00:00", ""},
		{"1975-02-01T00:00", ""},
		{"2012-08-10T18:17:03.Z", ""},
		{"2012-08-10T18:17:03 Z", ""},
		{"2012-08-10T18:17:03+2", ""},
		{"2012-08-10T24:17:03", ""},
		{"2012-08-1\xff T18:17:03", ""},
	} {
		got := ""
		if when, ok := readISO(tt.in); ok {
			got = when.full.UTC().Format(time.RFC3339Nano)
		}
		if got != tt.want {
			t.Errorf("%s is read as %s, want %s", tt.in, got, tt.want)
		}
	}
}

// What is a tag is left out, what only looks like one is text, and entities are
// decoded once.
func TestUntag(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{`<b class="x">a</b> &lt;b&gt; &amp;lt;`, "a <b> &lt;"},
		{"a < b <3 c<", "a < b <3 c<"},
		{"a<!-- <b> -->b<!-- c", "ab<!-- c"},
		{"a<!-- c <b>d</b>", "ad"},
		{"a <b unclosed", "a <b unclosed"},
		{"&nbsp;&#160;&#10;&#0;&bogus;", " \u00a0 \ufffd&bogus;"},
		{"<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"},
	} {
		if got := untag(tt.in); got != tt.want {
			t.Errorf("%s is read as %q, want %q", tt.in, got, tt.want)
		}
	}
	if long := strings.Repeat("<!--<a", 1<<20); untag(long) != long { // in time that grows no faster than the text
		t.Error("a long line was changed")
	}
}

// A line whose bytes were no UTF-8 says so, and no other.
func TestWindows1252IsFlagged(t *testing.T) {
	t.Parallel()
	log, err := Read([]byte("18:17 <ann> caf\xe9\n18:17 <ann> café"), Options{Date: aug10})
	if err != nil || !log.Lines[0].Windows1252 || log.Lines[1].Windows1252 {
		t.Errorf("%+v, %v", log.Lines, err)
	}
}

// Refs do not depend on when a log is read, sort as its lines do, leave room in
// between, and differ from channel to channel.
func TestRefs(t *testing.T) {
	t.Parallel()
	text := []byte("18:17 <ann> one\n18:17 <bob> two\n18:16 <bob> the clock went back\n18:18 <bob> three")
	read := func(channel string) []hackfest.Ref {
		log, err := Read(text, Options{Date: aug10, Network: "freenode", Channel: channel})
		if err != nil {
			t.Fatal(err)
		}
		var list []hackfest.Ref
		for _, l := range log.Lines {
			list = append(list, l.Ref)
		}
		return list
	}
	a, again, other := read("#a"), read("#A"), read("#b")
	if !slices.Equal(a, again) {
		t.Errorf("read twice: %v, then %v", a, again)
	}
	for i := range a {
		if a[i] == other[i] {
			t.Errorf("two channels share %s", a[i])
		}
		if i > 0 && a[i].Compare(a[i-1]) <= 0 {
			t.Errorf("%s does not follow %s", a[i], a[i-1])
		}
	}
	if got := a[0].Time(); !got.Equal(aug10.Add(18*time.Hour + 17*time.Minute)) {
		t.Errorf("time part %s", got)
	}
	if a[1][8] != 0 || a[1][7] != 1 {
		t.Errorf("order %x of the second line, want 000100", a[1][6:9])
	}
}

// Nobody says more than 65,536 lines in one minute, but a file may.
func TestRefsOfOneInstant(t *testing.T) {
	t.Parallel()
	r := newRefs("n", "#c")
	var last hackfest.Ref
	for range perTime + 10 {
		ref := r.next(aug10)
		if ref.Compare(last) <= 0 {
			t.Fatalf("%s does not follow %s", ref, last)
		}
		last = ref
	}
}
