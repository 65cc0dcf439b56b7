package replay

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/logformat"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

const channel = "#try"

var aug10 = time.Date(2012, 8, 10, 0, 0, 0, 0, time.UTC)

// read makes lines of a log.
func read(t testing.TB, log string) []hackfest.Line {
	t.Helper()
	l, err := logformat.Read([]byte(log), logformat.Options{Date: aug10})
	if err != nil || len(l.Skipped) > 0 {
		t.Fatal(err, l.Skipped)
	}
	return l.Lines
}

// heard is what an ear in the channel heard, without hosts, up to when everybody
// had left.
func heard(ear *testirc.Client) []string {
	var list []string
	for _, line := range ear.Received() {
		source, rest, _ := strings.Cut(strings.TrimPrefix(line, ":"), " ")
		nick, _, ok := strings.Cut(source, "!")
		if !ok || nick == ear.Nick {
			continue
		}
		list = append(list, nick+" "+rest)
	}
	return list
}

// spoken is the part of it that somebody said.
func spoken(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool {
		return !strings.Contains(s, " PRIVMSG ") && !strings.Contains(s, " NOTICE ")
	})
}

const meeting = `[18:17:03] <ann> #startmeeting Trying
[18:17:03] <helper> Meeting started at 2012-08-10T18:17+0000
[18:17:04] <bob> hi
[18:17:05] * ann waves
[18:17:06] *** Joins: carol (~carol@host.example)
[18:17:06] *** Joins: lurker (~lurker@host.example)
[18:17:07] <carol> here
[18:17:08] -bob- noticed
[18:17:09] *** bob is now known as rob
[18:17:10] <rob> [off] secret
[18:17:10] <rob> still me
[18:17:11] *** Quits: carol (~carol@host.example) (gone home)
[18:17:12] <ann> #endmeeting
`

func TestPlay(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ear := testirc.Dial(t, server.Addr, "ear")
	ear.Join(channel)
	var said []string
	got, err := Play(t.Context(), Options{
		Addr: server.Addr, Channel: channel, Speed: 1000, Lines: read(t, meeting), Spread: time.Millisecond,
		Said: func(n, of int, l hackfest.Line) { said = append(said, fmt.Sprintf("%d/%d %s", n, of, l.Text)) },
		Note: func(text string) { t.Error(text) },
	})
	if err != nil || got != (Result{Done: 10, Of: 10, People: 3}) {
		t.Fatal(got, err)
	}
	ear.Expect(func(l string) bool { return strings.HasPrefix(l, ":ann!") && strings.Contains(l, " QUIT ") })
	want := []string{
		"ann JOIN :#try", "bob JOIN :#try", "ann PRIVMSG #try :#startmeeting Trying", "bob PRIVMSG #try :hi",
		"ann PRIVMSG #try :\x01ACTION waves\x01", "carol JOIN :#try", "carol PRIVMSG #try :here", "bob NOTICE #try :noticed",
		"bob NICK :rob", "rob PRIVMSG #try :still me", `carol QUIT :"gone home"`, "ann PRIVMSG #try :#endmeeting",
	}
	list := heard(ear)
	if len(list) < len(want) || !slices.Equal(list[:len(want)], want) {
		t.Errorf("heard\n%s\nwant\n%s", strings.Join(list, "\n"), strings.Join(want, "\n"))
	}
	if len(said) != 10 || said[0] != "1/10 #startmeeting Trying" || said[9] != "10/10 #endmeeting" {
		t.Errorf("progress %q", said)
	}
}

// A hundred lines of ten people come in order from ten connections, as fast as
// the server allows.
func TestPlayKeepsTheOrder(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ear := testirc.Dial(t, server.Addr, "ear")
	ear.Join(channel)
	var log strings.Builder
	for i := range 100 {
		fmt.Fprintf(&log, "18:17 <p%d> line %d\n", i*7%10, i)
	}
	if _, err := Play(t.Context(), Options{Addr: server.Addr, Channel: channel, Speed: 1e9, Lines: read(t, log.String()), Spread: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	ear.ExpectText("line 99")
	for i, line := range spoken(heard(ear)) {
		if want := fmt.Sprintf("p%d PRIVMSG #try :line %d", i*7%10, i); line != want {
			t.Fatalf("heard %q, want %q", line, want)
		}
	}
}

// Servers as they come slow down who hurries, and throw out who does not care;
// nothing is lost, and nobody thrown out.
func TestPlayBearsLimits(t *testing.T) {
	t.Parallel()
	for name, addr := range map[string]string{
		"ngIRCd":   testirc.NgIRCd(t, testirc.Options{Penalties: true}).Addr,
		"InspIRCd": testirc.StartInspIRCd(t, testirc.InspIRCdOptions{FloodControl: true}).Addr,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ear := testirc.Dial(t, addr, "ear")
			ear.Join(channel)
			log := strings.Repeat("18:17 <ann> "+strings.Repeat("word ", 120)+"\n", 4) + "18:17 <bob> over\n"
			_, err := Play(t.Context(), Options{
				Addr: addr, Channel: channel, Speed: 1e9, Lines: read(t, log), Spread: time.Millisecond, Note: func(text string) { t.Error(text) },
			})
			if err != nil {
				t.Fatal(err)
			}
			ear.ExpectText("over")
			words, lines := 0, 0
			for _, line := range spoken(heard(ear)) {
				words += strings.Count(line, "word")
				lines++
			}
			if words != 4*120 || lines != 4*2+1 { // 599 bytes fit into two lines
				t.Errorf("%d words arrived in %d lines", words, lines)
			}
		})
	}
}

// A server that bounds how many come from one address is played on with so many.
func TestPlayWithFewerThanWanted(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ear := testirc.Dial(t, server.Addr, "ear")
	ear.Join(channel)
	var notes []string
	got, err := Play(t.Context(), Options{
		Addr: doorman(t, server.Addr, 2), Channel: channel, Speed: 1e9, Spread: time.Millisecond, Note: func(text string) { notes = append(notes, text) },
		Lines: read(t, "18:17 <a1> 1\n18:17 <b2> 2\n18:17 <c3> 3\n18:17 <d4> 4\n18:17 <a1> 5\n"),
	})
	if err != nil || got.Done != 5 || len(notes) != 1 || !strings.Contains(notes[0], "no more than 2 at a time") {
		t.Fatal(got, err, notes)
	}
	ear.ExpectText(":5")
	if list := spoken(heard(ear)); len(list) != 5 || list[4] != "a1 PRIVMSG #try :5" {
		t.Errorf("heard %q", list)
	}
}

// doorman lets most connections at a time through to addr.
func doorman(t *testing.T, addr string, most int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var inside atomic.Int32
	var all sync.WaitGroup
	all.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			if int(inside.Add(1)) > most {
				inside.Add(-1)
				fmt.Fprint(in, "ERROR :Too many connections\r\n")
				in.Close()
				continue
			}
			out, err := net.Dial("tcp", addr)
			if err != nil {
				in.Close()
				continue
			}
			all.Go(func() { _, _ = io.Copy(out, in); out.Close() })
			all.Go(func() {
				_, _ = io.Copy(in, out)
				inside.Add(-1) // before the client can know that it is out
				in.Close()
			})
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}

func TestPlayNicks(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{NickLen: 9})
	ear := testirc.Dial(t, server.Addr, "taken")
	ear.Join(channel)
	log := "18:17 <taken> a\n18:17 <1st> b\n18:17 <jürgen> c\n18:17 <averyverylongnick> d\n18:17 <averyverylongname> e\n" +
		"18:17 -!- 1st is now known as taken\n18:17 <taken> f\n"
	var notes []string
	_, err := Play(t.Context(), Options{
		Addr: server.Addr, Channel: channel, Speed: 1e9, Lines: read(t, log), Spread: time.Millisecond,
		Note: func(text string) { notes = append(notes, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ear.ExpectText(":f")
	want := []string{
		"taken_ PRIVMSG #try :a", "_1st PRIVMSG #try :b", "j_rgen PRIVMSG #try :c", "averyvery PRIVMSG #try :d", "averyver1 PRIVMSG #try :e", "taken_1 PRIVMSG #try :f",
	}
	if got := spoken(heard(ear)); !slices.Equal(got, want) {
		t.Errorf("heard %q", got)
	}
	if len(notes) != 5 || notes[0] != "taken is called taken_ here" {
		t.Errorf("notes %q", notes)
	}
}

// Who has nothing to say for longest makes room.
func TestPlayBoundsClients(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ear := testirc.Dial(t, server.Addr, "ear")
	ear.Join(channel)
	log := "18:17 <a1> 1\n18:17 <b2> 2\n18:17 <c3> 3\n18:17 <a1> 4\n18:17 <d4> 5\n18:17 <b2> 6\n"
	got, err := Play(t.Context(), Options{Addr: server.Addr, Channel: channel, Speed: 1e9, Lines: read(t, log), Clients: 2, Spread: time.Millisecond})
	if err != nil || got.Done != 6 {
		t.Fatal(got, err)
	}
	ear.ExpectText(":6")
	here, most, said, came := 0, 0, 0, 0
	for _, line := range heard(ear) {
		switch {
		case strings.Contains(line, " JOIN "):
			here++
			came++
		case strings.Contains(line, " QUIT "):
			here--
		default:
			said++
		}
		most = max(most, here)
	}
	if most != 2 || said != 6 || came != 5 { // only b2 comes twice
		t.Errorf("%d at a time said %d lines and came %d times:\n%s", most, said, came, strings.Join(heard(ear), "\n"))
	}
}

// When asked to stop everybody leaves, and that is no failure.
func TestPlayStops(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ear := testirc.Dial(t, server.Addr, "ear")
	ear.Join(channel)
	ctx, stop := context.WithCancel(t.Context())
	got, err := Play(ctx, Options{
		Addr: server.Addr, Channel: channel, Speed: 1, Lines: read(t, "18:17 <ann> a\n18:19 <bob> b"), Spread: time.Millisecond,
		Said: func(int, int, hackfest.Line) { stop() },
	})
	if err != nil || got.Done != 1 || got.Of != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, who := range []string{"ann", "bob"} {
		left := func(l string) bool { return strings.HasPrefix(l, ":"+who+"!") && strings.Contains(l, " QUIT ") }
		if !slices.ContainsFunc(ear.Received(), left) {
			ear.Expect(left)
		}
	}
}

func TestPlayRefused(t *testing.T) {
	t.Parallel()
	locked := testirc.NgIRCd(t, testirc.Options{Channels: "[Channel]\nName = " + channel + "\nModes = k\nKey = secret\n"})
	for _, tt := range []struct {
		name, addr, log string
		kind            fault.Kind
	}{
		{"nobody is there", "127.0.0.1:1", "18:17 <ann> a", fault.Unavailable},
		{"a channel with a key", locked.Addr, "18:17 <ann> a", fault.Unavailable},
		{"nothing is said", locked.Addr, "18:17 <ann> Meeting started: x Chair: y", fault.Invalid},
	} {
		_, err := Play(t.Context(), Options{Addr: tt.addr, Channel: channel, Speed: 1, Lines: read(t, tt.log), Spread: time.Millisecond})
		if fault.KindOf(err) != tt.kind {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// What a log without seconds says of one minute is spread over it, and a silence
// is at most ten minutes.
func TestTimes(t *testing.T) {
	t.Parallel()
	p := newPlan(read(t, "18:17 <a> 1\n18:17 <a> 2\n18:17 <a> 3\n18:18 <a> 4\n20:00 <a> 5\n20:00 <a> 6\n20:05 <a> 7"))
	var got []string
	for _, s := range p.steps {
		got = append(got, s.after.String())
	}
	want := []string{"0s", "20s", "40s", "1m0s", "11m0s", "11m30s", "16m0s"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
