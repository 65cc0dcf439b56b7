package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// KeepTopicPart notes what the bot put into the topic of a channel; "" is
// nothing.
func (s *Store) KeepTopicPart(ctx context.Context, network, channel, part string) error {
	const q = `update channels set topic_part = @part where id = @id`
	return s.setOfChannel(ctx, q, network, channel, pgx.NamedArgs{"part": part})
}

// Hush keeps that the bot is to say nothing unasked in a channel before the given
// instant; the zero time is that it may.
func (s *Store) Hush(ctx context.Context, network, channel string, until time.Time) error {
	const q = `update channels set quiet_until = @until where id = @id`
	return s.setOfChannel(ctx, q, network, channel, pgx.NamedArgs{"until": orNull(until)})
}

// setOfChannel carries out q on a channel that the bot knows by name.
func (s *Store) setOfChannel(ctx context.Context, q, network, channel string, args pgx.NamedArgs) error {
	id, err := s.channelID(ctx, network, channel)
	if err != nil {
		return err
	}
	args["id"] = id
	_, err = s.db.Exec(ctx, q, args)
	return classify(err, "channel")
}
