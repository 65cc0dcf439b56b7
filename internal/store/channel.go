package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// channelColumns are those of scanChannel, from channels c and networks w.
const channelColumns = `c.id, w.name as network, w.server, c.name, c.folded, c.purpose, c.webchat_url, c.visibility,
	c.joined, c.logged, c.applied_ref`

func scanChannel(row pgx.CollectableRow) (hackfest.ChannelInfo, error) {
	c, err := pgx.RowToStructByNameLax[hackfest.ChannelInfo](row)
	c.Path = irctext.ChannelPath(c.Folded)
	return c, err
}

// Channel returns the channel that path stands for in URLs of network, or
// fault.NotFound. path is decoded and may be in either case.
func (s *Store) Channel(ctx context.Context, v person.Viewer, network, path string) (hackfest.ChannelInfo, error) {
	const q = `
		select ` + channelColumns + `
		from channels c
		join networks w on w.id = c.network_id
		where w.name = @network and c.folded in ('#' || @path::text, @path::text) and (@members or c.visibility = 'public')
		order by c.folded = '#' || @path::text desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"network": network, "path": strings.ToLower(path), "members": v.SeesMembersOnly(),
	})
	c, err := pgx.CollectExactlyOneRow(rows, scanChannel)
	return c, classify(err, "channel")
}

// Channels returns all channels v may see, by network and name.
func (s *Store) Channels(ctx context.Context, v person.Viewer) ([]hackfest.ChannelInfo, error) {
	const q = `
		select ` + channelColumns + `
		from channels c
		join networks w on w.id = c.network_id
		where @members or c.visibility = 'public'
		order by w.name, c.folded`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanChannel)
	return list, classify(err, "channel")
}

// AddNetwork makes sure that network name exists and that people are told to
// connect to server.
func (s *Store) AddNetwork(ctx context.Context, name, server string, now time.Time) error {
	const q = `
		insert into networks (name, server, created_at) values (@name, @server, @now)
		on conflict (name) do update set server = excluded.server where excluded.server <> ''`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"name": name, "server": server, "now": now})
	return classify(err, "network")
}

// OpenChannels makes sure that network and its channels exist, as the bot joins
// them. Names are compared by cm; what the community decided about a channel
// stays as it is.
func (s *Store) OpenChannels(ctx context.Context, network string, channels []string, cm irctext.Casemapping, now time.Time) error {
	const q = `
		insert into channels (network_id, name, folded, created_at)
		select w.id, x.name, x.folded, @now
		from networks w, unnest(@names::text[], @folded::text[]) x (name, folded)
		where w.name = @network
		on conflict (network_id, folded) do nothing`
	folded := make([]string, len(channels))
	for i, name := range channels {
		folded[i] = cm.Fold(name)
	}
	return s.InTx(ctx, func(tx *Store) error {
		if err := tx.AddNetwork(ctx, network, "", now); err != nil {
			return err
		}
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"network": network, "names": channels, "folded": folded, "now": now})
		return classify(err, "channel")
	})
}

// SetChannel stores what people are told about a channel: its purpose and where
// to join it in a browser. Either may be empty.
func (s *Store) SetChannel(ctx context.Context, id hackfest.ChannelID, purpose, webchatURL string) error {
	const q = `update channels set purpose = @purpose, webchat_url = @webchat where id = @id`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "purpose": purpose, "webchat": webchatURL})
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "There is no such channel.")
	}
	return classify(err, "channel")
}

// channelID finds a channel by its name in either spelling, for what is planned
// by people rather than heard by the bot.
func (s *Store) channelID(ctx context.Context, network, name string) (hackfest.ChannelID, error) {
	const q = `
		select c.id
		from channels c
		join networks w on w.id = c.network_id
		where w.name = @network and (c.folded = @name or c.name = @name or lower(c.name) = lower(@name))
		order by c.folded = @name desc, c.name = @name desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network, "name": name})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.ChannelID])
	return id, classify(err, fmt.Sprintf("channel as %s on %s", name, network))
}
