package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/mail"
)

// SendConfirmation has an address asked whether it is true that it wants mail, if
// something waits for that and it was not asked today already. It is called after
// the transaction of store.Follow.
func (p *Post) SendConfirmation(ctx context.Context, id hackfest.SubscriberID) error {
	return p.put(ctx, confirmationArgs{Subscriber: id})
}

// confirmationArgs is a question to one address. As with all links, the secret is
// drawn when it is sent.
type confirmationArgs struct {
	Subscriber hackfest.SubscriberID `json:"subscriber"`
}

// Kind is River's name of the job.
func (confirmationArgs) Kind() string { return "mail_confirm_follow" }

type confirmationWorker struct {
	river.WorkerDefaults[confirmationArgs]
	Config
}

// Work asks, at most once a day. That it was asked is noted first and taken back
// only when the mail certainly did not go: whoever is cut off in between leaves
// the note, and nobody is asked twice.
func (w *confirmationWorker) Work(ctx context.Context, job *river.Job[confirmationArgs]) error {
	if late, err := w.late(job.CreatedAt); late || err != nil {
		return err
	}
	now := w.Now()
	secret, hash := auth.NewSecret()
	b, what, ok, err := w.Store.BeginConfirmation(ctx, job.Args.Subscriber, hash, now)
	if err != nil || !ok {
		return err
	}
	reader := announce.Reader{Community: w.Community, Base: w.BaseURL, Zone: b.Zone}
	l := announce.Confirmation(reader, announce.Followed(what, w.Community, reader.Zone), w.BaseURL+"/follow/confirm/"+secret, now.Add(hackfest.ConfirmTime))
	err = w.Mail.Send(ctx, mail.Message{To: b.Mail, Subject: l.Subject, Text: l.Text, HTML: l.HTML, At: now})
	switch mail.Judge(err) {
	case mail.Sent:
		return nil
	case mail.NotSent:
		return w.takeBack(ctx, b.ID, hash, err)
	}
	w.Log.WarnContext(ctx, "nobody was asked to confirm what they follow", "subscriber", b.ID, "err", err)
	return nil
}

// takeBack notes that somebody was not asked after all, because of failed.
func (w *confirmationWorker) takeBack(ctx context.Context, id hackfest.SubscriberID, hash []byte, failed error) error {
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
	defer cancel()
	if err := w.Store.UndoConfirmation(within, id, hash); err != nil {
		return err
	}
	return failed
}

// readerOf is a subscriber as letters know them; why is announce.Reader's.
func (c Config) readerOf(ctx context.Context, b hackfest.Subscriber, why string) (announce.Reader, error) {
	key, err := c.Store.MailKey(ctx, c.Now())
	return announce.Reader{
		Community: c.Community, Base: c.BaseURL, Zone: b.Zone, Why: why,
		Preferences: c.BaseURL + "/unsubscribe/" + auth.SignHandle(key, b.Handle),
	}, err
}

// post is a letter to a subscriber as it is sent: with their way out, and the list
// that it belongs to (announce.ListOf).
func post(b hackfest.Subscriber, r announce.Reader, l announce.Letter, list string, now time.Time) mail.Message {
	return mail.Message{To: b.Mail, Subject: l.Subject, Text: l.Text, HTML: l.HTML, ListID: list, Unsubscribe: r.Preferences, At: now}
}
