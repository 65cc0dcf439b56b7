package store

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// What is told to those who listen: a topic, without any content.
const (
	topicSessions = "sessions"
	topicChannels = "channels"
	topicCommands = "commands"
)

// SessionsTopic is the topic of changes of the schedule.
func SessionsTopic() string { return topicSessions }

// ChannelsTopic is the topic of changes of channels' settings.
func ChannelsTopic() string { return topicChannels }

// CommandsTopic is the topic of commands that wait for the bot.
func CommandsTopic() string { return topicCommands }

// ChannelTopic is the topic of changes of a channel's lines, meetings, topics
// and items.
func ChannelTopic(id hackfest.ChannelID) string {
	return "channel/" + strconv.FormatInt(int64(id), 10)
}

// notify tells everybody who listens that topic changed, when the transaction
// is committed.
func (s *Store) notify(ctx context.Context, topic string) error {
	const q = `select pg_notify('hackfest', @topic)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"topic": topic})
	return classify(err, "notification")
}

// A connection that listens hears nothing for hours, so it is asked whether it
// is still there: so often that open pages can say within two seconds that
// Postgres is away, also when it is frozen and closes no connection.
const (
	listenIdle  = 400 * time.Millisecond
	listenReply = 600 * time.Millisecond
)

// Listen hears what is told by all programs on the database at url until ctx
// ends or the connection is lost, and returns why. It calls ready once it
// listens and heard with each topic; both must be quick.
func Listen(ctx context.Context, url string, ready func(), heard func(topic string)) error {
	const q = `listen hackfest`
	conn, err := connect(ctx, url, "hackfest listener")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is left to lose
	if _, err := conn.Exec(ctx, q); err != nil {
		return classify(err, "database")
	}
	ready()
	for {
		idle, cancel := context.WithTimeout(ctx, listenIdle)
		n, err := conn.WaitForNotification(idle)
		timedOut := idle.Err() != nil
		cancel()
		switch {
		case err == nil:
			heard(n.Payload)
		case ctx.Err() != nil:
			return ctx.Err()
		case !timedOut || conn.IsClosed():
			return classify(err, "database")
		default:
			if err := ping(ctx, conn, listenReply); err != nil {
				return err
			}
		}
	}
}

// ping asks conn for an answer within d.
func ping(ctx context.Context, conn *pgx.Conn, d time.Duration) error {
	const q = `select 1`
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_, err := conn.Exec(ctx, q)
	return classify(err, "database")
}
