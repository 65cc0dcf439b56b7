package ircbot

import (
	"sync/atomic"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
)

// Counters count since the start.
type Counters struct {
	Heard   atomic.Int64 // lines given to the spool
	Ignored atomic.Int64 // lines of channels that are not logged
	Private atomic.Int64 // messages to the bot alone, which are not kept
	Lost    atomic.Int64 // lines the spool had no room for
	Stored  atomic.Int64 // lines stored in Postgres
	Retries atomic.Int64 // questions to Postgres that had to be put again
	Said    atomic.Int64 // answers, notices and topics

	Unanswered atomic.Int64 // questions that came too fast
}

// Status is how the bot is doing.
type Status struct {
	Networks     []NetworkStatus
	Waiting      bool         // not on IRC yet: Postgres has not said where the channels stand
	Durable      hackfest.Ref // the last line that is safe on disk
	Drained      hackfest.Ref // the last line of the spool that is in Postgres
	Undrained    time.Time    // UTC, when the first line was received that is not in Postgres; zero when all are
	SpoolBytes   int64
	SpoolWaiting int       // lines that are not safe on disk yet
	Synced       int64     // records that became safe on disk since the start
	SpoolLost    int64     // lines not taken since the start because the spool was full
	SpoolAside   int       // damaged stretches of the spool that were kept aside
	SpoolErr     string    // why the spool cannot be written; "" when it can
	PostgresAway time.Time // UTC, since when; zero while it is there
}

// NetworkStatus is how the bot is doing on one network.
type NetworkStatus struct {
	Network    string
	State      string // connecting, registering, online, waiting, stopped
	Nick       string
	Server     string           // as it calls itself; "" while not online
	Lag        time.Duration    // how long it took to answer the last time; zero when it was not asked yet
	Channels   []string         // where it is
	Absent     []ircnet.Absence // where it should be
	LastLineAt time.Time        // UTC; zero before the first line
	Account    string           // who services say it is; "" when nobody
	Err        string           // why it is not connected; "" when it is
	LoginErr   string           // why it is connected but not logged in, although it should be; "" else
	Failures   int              // attempts in a row that failed
	NextTryAt  time.Time        // UTC, when the next attempt is made; zero unless waiting
	Connects   int              // times it was online since the start
	Panics     int              // panics of girc that were recovered from since the start
	Dropped    int              // lines of ours thrown away since the start because too many waited
}

// Status reports how the bot is doing.
func (b *Bot) Status() Status {
	st := b.spool.Status()
	s := Status{
		Waiting: !b.running.Load(), Durable: st.Durable, Drained: b.drained.ref(), SpoolBytes: st.Bytes,
		SpoolWaiting: st.Waiting, Synced: st.Synced, SpoolLost: st.Lost, SpoolAside: st.Aside, PostgresAway: b.outage.away(b.now()),
	}
	if st.Err != nil {
		s.SpoolErr = st.Err.Error()
	}
	if next := b.spool.Next(s.Drained); !next.IsZero() {
		s.Undrained = next.Time()
	}
	for _, l := range b.links {
		n := l.network.Status()
		s.Networks = append(s.Networks, NetworkStatus{
			Network: l.name, State: n.State, Nick: n.Nick, Server: n.Server, Lag: n.Lag, Channels: n.Channels, Absent: n.Absent,
			LastLineAt: n.LastLineAt, Account: n.Account, Err: n.Err, LoginErr: n.LoginErr, Failures: n.Failures, NextTryAt: n.NextTryAt,
			Connects: n.Connects, Panics: n.Panics, Dropped: n.Dropped,
		})
	}
	return s
}
