package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// Voice is what jobs have the bot do; *ircbot.Bot is the real one.
type Voice interface {
	// Present reports whether it could be heard in the channel now.
	Present(network, channel string) bool
	// Announce says one line in a channel and returns when it has left.
	// fault.Unavailable means that it was certainly not said; any other error
	// that nobody knows.
	Announce(ctx context.Context, network, channel, text string) error
	// Forget has the spool forget lines that are stored. It reports whether no
	// file of it holds one of refs any more.
	Forget(ctx context.Context, refs []hackfest.Ref) (bool, error)
}

const (
	planAhead = 4                // intervals; an announcement is noted so long before it is due
	tryAgain  = 10 * time.Second // and at the next interval
	sayFor    = 20 * time.Second // how long a line may wait for its turn
	longAfter = 10 * time.Minute // after that nobody is still sending
	lastTry   = 3 * time.Second  // for noting the outcome when we are to end
)

// planArgs notes what is to be announced in the next minutes and has what is due
// announced. What could not be announced is tried again each time until it is
// too late.
type planArgs struct{}

// Kind is River's name of the job.
func (planArgs) Kind() string { return "plan_announcements" }

type planWorker struct {
	river.WorkerDefaults[planArgs]
	Config
}

// Work plans. Two that do so at once do no harm.
func (w *planWorker) Work(ctx context.Context, _ *river.Job[planArgs]) error {
	now := w.Now()
	until := now.Add(planAhead * w.Every)
	if err := w.Store.PlanDeliveries(ctx, until, now); err != nil {
		return err
	}
	if _, err := w.Store.CutOffDeliveries(ctx, now.Add(-longAfter), now); err != nil {
		return err
	}
	due, err := w.Store.QueueDeliveries(ctx, until, now.Add(-tryAgain), now)
	if err != nil {
		return err
	}
	client := river.ClientFromContext[pgx.Tx](ctx)
	for _, d := range due {
		if announce.Overdue(d, now) { // no bot has dropped it
			if _, _, err := w.begin(ctx, d.ID, nil); err != nil {
				return err
			}
			continue
		}
		opts := &river.InsertOpts{Queue: queueIRC, MaxAttempts: 1}
		if d.DueAt.After(now) { // else at once: River looks at what is scheduled each five seconds
			opts.ScheduledAt = d.DueAt
		}
		if _, err := client.Insert(ctx, announceArgs{Delivery: d.ID}, opts); err != nil {
			return err
		}
	}
	return nil
}

// announceArgs is one try to make an announcement.
type announceArgs struct {
	Delivery hackfest.DeliveryID `json:"delivery"`
}

// Kind is River's name of the job.
func (announceArgs) Kind() string { return "announce" }

type announceWorker struct {
	river.WorkerDefaults[announceArgs]
	Config
	voice Voice
}

// Work makes the announcement if it is still to be made: first it is noted, for
// good, that it is being sent, and only then it is sent. Whoever is cut off in
// between leaves that note behind.
func (w *announceWorker) Work(ctx context.Context, job *river.Job[announceArgs]) error {
	d, text, err := w.begin(ctx, job.Args.Delivery, w.voice)
	if err != nil || text == "" {
		return err
	}
	within, cancel := context.WithTimeout(ctx, sayFor)
	err = w.voice.Announce(within, d.Network, d.Channel, text)
	cancel()
	to, reason := hackfest.DeliverySent, ""
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Unavailable:
		to = hackfest.DeliveryPending
	default:
		to, reason = hackfest.DeliveryUnknown, "The connection ended while it was being sent."
	}
	w.Log.InfoContext(ctx, "announcement", "occasion", d.Occasion, "network", d.Network, "channel", d.Channel, "state", to, "err", err)
	return w.settle(ctx, d.ID, to, reason)
}

// begin looks again whether a delivery is to be made, and marks it as being
// sent. It returns what to say; "" when nothing is to be said now, because it is
// settled, somebody else is at it, or nobody hears it (yet). Without a voice
// nobody does.
func (c Config) begin(ctx context.Context, id hackfest.DeliveryID, voice Voice) (d hackfest.Delivery, text string, err error) {
	now := c.Now()
	err = c.Store.InTx(ctx, func(tx *store.Store) error {
		text = ""
		if d, err = tx.LockDelivery(ctx, id); err != nil || d.State != hackfest.DeliveryPending {
			return err
		}
		words, reason, missed, err := c.examine(ctx, tx, d, now)
		switch {
		case err != nil:
			return err
		case reason != "":
			return tx.MoveDelivery(ctx, id, hackfest.DeliveryDropped, reason, missed, now)
		case voice == nil || !voice.Present(d.Network, d.Channel):
			return nil
		}
		text = words
		return tx.MoveDelivery(ctx, id, hackfest.DeliverySending, "", false, now)
	})
	return d, text, err
}

// examine returns the words of a delivery, or why it must not be made any more.
func (c Config) examine(ctx context.Context, tx *store.Store, d hackfest.Delivery, now time.Time) (text, reason string, missed bool, err error) {
	const hidden = "It is not for everybody in the channel any more."
	viewer := person.PublicViewer
	if d.Visibility == person.MembersOnly {
		viewer = person.Viewer{Role: person.Member}
	}
	session, err := tx.SessionByID(ctx, viewer, d.SessionID)
	if fault.KindOf(err) == fault.NotFound {
		return "", hidden, false, nil
	}
	if err != nil {
		return "", "", false, err
	}
	if reason, missed = announce.Refusal(d, session, now); reason != "" {
		return "", reason, missed, nil
	}
	switch d.Occasion {
	case hackfest.OccasionCancelled, hackfest.OccasionMoved, hackfest.OccasionReinstated:
		return announce.Changed(session, d.Occasion, c.BaseURL), "", false, nil
	case hackfest.OccasionMinutes:
	default:
		return announce.Start(session, c.BaseURL, now), "", false, nil
	}
	m, err := tx.Meeting(ctx, viewer, d.MeetingRef)
	if fault.KindOf(err) == fault.NotFound {
		return "", hidden, false, nil
	}
	return announce.Minutes(m, c.BaseURL), "", false, err
}

// settle notes what became of a delivery, and tries to until the job's time is
// over, and once more when it is. If all fails it stays "sending", and becomes
// unknown.
func (c Config) settle(ctx context.Context, id hackfest.DeliveryID, to hackfest.DeliveryState, reason string) error {
	for {
		err := c.Store.MoveDelivery(ctx, id, to, reason, false, c.Now())
		if err == nil || ctx.Err() == nil && fault.KindOf(err) != fault.Unavailable {
			return err
		}
		if !sleep(ctx, startAgain) {
			break
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
	defer cancel()
	return c.Store.MoveDelivery(last, id, to, reason, false, c.Now())
}
