package jobs

import (
	"context"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	mailer "github.com/eucalyptus/hackfest/internal/mail"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// mailing is a world whose mail goes to a sink.
func (w *world) mailing(sink *testmail.Sink) Config {
	c := w.config()
	c.Community = "Eucalyptus"
	c.Mail = &mailer.Server{Host: "127.0.0.1", Port: sink.Port, From: mail.Address{Address: "hackfest@example.org"}, Insecure: true}
	return c
}

func (w *world) post() *Post {
	w.t.Helper()
	p, err := NewPost(w.config())
	w.must(err)
	return p
}

// member adds somebody with a proven mail address.
func (w *world) member(name, address string) person.ID {
	w.t.Helper()
	id, err := w.AddPerson(w.t.Context(), name, person.Member, noon)
	w.must(err)
	w.proven(id, address)
	return id
}

// Links go to whose address it is and to nobody else, and what is secret in them
// is in no job.
func TestMails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sink := testmail.Start(t, "")
	mel := w.member("Mel", "mel@example.org")
	p := w.post()
	w.must(p.SendSigninLink(t.Context(), "nobody@example.org", "/"))
	w.must(p.SendSigninLink(t.Context(), "MEL@example.org", "/sessions/2026-03-05-weekly-hackfest?view=1"))
	w.must(w.SetMail(t.Context(), mel, "new@example.org"))
	w.must(p.SendMailLink(t.Context(), mel, "new@example.org"))
	w.must(p.SendSigninLink(t.Context(), "new@example.org", "/")) // is not proven
	w.proven(mel, "mel@example.org")
	w.run(func(ctx context.Context) error { return Lead(ctx, w.mailing(sink)) })
	w.mailed()
	mails := sink.Await(t, 2)
	if len(mails) != 2 {
		t.Fatalf("%d mails: %+v", len(mails), mails)
	}
	for _, m := range mails {
		secret := ""
		if m.To == "<mel@example.org>" {
			secret = between(m.Text, "http://portal.example/signin/", "?next=%2Fsessions%2F2026-03-05-weekly-hackfest%3Fview%3D1\n")
			if a, err := w.UseLink(t.Context(), auth.HashSecret(secret), w.now().Add(auth.LinkTime-time.Second)); err != nil || a.ID != mel {
				t.Errorf("the link in %q: %v", m.Text, err)
			}
		} else {
			secret = between(m.Text, "http://portal.example/settings/mail/", "\n")
			w.must(w.SetMail(t.Context(), mel, "new@example.org"))
			if got, err := w.UseMailLink(t.Context(), auth.HashSecret(secret), mel, w.now()); err != nil || got != "new@example.org" {
				t.Errorf("the link in %q: %v", m.Text, err)
			}
		}
		if n := w.count("select count(*) from river_job where args::text like '%' || $1 || '%' or errors::text like '%' || $1 || '%'", secret); n != 0 {
			t.Error("a secret is in a job")
		}
	}
}

func between(text, begin, end string) string {
	_, rest, _ := strings.Cut(text, begin)
	found, _, _ := strings.Cut(rest, end)
	return found
}

// proven gives somebody an address that they have proven.
func (w *world) proven(id person.ID, address string) {
	w.t.Helper()
	_, hash := auth.NewSecret()
	w.must(w.SetMail(w.t.Context(), id, address))
	w.must(w.AddMailLink(w.t.Context(), hash, id, address, noon, noon.Add(time.Hour)))
	_, err := w.UseMailLink(w.t.Context(), hash, id, noon)
	w.must(err)
}

func (w *world) count(q string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.pool.QueryRow(w.t.Context(), q, args...).Scan(&n))
	return n
}

// mailed waits until all mail is done with.
func (w *world) mailed() {
	w.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if w.count("select count(*) from river_job where queue = 'mail' and state <> 'completed'") == 0 {
			return
		}
		if time.Now().After(end) {
			w.t.Fatal("mail is left")
		}
	}
}

// What nobody waits for any more is not sent; without a mail server that is an
// error; a server that refuses makes the job be tried again.
func TestMailThatCannotBeSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("Mel", "mel@example.org")
	job := &river.Job[signinMailArgs]{JobRow: &rivertype.JobRow{CreatedAt: noon}, Args: signinMailArgs{Mail: "mel@example.org"}}
	if err := (&signinMailWorker{Config: w.config()}).Work(t.Context(), job); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without a server: %v", err)
	}
	refusing, sink := testmail.Start(t, "RCPT"), testmail.Start(t, "")
	if err := (&signinMailWorker{Config: w.mailing(refusing)}).Work(t.Context(), job); err == nil {
		t.Error("a refusal is no error")
	}
	w.at(noon.Add(mailLate + time.Second))
	if err := (&signinMailWorker{Config: w.mailing(sink)}).Work(t.Context(), job); err != nil || len(sink.Mails()) != 0 {
		t.Errorf("too late: %v, %d mails", err, len(sink.Mails()))
	}
}

func TestExpiredIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.member("Mel", "mel@example.org")
	_, hash := auth.NewSecret()
	w.must(w.AddLink(t.Context(), hash, id, person.LinkByAdmin, noon, noon.Add(time.Hour)))
	w.at(noon.Add(8 * 24 * time.Hour))
	w.must((&expireWorker{Config: w.config()}).Work(t.Context(), nil))
	if n := w.count("select (select count(*) from signin_links) + (select count(*) from mail_links)"); n != 0 {
		t.Errorf("%d links are left", n)
	}
}
