package spool

import (
	"fmt"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// loss is what one channel lost while the spool was full.
type loss struct {
	network, channel string
	lines            int64
	first, last      time.Time // UTC, when the first and the last of them were received
}

// fits reports whether n more bytes are inside the bounds.
func (s *Spool) fits(n int64) bool {
	return s.onDisk+s.inMemory+n <= s.o.MaxBytes && s.inMemory+n <= s.o.MaxPending
}

// lose counts l, which the spool has no room for.
func (s *Spool) lose(l hackfest.Line) {
	if len(s.losses) == 0 {
		s.o.Log.Error("spool is full; lines are lost", "bytes", s.onDisk+s.inMemory, "waiting", len(s.waiting))
	}
	s.lost++
	for _, x := range s.losses {
		if x.network == l.Network && x.channel == l.Channel {
			x.lines++
			x.last = l.ReceivedAt
			return
		}
	}
	s.losses = append(s.losses, &loss{l.Network, l.Channel, 1, l.ReceivedAt, l.ReceivedAt})
}

// admitLosses appends a gap line to each channel that lost lines, once a
// sixteenth of the room is free again: not at the first free byte, or a spool at
// its bound would be more gap than log.
func (s *Spool) admitLosses() {
	if len(s.losses) == 0 || !s.fits(min(s.o.MaxBytes, s.o.MaxPending)/16) {
		return
	}
	losses := s.losses
	s.losses = nil
	now := s.o.Now().UTC()
	for _, x := range losses {
		s.append(hackfest.Line{
			Network: x.network, Channel: x.channel, At: now, ReceivedAt: now, Kind: hackfest.Gap, Text: x.String(),
		})
		s.o.Log.Error("lines were lost", "network", x.network, "channel", x.channel, "lines", x.lines)
	}
}

// String is the text of the gap line.
func (x *loss) String() string {
	what := "lines were"
	if x.lines == 1 {
		what = "line was"
	}
	return fmt.Sprintf("%d %s not kept between %s and %s UTC: the spool was full.", x.lines, what,
		x.first.UTC().Format(time.DateTime), x.last.UTC().Format(time.DateTime))
}
