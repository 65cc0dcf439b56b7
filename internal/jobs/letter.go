package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/mail"
	"github.com/eucalyptus/hackfest/internal/store"
)

// queueLetters is apart from queueMail: whoever waits for a link to sign in with
// does not wait for the mail of thousands. One at a time goes out of it, so that
// of a process that is killed no more than one letter is unknown.
const queueLetters = "letters"

const (
	lettersFor = 45 * time.Second // that one job sends; the rest is the next one's
	letterFor  = 35 * time.Second // for one letter
)

// letterPatience outlasts a mail server's update and its greylisting: it is over
// after about three hours.
var letterPatience = store.Patience{Most: 12, First: 30 * time.Second, Longest: 30 * time.Minute}

// lettersArgs is one try to send letters.
type lettersArgs struct {
	Deliveries []hackfest.DeliveryID `json:"deliveries"`
}

// Kind is River's name of the job.
func (lettersArgs) Kind() string { return "mail_letters" }

type lettersWorker struct {
	river.WorkerDefaults[lettersArgs]
	Config
}

// Work sends one after the other over one connection. A server that cannot be
// reached is left alone for a while, with all of them.
func (w *lettersWorker) Work(ctx context.Context, job *river.Job[lettersArgs]) error {
	if _, err := w.late(job.CreatedAt); err != nil { // no mail can be sent from here
		return err
	}
	ids, err := w.Store.PendingOf(ctx, job.Args.Deliveries)
	if err != nil {
		return err
	}
	conn := w.Mail.Open()
	defer conn.Close()
	begun := time.Now()
	for i, id := range ids {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(begun) > lettersFor {
			_, err := river.ClientFromContext[pgx.Tx](ctx).Insert(ctx, lettersArgs{ids[i:]}, &river.InsertOpts{Queue: queueLetters, MaxAttempts: 1})
			return err
		}
		failed, err := w.post(ctx, conn, id)
		if err != nil {
			return err
		}
		if mail.Away(failed) {
			return w.putOff(ctx, ids[i+1:], hackfest.DeliveryPending, failed)
		}
	}
	return nil
}

// post sends one letter if it is still to be sent: as with all deliveries it is
// noted first that it is being sent. failed is what mail.Conn.Send returned.
func (w *lettersWorker) post(ctx context.Context, conn *mail.Conn, id hackfest.DeliveryID) (failed, err error) {
	p, ok, err := w.begin(ctx, id, anybody)
	if err != nil || !ok {
		return nil, err
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), letterFor) // once begun it is ended
	failed = conn.Send(within, p.mail)
	cancel()
	to, reason := hackfest.DeliverySent, mail.Why(failed)
	switch mail.Judge(failed) {
	case mail.Sent:
	case mail.Refused:
		to = hackfest.DeliveryFailed
	case mail.Unknown:
		to = hackfest.DeliveryUnknown
	case mail.NotSent:
		w.Log.WarnContext(ctx, "a letter was not taken", "occasion", p.Occasion, "delivery", p.ID, "tries", p.Tries+1, "err", failed)
		return failed, w.putOff(context.WithoutCancel(ctx), []hackfest.DeliveryID{id}, hackfest.DeliverySending, failed)
	}
	if failed != nil {
		w.Log.WarnContext(ctx, "a letter did not go", "occasion", p.Occasion, "delivery", p.ID, "state", to, "err", failed)
	}
	return failed, w.settle(ctx, p.ID, to, reason)
}

// putOff has letters wait that were not taken, for what mail.Conn.Send returned.
func (w *lettersWorker) putOff(ctx context.Context, ids []hackfest.DeliveryID, from hackfest.DeliveryState, failed error) error {
	now := w.Now()
	return w.Store.PutOffDeliveries(ctx, ids, from, now.Add(-lettersAre), letterPatience, mail.Why(failed), now)
}
