// Package testarchive makes archives as MeetBot keeps them, of any size and the
// same each time. It is for tests and benchmarks only.
package testarchive

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/logformat"
	"github.com/eucalyptus/hackfest/internal/store"
)

// First is when the first meeting of every archive begins.
var First = time.Date(2009, 1, 5, 17, 0, 0, 0, time.UTC)

// Meeting is one meeting of an archive.
type Meeting struct {
	Channel string // with its "#"
	Stem    string // of its files: "ops/2012/ops.2012-08-10-17.00"
	Text    string // the .log.txt
	Lines   int
}

// channels are where the meetings are held, in turn.
var channels = []string{"ops", "devel", "docs", "images", "community"}

// words make up what people say.
var words = strings.Fields(`we should the image build is broken again since tuesday somebody has to look at node controller logs and
	then file it with a trace so that others can see what went wrong euca2ools prints an error when credentials expire I think that is
	fine for now but not for the release next week please test it on your machine`)

// Number is the nth meeting, from 0: a hundred lines or so, with topics, items and
// actions. Each channel has one a day.
func Number(n int) Meeting {
	r := rand.New(rand.NewPCG(uint64(n), 11))
	at := First.AddDate(0, 0, n/len(channels)).Add(time.Duration(n%len(channels)) * time.Hour).Add(time.Duration(r.IntN(30)) * time.Second)
	name := channels[n%len(channels)]
	m := Meeting{Channel: "#" + name, Stem: fmt.Sprintf("%s/%d/%s.%s", name, at.Year(), name, at.Format("2006-01-02-15.04"))}
	var b strings.Builder
	nicks := []string{"ann", "bob", "carl", "dora", "eve[away]", "fritz"}
	say := func(nick, text string) {
		fmt.Fprintf(&b, "%s <%s> %s\n", at.Format("15:04:05"), nick, text)
		at = at.Add(time.Duration(1+r.IntN(40)) * time.Second)
		m.Lines++
	}
	phrase := func(most int) string {
		list := make([]string, 3+r.IntN(most))
		for i := range list {
			list[i] = words[r.IntN(len(words))]
		}
		return strings.Join(list, " ")
	}
	title := fmt.Sprintf("Week %d of %s", n/len(channels), name)
	say("ann", "#startmeeting "+title)
	say("meetbot", fmt.Sprintf("Meeting started %s UTC.  The chair is ann. Information about MeetBot at http://wiki.debian.org/MeetBot.",
		at.Format("Mon Jan _2 15:04:05 2006")))
	for range 3 + r.IntN(3) {
		say("ann", "#topic "+phrase(5))
		for range 15 + r.IntN(15) {
			say(nicks[r.IntN(len(nicks))], phrase(14))
			switch r.IntN(12) {
			case 0:
				say(nicks[r.IntN(len(nicks))], "#info "+phrase(8))
			case 1:
				say("ann", "#action "+nicks[r.IntN(len(nicks))]+" to "+phrase(6))
			case 2:
				say("ann", "#agreed "+phrase(6))
			case 3:
				say("bob", fmt.Sprintf("http://example.org/%d %s", r.IntN(1000), phrase(3)))
			}
		}
	}
	say("ann", "#endmeeting")
	m.Text = b.String()
	return m
}

// Write makes an archive of n meetings in dir, each as a log and as minutes.
func Write(dir string, n int) (lines int, err error) {
	for i := range n {
		m := Number(i)
		stem := filepath.Join(dir, filepath.FromSlash(m.Stem))
		if err := os.MkdirAll(filepath.Dir(stem), 0o755); err != nil {
			return lines, err
		}
		for form, text := range map[string]string{
			".log.txt": m.Text, ".html": "<title>" + m.Channel + ": minutes</title>", ".txt": m.Channel + " Meeting\n",
		} {
			if err := os.WriteFile(stem+form, []byte(text), 0o644); err != nil {
				return lines, err
			}
		}
		lines += m.Lines
	}
	return lines, nil
}

// Network is the one that Fill takes.
const Network = "testnet"

// Fill brings the meetings from the given number up to another one into st, as of
// now.
func Fill(ctx context.Context, st *store.Store, from, to int, now time.Time) error {
	for i := from; i < to; i++ {
		m := Number(i)
		log, err := logformat.Read([]byte(m.Text), logformat.Options{Name: m.Stem + ".log.txt"})
		if err != nil {
			return err
		}
		if _, err := st.ImportLog(ctx, store.LogImport{Network: Network, Channel: m.Channel, Lines: log.Lines}, now); err != nil {
			return fmt.Errorf("%s: %w", m.Stem, err)
		}
	}
	return nil
}
