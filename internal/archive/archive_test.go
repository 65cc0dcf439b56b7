package archive

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

var noon = time.Date(2012, 8, 2, 12, 0, 0, 0, time.UTC)

// log makes lines of rows such as "12:00:05 ann hello"; without seconds as in a
// log that has none.
func log(t *testing.T, rows ...string) []hackfest.Line {
	t.Helper()
	var list []hackfest.Line
	for _, row := range rows {
		clock, rest, _ := strings.Cut(row, " ")
		nick, text, _ := strings.Cut(rest, " ")
		if len(clock) == len("12:00") {
			clock += ":00"
		}
		at, err := time.Parse(time.DateTime, "2012-08-02 "+clock)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, hackfest.Line{At: at, ReceivedAt: at, Nick: nick, Kind: hackfest.Message, Text: text})
	}
	return list
}

// merge brings lines in and returns what is there then and how many were missing.
func merge(t *testing.T, have []Stored, come []hackfest.Line) ([]Stored, int) {
	t.Helper()
	exact := PreciseLog(come)
	come = slices.Clone(come)
	place, anchor := Align(have, come, exact, func(nick, text string) []byte { return []byte("mac " + Words(nick, text)) })
	missing, err := RefsOf("net", "#c").Missing(have, come, exact, place, anchor)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[hackfest.Ref]bool{}
	for _, h := range have {
		seen[h.Ref] = true
	}
	all := slices.Clone(have)
	for i, l := range missing {
		if seen[l.Ref] || l.Ref.IsZero() {
			t.Fatalf("ref %s twice", l.Ref)
		}
		if i > 0 && l.Ref.Compare(missing[i-1].Ref) <= 0 {
			t.Fatal("refs do not rise")
		}
		seen[l.Ref] = true
		all = append(all, Stored{Line: l})
	}
	slices.SortFunc(all, func(a, b Stored) int { return a.Ref.Compare(b.Ref) })
	return all, len(missing)
}

func show(list []Stored) string {
	var b strings.Builder
	for _, l := range list {
		fmt.Fprintf(&b, "%s %s %s\n", l.At.Format("15:04:05"), l.Nick, l.Text)
	}
	return b.String()
}

// live makes lines as our bot stores them, with refs of its own.
func live(lines []hackfest.Line) []Stored {
	var list []Stored
	for i, l := range lines {
		l.At = l.At.Add(137 * time.Millisecond)
		l.Ref = hackfest.RefAt(l.At)
		l.Ref[8], l.Ref[15] = byte(i), 7
		list = append(list, Stored{Line: l})
	}
	return list
}

func TestAlign(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		have, come []string
		missing    int
		want       []string // the texts then
	}{
		{"nothing is there", nil, []string{"12:00:01 ann a", "12:00:02 bob b"}, 2, []string{"a", "b"}},
		{
			"all is there, by a clock that is 40 s behind",
			[]string{"12:00:41 ann a", "12:00:42 bob b", "12:00:50 ann c", "12:01:44 ann d"},
			[]string{"12:00:01 ann a", "12:00:02 bob b", "12:00:10 ann c", "12:01:04 ann d"},
			0,
			[]string{"a", "b", "c", "d"},
		},
		{
			"a log without seconds",
			[]string{"12:00:41 ann a", "12:00:59 bob b", "12:01:00 ann c"},
			[]string{"12:00 ann a", "12:01 bob b", "12:01 ann c"},
			0,
			[]string{"a", "b", "c"},
		},
		{
			"a line is missing between two of one minute, in a log without seconds",
			[]string{"12:00:41 ann a", "12:00:43 ann c"},
			[]string{"12:00 ann a", "12:00 bob b", "12:00 ann c"},
			1,
			[]string{"a", "b", "c"},
		},
		{
			"said three times, kept twice",
			[]string{"12:00:41 ann +1", "12:00:43 ann +1"},
			[]string{"12:00 ann +1", "12:00 ann +1", "12:00 ann +1"},
			1,
			[]string{"+1", "+1", "+1"},
		},
		{
			"said again a minute later",
			[]string{"12:00:41 ann hi"},
			[]string{"12:02:41 ann hi"},
			1,
			[]string{"hi", "hi"},
		},
		{
			"heard in another order",
			[]string{"12:00:41 ann a", "12:00:41 bob b", "12:00:43 ann c"},
			[]string{"12:00:41 bob b", "12:00:42 ann a", "12:00:43 ann c"},
			0,
			[]string{"a", "b", "c"},
		},
		{
			"formatting, blanks and case differ",
			[]string{"12:00:41 Ann \x02bold\x02  move "},
			[]string{"12:00:41 ann bold move"},
			0,
			[]string{"\x02bold\x02  move "},
		},
		{
			"the earlier half comes later, cut within a minute",
			[]string{"12:01 ann c", "12:02 ann d"},
			[]string{"12:00 ann a", "12:01 ann b"},
			2,
			[]string{"a", "b", "c", "d"},
		},
		{
			"the later half comes later, cut within a minute",
			[]string{"12:00 ann a", "12:01 ann b"},
			[]string{"12:01 ann c", "12:02 ann d"},
			2,
			[]string{"a", "b", "c", "d"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			have := live(log(t, tt.have...))
			if strings.Contains(tt.name, "cut") { // both halves of a log that was imported
				have, _ = merge(t, nil, log(t, tt.have...))
			}
			all, n := merge(t, have, log(t, tt.come...))
			var texts []string
			for _, l := range all {
				texts = append(texts, l.Text)
			}
			if n != tt.missing || !slices.Equal(texts, tt.want) {
				t.Errorf("%d missing, want %d; then there is\n%s", n, tt.missing, show(all))
			}
			if _, n := merge(t, all, log(t, tt.come...)); n != 0 {
				t.Errorf("%d missing when it comes again", n)
			}
		})
	}
}

// A line whose words are gone is known by the hash of them.
func TestAlignKnowsRedactedLines(t *testing.T) {
	t.Parallel()
	have := live(log(t, "12:00:01 ann hello", "12:00:02 bob my key is 1234", "12:00:03 ann bye"))
	have[1].MAC, have[1].Text = []byte("mac "+Words("bob", "my key is 1234")), ""
	if all, n := merge(t, have, log(t, "12:00 ann hello", "12:00 bob my key is 1234", "12:00 ann bye")); n != 0 {
		t.Errorf("%d missing:\n%s", n, show(all))
	}
}

// Where the hash did not come along, whatever the same person said then and is
// not there is the line that was removed; what others said, or they at another
// time, is not.
func TestAlignFearsForRedactedLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		come    []string
		missing int
	}{
		{"the same log", []string{"12:00:01 ann hello", "12:00:02 bob my key is 1234", "12:00:03 bob bye"}, 0},
		{"without seconds", []string{"12:00 ann hello", "12:00 bob my key is 1234", "12:00 bob bye"}, 0},
		{"one line more of theirs", []string{"12:00:01 ann hello", "12:00:02 bob my key is 1234", "12:00:03 bob well", "12:00:03 bob bye"}, 1},
		{"one of another person", []string{"12:00:01 ann hello", "12:00:02 cat my key is 1234", "12:00:03 bob bye"}, 1},
		{"an hour later", []string{"12:00:01 ann hello", "12:00:03 bob bye", "13:00:02 bob my key is 1234"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			have := live(log(t, "12:00:01 ann hello", "12:00:02 bob my key is 1234", "12:00:03 bob bye"))
			have[1].MAC, have[1].Text = []byte{}, ""
			if all, n := merge(t, have, log(t, tt.come...)); n != tt.missing {
				t.Errorf("%d missing, want %d:\n%s", n, tt.missing, show(all))
			}
		})
	}
}

// What the bot said for somebody on the web is that person's line.
func TestAlignKnowsLinesGivenOnTheWeb(t *testing.T) {
	t.Parallel()
	have := live(log(t, "12:00:01 ann #info a thing"))
	have[0].Kind = hackfest.Web
	if all, n := merge(t, have, log(t, "12:00:02 hackbot From the web, ann: #info a thing")); n != 0 {
		t.Errorf("%d missing:\n%s", n, show(all))
	}
}

// Whatever pieces a log comes in, as long as they overlap, and in whatever order,
// the result is the log.
func TestPiecesMakeTheWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 1))
		seconds := seed%2 == 0
		var whole []hackfest.Line
		at := noon
		for range 20 + r.IntN(150) {
			at = at.Add(time.Duration(r.IntN(30)) * time.Second)
			l := hackfest.Line{At: at, Nick: string(rune('a' + r.IntN(3))), Kind: hackfest.Message, Text: []string{"+1", "hi", "yes", fmt.Sprint(len(whole))}[r.IntN(4)]}
			if !seconds && r.IntN(3) > 0 { // who repeats themselves all the time within minutes cannot be told apart
				l.Text = fmt.Sprint(len(whole))
			}
			if !seconds {
				l.At = at.Truncate(time.Minute)
			}
			l.ReceivedAt = l.At
			whole = append(whole, l)
		}
		var want strings.Builder
		for _, l := range whole {
			fmt.Fprintf(&want, "%s %s %s\n", l.At.Format("15:04:05"), l.Nick, l.Text)
		}
		// An overlap holds a whole minute, since that is how far apart times may be.
		var pieces [][]hackfest.Line
		for begin := 0; ; {
			end := min(len(whole), begin+10+r.IntN(60))
			pieces = append(pieces, whole[begin:end])
			if end == len(whole) {
				break
			}
			back := end - 1
			for back > 0 && whole[end-1].At.Sub(whole[back].At) < 2*time.Minute {
				back--
			}
			if back <= begin {
				pieces[len(pieces)-1] = whole[begin:]
				break
			}
			begin = back
		}
		r.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		var all []Stored
		for _, p := range pieces {
			all, _ = merge(t, all, p)
		}
		if got := show(all); got != want.String() {
			t.Fatalf("seed %d, %d pieces: got\n%swant\n%s", seed, len(pieces), got, want.String())
		}
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	r := RefsOf("net", "#c")
	at := noon
	many := make([]time.Time, 200)
	for i := range many {
		many[i] = at
	}
	first, err := r.Between(hackfest.Ref{}, hackfest.Ref{}, many)
	if err != nil {
		t.Fatal(err)
	}
	next := first[1]
	for range 3 { // squeezed in again and again
		refs, err := r.Between(first[0], next, many[:60])
		if err != nil {
			t.Fatal(err)
		}
		last := first[0]
		for _, ref := range refs {
			if ref.Compare(last) <= 0 || ref.Compare(next) >= 0 {
				t.Fatalf("%s is not between %s and %s", ref, last, next)
			}
			last = ref
		}
		next = refs[1]
	}
	if ms, order := parts(first[1]); ms != at.UnixMilli() || order != middle+spacing || !r.Ours(first[1]) {
		t.Errorf("ref %s: time %d, order %d", first[1], ms, order)
	}
	if _, err := r.Between(first[0], first[0].Next(), many[:1]); err == nil {
		t.Error("a ref between two that follow each other")
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	list, left := Sources("meetbot", strings.Fields(`
		index.html style.css notes.gz .hidden
		debian-meeting/2012/debian-meeting.2012-08-10-17.01.log.txt
		debian-meeting/2012/debian-meeting.2012-08-10-17.01.log.html
		debian-meeting/2012/debian-meeting.2012-08-10-17.01.html
		debian-meeting/2012/debian-meeting.2012-08-10-17.01.txt
		teams/famsco/famsco.2013-06-11-20.01.log.html
		bitcoin/2025/bitcoin.2025-05-07-17.00.log.txt
		bitcoin/2025/bitcoin.2025-05-07-17.00.log.json
		irclogs/%23%23ops/%23%23ops.2012-08-10.log.html
		znc/freenode/#c/2012-08-10.log
		some.log`))
	var got strings.Builder
	for _, s := range list {
		fmt.Fprintf(&got, "%s %q", s.Channel, s.Files)
		for _, o := range s.Old {
			fmt.Fprintf(&got, " %s=%s", o.Form, o.Path[strings.LastIndexByte(o.Path, '/')+1:])
		}
		got.WriteString("\n")
	}
	want := `##ops ["irclogs/%23%23ops/%23%23ops.2012-08-10.log.html"] log=%23%23ops.2012-08-10.log.html
#bitcoin ["bitcoin/2025/bitcoin.2025-05-07-17.00.log.json" "bitcoin/2025/bitcoin.2025-05-07-17.00.log.txt"] log=bitcoin.2025-05-07-17.00.log.json log=bitcoin.2025-05-07-17.00.log.txt
#debian-meeting ["debian-meeting/2012/debian-meeting.2012-08-10-17.01.log.txt" "debian-meeting/2012/debian-meeting.2012-08-10-17.01.log.html"] log=debian-meeting.2012-08-10-17.01.log.html log=debian-meeting.2012-08-10-17.01.log.txt minutes=debian-meeting.2012-08-10-17.01.html minutes=debian-meeting.2012-08-10-17.01.txt
 ["some.log"]
#famsco ["teams/famsco/famsco.2013-06-11-20.01.log.html"] log=famsco.2013-06-11-20.01.log.html
#c ["znc/freenode/#c/2012-08-10.log"]
`
	lines := strings.SplitAfter(got.String(), "\n")
	slices.Sort(lines)
	wanted := strings.SplitAfter(want, "\n")
	slices.Sort(wanted)
	if !slices.Equal(lines, wanted) {
		t.Errorf("got\n%s", got.String())
	}
	if len(left) != 4 {
		t.Errorf("left: %v", left)
	}
}

func TestChannelIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<html><head>\n<title>#fedora-meeting log</title>":              "#fedora-meeting",
		"<title>#debian: DPL meeting</title>":                           "#debian",
		"====\n#debian-meeting Meeting\n====\n\n\nMeeting started by x": "#debian-meeting",
		"====\n#fedora-meeting: FAmSCo\n====\n":                         "#fedora-meeting",
		"Meeting summary\n * #1234: nothing":                            "",
		"<title>Home</title>":                                           "",
	} {
		if got := ChannelIn(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
