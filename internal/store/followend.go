package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// secretMail signs the links in mails.
const secretMail = "mail"

// MailKey is the instance's key for links in mails: 32 bytes that are drawn when
// they are first asked for and never change.
func (s *Store) MailKey(ctx context.Context, now time.Time) ([]byte, error) {
	return s.secret(ctx, secretMail, now)
}

// SubscriberByHandle returns the subscriber with this handle, or fault.NotFound.
func (s *Store) SubscriberByHandle(ctx context.Context, handle []byte) (hackfest.Subscriber, error) {
	const q = `select ` + subscriberColumns + ` from subscribers s where s.handle = @handle`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"handle": handle})
	b, err := pgx.CollectExactlyOneRow(rows, scanSubscriber)
	return b, classify(err, "subscriber")
}

// SubscriberOf returns the subscriber that is a person's, or fault.NotFound.
func (s *Store) SubscriberOf(ctx context.Context, id person.ID) (hackfest.Subscriber, error) {
	const q = `select ` + subscriberColumns + ` from subscribers s where s.person_id = @person`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id})
	b, err := pgx.CollectExactlyOneRow(rows, scanSubscriber)
	return b, classify(err, "subscriber")
}

// Unsubscribe ends all mail to a subscriber; one that had ended it is left as it
// is. Whoever comes back is asked at once. Resubscribe takes it back.
func (s *Store) Unsubscribe(ctx context.Context, id hackfest.SubscriberID, now time.Time) error {
	const q = `update subscribers set ended_at = @now, asked_at = null where id = @id and ended_at is null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "now": now})
	return classify(err, "subscriber")
}

// Resubscribe gives a subscriber back what they followed when they ended it all.
func (s *Store) Resubscribe(ctx context.Context, id hackfest.SubscriberID) error {
	const q = `update subscribers set ended_at = null where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
	return classify(err, "subscriber")
}

// Unfollow ends one thing that a subscriber follows.
func (s *Store) Unfollow(ctx context.Context, id hackfest.SubscriberID, what hackfest.FollowID) error {
	const q = `delete from follows where subscriber_id = @id and id = @what`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "what": what})
	return classify(err, "subscription")
}

// SetPace says how often a subscriber gets mail, and in which zone times are
// written in it; "" is each session's own.
func (s *Store) SetPace(ctx context.Context, id hackfest.SubscriberID, pace hackfest.Pace, zone string) error {
	const q = `update subscribers set pace = @pace, zone = @zone where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "pace": pace, "zone": clean(zone)})
	return classify(err, "subscriber")
}

// ExpireSubscribers forgets what nobody confirmed in time, addresses that follow
// nothing, and those whose owners ended it all long ago.
func (s *Store) ExpireSubscribers(ctx context.Context, now time.Time) error {
	args := pgx.NamedArgs{"before": now.Add(-hackfest.ConfirmTime), "ended": now.Add(-hackfest.EndedTime)}
	for _, step := range []func(context.Context, pgx.NamedArgs) error{s.expireFollows, s.expireSessions, s.expireSubscribers, s.expireFollowLinks} {
		if err := step(ctx, args); err != nil {
			return classify(err, "subscriber")
		}
	}
	return nil
}

func (s *Store) expireFollows(ctx context.Context, args pgx.NamedArgs) error {
	const q = `delete from follows where confirmed_at is null and made_at <= @before`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

// expireSessions forgets who followed a session whose minutes are no news any more.
func (s *Store) expireSessions(ctx context.Context, args pgx.NamedArgs) error {
	const q = `delete from follows f using sessions x where x.id = f.session_id and greatest(x.ends_at, x.changed_at, f.made_at) <= @ended`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

func (s *Store) expireSubscribers(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		delete from subscribers s
		where s.ended_at <= @ended
		   or greatest(s.made_at, s.asked_at) <= @before and not exists (select 1 from follows f where f.subscriber_id = s.id)`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

func (s *Store) expireFollowLinks(ctx context.Context, args pgx.NamedArgs) error {
	const q = `delete from follow_links where expires_at <= @before`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

// SubscriberByMail returns the subscriber with this address, in any case, or
// fault.NotFound.
func (s *Store) SubscriberByMail(ctx context.Context, mail string) (hackfest.Subscriber, error) {
	const q = `select ` + subscriberColumns + ` from subscribers s where lower(s.mail) = lower(@mail)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"mail": clean(mail)})
	b, err := pgx.CollectExactlyOneRow(rows, scanSubscriber)
	return b, classify(err, "subscriber")
}
