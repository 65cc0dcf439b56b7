package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// settingsColumns are those of scanSettings, from channels c and networks w.
const settingsColumns = `c.id, w.name as network, c.name, c.folded, c.purpose, c.webchat_url, c.visibility, c.joined, c.logged,
	c.announce, c.occasions, c.announces, c.topic, c.hackfests, c.greet,
	c.noisy, c.w3c, c.start_right, c.key <> '' as keyed, c.revision`

func scanSettings(row pgx.CollectableRow) (hackfest.ChannelSettings, error) {
	c, err := pgx.RowToStructByNameLax[hackfest.ChannelSettings](row)
	c.Path = irctext.ChannelPath(c.Folded)
	return c, err
}

// AllChannelSettings returns the settings of all channels, by network and name.
func (s *Store) AllChannelSettings(ctx context.Context) ([]hackfest.ChannelSettings, error) {
	const q = `
		select ` + settingsColumns + `
		from channels c
		join networks w on w.id = c.network_id
		order by w.name, c.folded`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, scanSettings)
	return list, classify(err, "channel")
}

// ChannelSettings returns the settings of one channel.
func (s *Store) ChannelSettings(ctx context.Context, id hackfest.ChannelID) (hackfest.ChannelSettings, error) {
	const q = `
		select ` + settingsColumns + `
		from channels c
		join networks w on w.id = c.network_id
		where c.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	c, err := pgx.CollectExactlyOneRow(rows, scanSettings)
	return c, classify(err, "channel")
}

// NewKey is what becomes of a channel's key.
type NewKey struct {
	Key  string // the new one; "" leaves it as it is
	None bool   // it has none any more
}

// ChangeChannel stores the settings of c and tells the bot. It is fault.Conflict
// when they are not of revision c.Revision any more.
func (s *Store) ChangeChannel(ctx context.Context, c hackfest.ChannelSettings, key NewKey) error {
	const q = `
		update channels
		set purpose = @purpose, webchat_url = @webchat, visibility = @visibility, joined = @joined, logged = @logged,
			announce = @announce, occasions = @occasions, announces = @announces, topic = @topic, hackfests = @hackfests, greet = @greet,
			noisy = @noisy, w3c = @w3c, start_right = @start, revision = revision + 1,
			key = case when @none then '' when @key::text <> '' then @key else key end
		where id = @id and revision = @revision`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"id": c.ID, "revision": c.Revision, "purpose": clean(c.Purpose), "webchat": c.WebchatURL, "visibility": c.Visibility,
		"joined": c.Joined, "logged": c.Logged, "announce": c.Announce, "occasions": append([]string{}, c.Occasions...),
		"announces": c.Announces, "topic": c.Topic, "hackfests": c.Hackfests, "greet": c.Greet, "noisy": c.Noisy, "w3c": c.W3C, "start": c.StartRight,
		"none": key.None, "key": key.Key,
	})
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "Somebody else has changed this channel meanwhile.")
	}
	if err != nil {
		return classify(err, "channel")
	}
	return s.tellOfChannel(ctx, c.ID)
}

// AddChannel adds a channel that the bot is to join, with the settings that new
// channels have. name must be one that all networks compare alike, see
// hackfest.ChannelName. It is fault.Conflict when the network has it already.
func (s *Store) AddChannel(ctx context.Context, network, name, key, purpose string, now time.Time) (hackfest.ChannelID, error) {
	const q = `
		insert into channels (network_id, name, folded, key, purpose, created_at)
		select w.id, @name, @folded, @key, @purpose, @now
		from networks w
		where w.name = @network
		on conflict (network_id, folded) do nothing
		returning id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"network": network, "name": name, "folded": irctext.RFC1459.Fold(name), "key": key, "purpose": clean(purpose), "now": now,
	})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.ChannelID])
	if err != nil {
		return 0, classify(err, "channel")
	}
	if len(ids) == 0 {
		return 0, &fault.Error{Kind: fault.Conflict, Field: "channel", Message: name + " on " + network + " is known already, or there is no such network."}
	}
	return ids[0], s.tellOfChannel(ctx, ids[0])
}

// AskToJoin makes the bot want to be in a channel, and try afresh.
func (s *Store) AskToJoin(ctx context.Context, id hackfest.ChannelID) error {
	const q = `
		update channels
		set joined = true, asked = asked + 1, revision = revision + case when joined then 0 else 1 end
		where id = @id`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "There is no such channel.")
	}
	if err != nil {
		return classify(err, "channel")
	}
	return s.tellOfChannel(ctx, id)
}

// tellOfChannel tells the bot of changed settings, and pages that follow the
// channel: they may be for members only now.
func (s *Store) tellOfChannel(ctx context.Context, id hackfest.ChannelID) error {
	if err := s.notify(ctx, topicChannels); err != nil {
		return err
	}
	return s.notify(ctx, ChannelTopic(id))
}

// BotChannels returns the channels of a network as the bot has to know them.
func (s *Store) BotChannels(ctx context.Context, network string) ([]hackfest.BotChannel, error) {
	const q = `
		select c.name, c.key, c.joined, c.logged, c.asked, c.hackfests, c.greet, c.quiet_until, c.topic and c.announce as topic, c.topic_part
		from channels c
		join networks w on w.id = c.network_id
		where w.name = @network
		order by c.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network})
	list, err := pgx.CollectRows(rows, scanBotChannel)
	return list, classify(err, "channel")
}

func scanBotChannel(row pgx.CollectableRow) (hackfest.BotChannel, error) {
	type columns struct {
		Name, Key               string
		Joined, Logged          bool
		Asked                   int
		Hackfests, Greet, Topic bool
		QuietUntil              *time.Time
		TopicPart               string
	}
	c, err := pgx.RowToStructByName[columns](row)
	return hackfest.BotChannel{
		Name: c.Name, Key: c.Key, Joined: c.Joined, Logged: c.Logged, Asked: c.Asked,
		Hackfests: c.Hackfests, Greet: c.Greet, QuietUntil: orZero(c.QuietUntil), Topic: c.Topic, TopicPart: c.TopicPart,
	}, err
}

// Networks returns the names of all networks, sorted.
func (s *Store) Networks(ctx context.Context) ([]string, error) {
	const q = `select name from networks order by name`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, classify(err, "network")
}

// ChannelHolds is how much of a channel the public sees while the channel is for
// everybody.
type ChannelHolds struct {
	Lines, Meetings, Sessions int
	Running                   bool // a meeting runs there now
}

// ChannelHolds counts what changing the visibility of a channel hides or
// publishes. What is for members for a reason of its own is not counted: neither
// lines of restricted meetings nor sessions for members.
func (s *Store) ChannelHolds(ctx context.Context, v person.Viewer, id hackfest.ChannelID) (ChannelHolds, error) {
	const q = `
		select
			(select count(*) from lines l where l.channel_id = c.id and not l.members_only and l.kind not in ('context', 'private')) as lines,
			(select count(*) from meetings m join sessions s on s.id = m.session_id
			 where m.channel_id = c.id and m.visibility = 'public' and s.visibility = 'public') as meetings,
			(select count(*) from sessions s where s.channel_id = c.id and s.visibility = 'public') as sessions,
			exists (select from meetings m where m.channel_id = c.id and m.ended_at is null) as running
		from channels c
		where c.id = @id and (@members or c.visibility = 'public')`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ChannelHolds])
	return h, classify(err, "channel")
}
