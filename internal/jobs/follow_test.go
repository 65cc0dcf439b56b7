package jobs

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// follows has an address follow something, and confirm it at once unless pace is "".
func (w *world) follows(mail string, f hackfest.Following, pace hackfest.Pace) hackfest.Subscriber {
	w.t.Helper()
	f.Mail = mail
	b, err := w.Follow(w.t.Context(), f, w.now())
	w.must(err)
	if pace == "" {
		return b
	}
	_, what, _, err := w.BeginConfirmation(w.t.Context(), b.ID, []byte(mail), w.now())
	w.must(err)
	ids := []hackfest.FollowID{}
	for _, f := range what {
		ids = append(ids, f.ID)
	}
	b, err = w.ConfirmFollows(w.t.Context(), []byte(mail), ids, pace, w.now())
	w.must(err)
	return b
}

// A question goes out once, however often it is asked for, its secret is in no
// job, and its link confirms.
func TestQuestionGoesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sink := testmail.Start(t, "")
	b := w.follows("mel@example.org", hackfest.Following{Scope: hackfest.FollowAll}, "")
	p := w.post()
	for range 3 {
		w.must(p.SendConfirmation(t.Context(), b.ID))
	}
	w.must(p.SendConfirmation(t.Context(), b.ID+1)) // is nobody
	w.run(func(ctx context.Context) error { return Lead(ctx, w.mailing(sink)) })
	w.mailed()
	mails := sink.Await(t, 1)
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	secret := between(mails[0].Text, "http://portal.example/follow/confirm/", "\n")
	if n := w.count("select count(*) from river_job where args::text like '%' || $1 || '%' or errors::text like '%' || $1 || '%'", secret); n != 0 {
		t.Error("the secret is in a job")
	}
	got, err := w.FollowLink(t.Context(), auth.HashSecret(secret), w.now())
	if err != nil || got.ID != b.ID || !strings.Contains(mails[0].Text, "* everything at Eucalyptus\n") || mails[0].HTML == "" {
		t.Errorf("%v\n%s", err, mails[0].Text)
	}
}

// A question that certainly did not go is tried again. One that perhaps did is
// not, nor is one that was cut off before anybody can know.
func TestQuestionThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		name  string
		fail  testmail.Failure
		again bool // tried again
		taken int  // mails in the end
	}{
		{"busy", testmail.Failure{At: "RCPT", Code: 451, Times: 1}, true, 1},
		{"hangs up", testmail.Failure{At: "MAIL", Times: 1}, true, 1},
		{"refused", testmail.Failure{At: "RCPT", Code: 550, Times: 1}, false, 0},
		{"taken without an answer", testmail.Failure{At: ".", Kept: true, Times: 1}, false, 1},
		{"lost at the end", testmail.Failure{At: ".", Times: 1}, false, 0},
	} {
		sink := testmail.Start(t, "")
		sink.Fail(tt.fail)
		b := w.follows(strings.ReplaceAll(tt.name, " ", ".")+"@example.org", hackfest.Following{Scope: hackfest.FollowAll}, "")
		job := &river.Job[confirmationArgs]{JobRow: &rivertype.JobRow{CreatedAt: noon}, Args: confirmationArgs{Subscriber: b.ID}}
		worker := &confirmationWorker{Config: w.mailing(sink)}
		if err := worker.Work(t.Context(), job); (err != nil) != tt.again || err != nil && strings.Contains(err.Error(), b.Mail) {
			t.Errorf("%s: %v", tt.name, err)
		}
		for range 2 { // River tries again, or somebody asks again
			w.must(worker.Work(t.Context(), job))
		}
		if n := len(sink.Mails()); n != tt.taken {
			t.Errorf("%s: %d mails, want %d", tt.name, n, tt.taken)
		}
	}
	w.at(noon.Add(mailLate + time.Second))
	b := w.follows("late@example.org", hackfest.Following{Scope: hackfest.FollowAll}, "")
	job := &river.Job[confirmationArgs]{JobRow: &rivertype.JobRow{CreatedAt: noon}, Args: confirmationArgs{Subscriber: b.ID}}
	if err := (&confirmationWorker{Config: w.config()}).Work(t.Context(), job); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without a server: %v", err)
	}
}

// On Monday at eight those who want it have one letter with what they follow, and
// nobody else has any.
func TestWeeklyLetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sink := testmail.Start(t, "")
	monday := time.Date(noon.Year(), noon.Month(), noon.Day(), 8, 0, 0, 0, time.UTC)
	for monday.Weekday() != time.Monday || !monday.After(noon) {
		monday = monday.AddDate(0, 0, 1)
	}
	soon := w.session("OpenShift", monday.Add(50*time.Hour), nil)
	w.session("Next week", monday.AddDate(0, 0, 8), nil)
	w.session("For members", monday.Add(51*time.Hour), func(s *hackfest.Session) { s.Visibility = person.MembersOnly })
	slug := func(id hackfest.SessionID) string {
		s, err := w.SessionByID(t.Context(), person.PublicViewer, id)
		w.must(err)
		return s.Slug
	}
	w.follows("week@example.org", hackfest.Following{Scope: hackfest.FollowAll}, hackfest.PaceWeekly)
	w.follows("one@example.org", hackfest.Following{Scope: hackfest.FollowSession, Session: slug(soon)}, hackfest.PaceWeekly)
	w.follows("news@example.org", hackfest.Following{Scope: hackfest.FollowNews}, hackfest.PaceWeekly)
	w.follows("each@example.org", hackfest.Following{Scope: hackfest.FollowAll}, hackfest.PaceEach)
	w.follows("asked@example.org", hackfest.Following{Scope: hackfest.FollowAll}, "")
	ended := w.follows("ended@example.org", hackfest.Following{Scope: hackfest.FollowAll}, hackfest.PaceWeekly)
	w.must(w.Unsubscribe(t.Context(), ended.ID, noon))
	for _, at := range []time.Time{monday.Add(-time.Second), monday, monday.Add(time.Minute)} {
		w.must(w.PlanDeliveries(t.Context(), at, at))
		w.at(at)
		due, err := w.QueueDeliveries(t.Context(), at, at, at, at)
		w.must(err)
		for _, d := range due {
			c := w.mailing(sink)
			_, err := (&lettersWorker{Config: c}).post(t.Context(), c.Mail.Open(), d.ID)
			w.must(err)
		}
	}
	var to []string
	for _, m := range sink.Mails() {
		to = append(to, m.Recipient)
		if !strings.Contains(m.Text, "OpenShift") || strings.Contains(m.Text, "Next week") || strings.Contains(m.Text, "For members") ||
			m.Header.Get("List-Unsubscribe") == "" || m.Header.Get("List-Id") != "<weekly.portal.example>" {
			t.Errorf("%+v", m)
		}
	}
	slices.Sort(to)
	w.want("written to", to, []string{"one@example.org", "week@example.org"})
	w.want("deliveries", w.digests(), []string{"dropped", "sent", "sent"})
}

// digests are the states of the weekly letters.
func (w *world) digests() []string {
	w.t.Helper()
	var list []string
	w.must(w.pool.QueryRow(w.t.Context(), `select array_agg(state order by state) from deliveries where occasion = 'digest'`).Scan(&list))
	return list
}
