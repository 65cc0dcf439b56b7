package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// sayFor is how long a line may wait for its turn.
const sayFor = 20 * time.Second

// announceArgs is one try to say something on IRC.
type announceArgs struct {
	Delivery hackfest.DeliveryID `json:"delivery"`
}

// Kind is River's name of the job.
func (announceArgs) Kind() string { return "announce" }

type announceWorker struct {
	river.WorkerDefaults[announceArgs]
	Config
	voice Voice
}

// said are the outlets of IRC: whether anybody could hear a delivery there now,
// and how it is said.
var said = map[hackfest.Outlet]struct {
	heard func(v Voice, d hackfest.Delivery) bool
	say   func(ctx context.Context, v Voice, p parcel) error
}{
	hackfest.OutletIRC: {
		heard: present,
		say: func(ctx context.Context, v Voice, p parcel) error {
			return v.Announce(ctx, p.Network, p.Channel, p.text)
		},
	},
	hackfest.OutletTopic: {
		heard: present,
		say:   func(ctx context.Context, v Voice, p parcel) error { return v.Topic(ctx, p.Network, p.Channel, p.text) },
	},
	hackfest.OutletNotice: {
		heard: func(Voice, hackfest.Delivery) bool { return true },
		say: func(ctx context.Context, v Voice, p parcel) error {
			err := errNotThere
			for _, n := range p.names {
				if err = v.Notice(ctx, p.Network, n.Nick, n.Account, p.text); fault.KindOf(err) != fault.Unavailable {
					return err
				}
			}
			return err
		},
	},
}

var errNotThere error = fault.New(fault.Unavailable, "They are not there.")

func present(v Voice, d hackfest.Delivery) bool { return v.Present(d.Network, d.Channel) }

// Work says it if it is still to be said: first it is noted, for good, that it is
// being sent, and only then it is sent. Whoever is cut off in between leaves that
// note behind.
func (w *announceWorker) Work(ctx context.Context, job *river.Job[announceArgs]) error {
	p, ok, err := w.begin(ctx, job.Args.Delivery, func(d hackfest.Delivery) bool {
		return w.voice != nil && said[d.Outlet].heard != nil && said[d.Outlet].heard(w.voice, d)
	})
	if err != nil || !ok {
		return err
	}
	within, cancel := context.WithTimeout(ctx, sayFor)
	err = said[p.Outlet].say(within, w.voice, p)
	cancel()
	to, reason := hackfest.DeliverySent, ""
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.Unavailable:
		to = hackfest.DeliveryPending
	case p.Outlet == hackfest.OutletTopic && (kind == fault.Forbidden || kind == fault.Conflict):
		to, reason = hackfest.DeliveryFailed, fault.Message(err)
	default:
		to, reason = hackfest.DeliveryUnknown, "The connection ended while it was being sent."
	}
	w.Log.InfoContext(ctx, "announcement", "outlet", p.Outlet, "occasion", p.Occasion, "network", p.Network, "channel", p.Channel, "state", to, "err", err)
	return w.settle(ctx, p.ID, to, reason)
}
