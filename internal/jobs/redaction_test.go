package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// redacted is a line that was redacted at noon.
func redacted(w *world) (hackfest.Ref, hackfest.RedactionID) {
	w.t.Helper()
	l := hackfest.Line{
		Ref: hackfest.RefAt(noon.Add(-time.Minute)), Network: "test", Channel: "#euca", At: noon, ReceivedAt: noon,
		Nick: "ann", Kind: hackfest.Message, Text: "hunter2",
	}
	w.must(w.Record(w.t.Context(), "test", "#euca", []meeting.Applied{{Line: l}}, "", noon))
	_, c, err := w.Line(w.t.Context(), person.PublicViewer, l.Ref)
	w.must(err)
	r, _, err := w.Redact(w.t.Context(), hackfest.Redaction{ChannelID: c.ID, Actor: "marlow", At: noon, Lines: []hackfest.Ref{l.Ref}})
	w.must(err)
	return l.Ref, r.ID
}

// purge runs the job at time now, and waits until all is done.
func (w *world) purge(now time.Time) {
	w.t.Helper()
	w.at(now)
	_, err := w.insert.Insert(w.t.Context(), purgeArgs{}, &river.InsertOpts{MaxAttempts: 1})
	w.must(err)
	w.settled()
}

// words is what the line still says in Postgres.
func (w *world) words(ref hackfest.Ref) (text string, forgotten bool) {
	w.t.Helper()
	const q = `
		select l.text, r.forgotten_at is not null
		from lines l join redacted d on d.ref = l.ref join redactions r on r.id = d.redaction_id where l.ref = $1`
	w.must(w.pool.QueryRow(w.t.Context(), q, ref).Scan(&text, &forgotten))
	return text, forgotten
}

func TestRedactedIsWipedAfterTenMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref, _ := redacted(w)
	w.voice.spools = true
	w.start()
	w.purge(noon.Add(9 * time.Minute))
	if text, _ := w.words(ref); text != "hunter2" {
		t.Fatalf("after nine minutes it says %q", text)
	}
	w.purge(noon.Add(10 * time.Minute))
	if text, forgotten := w.words(ref); text != "" || forgotten {
		t.Fatalf("after ten minutes it says %q, forgotten: %v", text, forgotten)
	}
	w.voice.mu.Lock()
	if len(w.voice.forgot) != 1 || w.voice.forgot[0] != ref {
		t.Errorf("the spool was to forget %v", w.voice.forgot)
	}
	w.voice.spools = false
	w.voice.mu.Unlock()
	w.purge(noon.Add(11 * time.Minute)) // the job that failed is no obstacle
	if _, forgotten := w.words(ref); !forgotten {
		t.Error("it is not noted that the spool forgot it")
	}
}

// A bot that is away has it forgotten when it is back.
func TestSpoolForgetsWhenTheBotIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref, _ := redacted(w)
	stop := w.run(func(ctx context.Context) error { return Lead(ctx, w.config()) })
	w.purge(noon.Add(time.Hour))
	w.purge(noon.Add(time.Hour + time.Minute))
	var waiting int
	w.must(w.pool.QueryRow(t.Context(), `select count(*) from river_job where kind = 'forget_redacted'`).Scan(&waiting))
	if text, forgotten := w.words(ref); text != "" || forgotten || waiting != 1 {
		t.Fatalf("it says %q, forgotten: %v; %d jobs wait for the bot", text, forgotten, waiting)
	}
	stop()
	w.start()
	w.eventually("the spool forgets", func() bool { _, forgotten := w.words(ref); return forgotten })
}
