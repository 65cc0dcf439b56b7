package demo

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/store"
)

// voices says what the bot does unasked in each of its channels: the topic of
// the one where hackfests are held shows the next, and who looks for one in the
// other is sent there.
func (s seeder) voices(ctx context.Context) error {
	all, err := s.tx.AllChannelSettings(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Network != s.Network {
			continue
		}
		c.Topic, c.Hackfests = c.Name == Channels[0].Name, c.Name == Channels[0].Name
		if err := s.tx.ChangeChannel(ctx, c, store.NewKey{}); err != nil {
			return err
		}
	}
	return nil
}
