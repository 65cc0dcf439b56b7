package ircbot

import (
	"reflect"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/spool"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

var aug10 = time.Date(2012, 8, 10, 18, 17, 3, 0, time.UTC)

func TestOffTheRecord(t *testing.T) {
	t.Parallel()
	by := func(l hackfest.Line) hackfest.Line {
		l.At, l.Nick, l.Account, l.Op = aug10, "ann", "ann", true
		return l
	}
	for _, tt := range []struct {
		name       string
		line, want hackfest.Line
	}{
		{
			name: "on the record",
			line: by(hackfest.Line{Kind: hackfest.Message, Text: "hello"}),
			want: by(hackfest.Line{Kind: hackfest.Message, Text: "hello"}),
		},
		{
			name: "all of it leaves time and kind",
			line: by(hackfest.Line{Kind: hackfest.Act, Text: "[off] é", Raw: []byte("[off] \xe9"), Windows1252: true}),
			want: hackfest.Line{At: aug10, Kind: hackfest.Act, OffRecord: true},
		},
		{
			name: "the rest of a line",
			line: by(hackfest.Line{Kind: hackfest.Message, Text: "café [off] x", Raw: []byte("caf\xe9 [off] x"), Windows1252: true}),
			want: by(hackfest.Line{Kind: hackfest.Message, Text: "café", Raw: []byte("caf\xe9"), Windows1252: true, OffRecord: true}),
		},
		{
			name: "raw bytes that are the text now",
			line: by(hackfest.Line{Kind: hackfest.Message, Text: "a [off] é", Raw: []byte("a [off] \xe9"), Windows1252: true}),
			want: by(hackfest.Line{Kind: hackfest.Message, Text: "a", OffRecord: true}),
		},
		{
			name: "our own advice",
			line: by(hackfest.Line{Kind: hackfest.Message, Text: "logged, [off] to stay off the record", Self: true}),
			want: by(hackfest.Line{Kind: hackfest.Message, Text: "logged, [off] to stay off the record", Self: true}),
		},
		{
			name: "a topic",
			line: by(hackfest.Line{Kind: hackfest.Topic, Text: "[off] x"}),
			want: by(hackfest.Line{Kind: hackfest.Topic, Text: "[off] x"}),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := offTheRecord(tt.line); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestTroubleIsToldOnce(t *testing.T) {
	t.Parallel()
	x := &trouble{begin: "away", end: "back"}
	type step struct {
		after          time.Duration
		there, running bool
		want           string
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{name: "an outage", steps: []step{{0, true, true, "away"}, {time.Second, true, true, ""}, {time.Minute, false, true, "back"}, {time.Minute, false, true, ""}}},
		{name: "no meeting", steps: []step{{0, true, false, ""}, {time.Second, false, false, ""}}},
		{name: "a meeting that starts in it", steps: []step{{0, true, false, ""}, {time.Second, true, true, "away"}, {2 * time.Second, false, true, "back"}}},
		{name: "a meeting that ends in it", steps: []step{{0, true, true, "away"}, {time.Second, true, false, ""}, {2 * time.Second, false, false, "back"}}},
		{name: "again and again", steps: []step{
			{0, true, true, "away"},
			{time.Second, false, true, "back"},
			{2 * time.Second, true, true, ""},
			{3 * time.Second, false, true, ""},
			{tellAgain, true, true, "away"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n notice
			for i, s := range tt.steps {
				if got := n.update(s.there, x, s.running, aug10.Add(s.after)); got != s.want {
					t.Errorf("step %d: got %q, want %q", i, got, s.want)
				}
			}
		})
	}
}

func TestFullSpoolIsToldAndTheGapLogged(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.spool = spool.Options{MaxBytes: 32 << 10}
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	ann.Say("#euca", "#startmeeting Recipes")
	ann.ExpectText("Meeting started")
	w.stored(b)
	w.postgres.set("away")
	for b.Status().SpoolLost == 0 {
		b.append(hackfest.Line{Network: "test", Channel: "#euca", At: w.now(), ReceivedAt: w.now(), Nick: "zed", Kind: hackfest.Notice, Text: "filling"})
	}
	ann.ExpectText("There is no room left")
	w.postgres.set("")
	ann.ExpectText("There is room again")
	lost := b.Status().SpoolLost
	w.eventually("the gap in the log", func() bool { return count(w.log("test", "#euca"), "were not kept between") == 1 })
	if lost == 0 || b.Counters.Lost.Load() != lost {
		t.Errorf("lost %d, counted %d", lost, b.Counters.Lost.Load())
	}
}
