package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Voice is what jobs have the bot do; *ircbot.Bot is the real one. Of what it is
// to say, fault.Unavailable means that it was certainly not said; any other error
// that nobody knows.
type Voice interface {
	// Present reports whether it could be heard in the channel now.
	Present(network, channel string) bool
	// Announce says one line in a channel and returns when it has left.
	Announce(ctx context.Context, network, channel, text string) error
	// Notice says one line to one person alone: to who has that nick and, unless
	// account is "", is logged in with services as that.
	Notice(ctx context.Context, network, nick, account, text string) error
	// Topic makes part what we have in a channel's topic. fault.Forbidden and
	// fault.Conflict mean that it cannot be done, for which the message is the reason.
	Topic(ctx context.Context, network, channel, part string) error
	// Forget has the spool forget lines that are stored. It reports whether no
	// file of it holds one of refs any more.
	Forget(ctx context.Context, refs []hackfest.Ref) (bool, error)
}

const (
	planAhead  = 4                // intervals; an announcement is noted so long before it is due
	tryAgain   = 10 * time.Second // and at the next interval
	lettersAre = 2 * time.Minute  // in their queue for at most so long, else they are put there again
	longAfter  = 3 * time.Minute  // after that nobody is still sending
	batch      = 50               // letters of one job
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
	due, err := w.Store.QueueDeliveries(ctx, until, now.Add(-tryAgain), now.Add(-lettersAre), now)
	if err != nil {
		return err
	}
	var letters []hackfest.Delivery
	var tries []river.InsertManyParams
	for _, d := range due {
		switch {
		case announce.Overdue(d, now): // no bot has dropped it, and nobody sent it
			if _, _, err := w.begin(ctx, d.ID, nobody); err != nil {
				return err
			}
		case d.Outlet == hackfest.OutletSite:
			if err := w.show(ctx, d.ID); err != nil {
				return err
			}
		case d.Outlet == hackfest.OutletMail:
			letters = append(letters, d)
		default:
			tries = append(tries, river.InsertManyParams{Args: announceArgs{Delivery: d.ID}, InsertOpts: w.when(d, &river.InsertOpts{
				Queue: queueIRC, MaxAttempts: 1, Priority: priorities[d.Outlet],
			})})
		}
	}
	tries = append(tries, w.posts(letters)...)
	if len(tries) == 0 {
		return nil
	}
	_, err = river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, tries)
	return err
}

// priorities are those of River's queue irc: a channel is told before people one
// by one.
var priorities = map[hackfest.Outlet]int{hackfest.OutletIRC: 1, hackfest.OutletTopic: 2, hackfest.OutletNotice: 3}

// when has a job run when d is due.
func (c Config) when(d hackfest.Delivery, opts *river.InsertOpts) *river.InsertOpts {
	if d.DueAt.After(c.Now()) { // else at once: River looks at what is scheduled each five seconds
		opts.ScheduledAt = d.DueAt
	}
	return opts
}

// posts are the jobs for letters: those that are due at the same time go together.
func (c Config) posts(letters []hackfest.Delivery) []river.InsertManyParams {
	var jobs []river.InsertManyParams
	together := map[time.Time][]hackfest.DeliveryID{}
	var times []hackfest.Delivery // the first of each time
	for _, d := range letters {
		if !d.DueAt.After(c.Now()) {
			d.DueAt = time.Time{}
		}
		if together[d.DueAt] == nil {
			times = append(times, d)
		}
		together[d.DueAt] = append(together[d.DueAt], d.ID)
	}
	for _, d := range times {
		for ids := together[d.DueAt]; len(ids) > 0; ids = ids[min(batch, len(ids)):] {
			jobs = append(jobs, river.InsertManyParams{
				Args: lettersArgs{Deliveries: ids[:min(batch, len(ids))]}, InsertOpts: c.when(d, &river.InsertOpts{Queue: queueLetters, MaxAttempts: 1}),
			})
		}
	}
	return jobs
}

// show notes that something is on the site, which needs nothing else.
func (c Config) show(ctx context.Context, id hackfest.DeliveryID) error {
	d, ok, err := c.begin(ctx, id, anybody)
	if err != nil || !ok {
		return err
	}
	return c.settle(ctx, d.ID, hackfest.DeliverySent, "")
}
