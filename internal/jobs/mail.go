package jobs

import (
	"context"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/mail"
	"github.com/eucalyptus/hackfest/internal/person"
)

// queueMail is apart from the others: a mail server that hangs holds nothing up.
const queueMail = "mail"

const (
	mailTries = 6                // with River's waits, over about ten minutes
	mailLate  = 30 * time.Minute // a link that comes later is no help to anybody
)

// Post has mail sent by whichever process plays the role jobs. It returns before
// anything is sent.
type Post struct{ client *river.Client[pgx.Tx] }

// NewPost prepares a Post.
func NewPost(c Config) (*Post, error) {
	c = c.withDefaults()
	client, err := river.NewClient(riverpgxv5.New(c.Pool), c.river(nil))
	return &Post{client}, err
}

// SendSigninLink has a link sent that signs in whose proven address that is, and
// then leads to next, a path of the portal. What an address is worth is found out
// when it is sent, so that whoever asks learns nothing from how long it takes.
func (p *Post) SendSigninLink(ctx context.Context, address, next string) error {
	return p.put(ctx, signinMailArgs{Mail: address, Next: next})
}

// SendMailLink has a link sent that proves an address to be a person's.
func (p *Post) SendMailLink(ctx context.Context, id person.ID, address string) error {
	return p.put(ctx, proveMailArgs{Person: id, Mail: address})
}

// SendProposalLink has a link sent that puts a proposal on the board.
func (p *Post) SendProposalLink(ctx context.Context, id hackfest.ProposalID) error {
	return p.put(ctx, proposalMailArgs{Proposal: id})
}

func (p *Post) put(ctx context.Context, args river.JobArgs) error {
	_, err := p.client.Insert(ctx, args, &river.InsertOpts{Queue: queueMail, MaxAttempts: mailTries})
	if err != nil {
		return &fault.Error{Kind: fault.Unavailable, Message: "The mail cannot be sent now. Please try again in a moment.", Err: err}
	}
	return nil
}

// signinMailArgs is a link to sign in with. The link itself is drawn when it is
// sent: its secret is kept nowhere.
type signinMailArgs struct {
	Mail string `json:"mail"`
	Next string `json:"next"`
}

// Kind is River's name of the job.
func (signinMailArgs) Kind() string { return "mail_signin_link" }

type signinMailWorker struct {
	river.WorkerDefaults[signinMailArgs]
	Config
}

// Work sends the link, if the address is somebody's.
func (w *signinMailWorker) Work(ctx context.Context, job *river.Job[signinMailArgs]) error {
	if late, err := w.late(job.CreatedAt); late || err != nil {
		return err
	}
	a, err := w.Store.ByMail(ctx, job.Args.Mail)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		return err
	}
	secret, hash := auth.NewSecret()
	now := w.Now()
	if err := w.Store.AddLink(ctx, hash, a.ID, person.LinkByMail, now, now.Add(auth.LinkTime)); err != nil {
		return err
	}
	link := w.BaseURL + "/signin/" + secret
	if job.Args.Next != "/" && job.Args.Next != "" {
		link += "?" + url.Values{"next": {job.Args.Next}}.Encode()
	}
	return w.Mail.Send(ctx, mail.SigninLink(a.Mail, a.Name, w.Community, link, now))
}

// proveMailArgs is a link that proves an address.
type proveMailArgs struct {
	Person person.ID `json:"person"`
	Mail   string    `json:"mail"`
}

// Kind is River's name of the job.
func (proveMailArgs) Kind() string { return "mail_prove_address" }

type proveMailWorker struct {
	river.WorkerDefaults[proveMailArgs]
	Config
}

// Work sends the link.
func (w *proveMailWorker) Work(ctx context.Context, job *river.Job[proveMailArgs]) error {
	if late, err := w.late(job.CreatedAt); late || err != nil {
		return err
	}
	a, err := w.Store.AccountByID(ctx, job.Args.Person)
	if err != nil || a.Suspended() {
		return err
	}
	secret, hash := auth.NewSecret()
	now := w.Now()
	if err := w.Store.AddMailLink(ctx, hash, a.ID, job.Args.Mail, now, now.Add(auth.MailTime)); err != nil {
		return err
	}
	return w.Mail.Send(ctx, mail.ProveMail(job.Args.Mail, a.Name, w.Community, w.BaseURL+"/settings/mail/"+secret, now))
}

// proposalMailArgs is a link that puts a proposal on the board.
type proposalMailArgs struct {
	Proposal hackfest.ProposalID `json:"proposal"`
}

// Kind is River's name of the job.
func (proposalMailArgs) Kind() string { return "mail_proposal_link" }

type proposalMailWorker struct {
	river.WorkerDefaults[proposalMailArgs]
	Config
}

// Work sends the link, unless the proposal was answered or forgotten meanwhile.
func (w *proposalMailWorker) Work(ctx context.Context, job *river.Job[proposalMailArgs]) error {
	if late, err := w.late(job.CreatedAt); late || err != nil {
		return err
	}
	secret, hash := auth.NewSecret()
	to, name, err := w.Store.SealProposal(ctx, job.Args.Proposal, hash)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return w.Mail.Send(ctx, mail.ProposalLink(to, name, w.Community, w.BaseURL+"/targets/propose/"+secret, w.Now()))
}

// late reports a mail that nobody waits for any more. In a process that cannot
// send any it is an error, so that it is seen, and another process may do it.
func (c Config) late(asked time.Time) (bool, error) {
	if c.Mail == nil {
		return false, fault.New(fault.Unavailable, "No mail can be sent: HACKFEST_SMTP is not set where the jobs are done.")
	}
	return c.Now().Sub(asked) > mailLate, nil
}
