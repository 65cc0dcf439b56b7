package ircbot

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Forget has the spool forget all that is stored, to the last line. It reports
// whether none of its files can hold one of the lines refs any more.
func (b *Bot) Forget(ctx context.Context, refs []hackfest.Ref) (bool, error) {
	return b.spool.Forget(ctx, b.finished(), refs)
}

// finished is the last line that is stored and that the speaker has heard.
func (b *Bot) finished() hackfest.Ref {
	ref := b.drained.ref()
	if spoken := b.spoken.ref(); spoken.Compare(ref) < 0 {
		ref = spoken
	}
	return ref
}
