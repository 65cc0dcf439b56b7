// Package demo is the sample community of hackfest demo: Eucalyptus in the
// summer of 2012, with three hackfests, what the first of them taught, its log,
// and sessions that go on every week so that something is always ahead. People
// and conversations are invented.
//
// It puts the sample into an empty database through the store, and makes the
// minutes of the recorded hackfest with the engine, from the log in this
// directory. It starts nothing.
package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// RecordedSession is the slug of the session whose log and minutes are there.
const RecordedSession = "2012-08-02-openshift-origin"

// Person is who has an account in the sample: a maintainer. Who tries the demo
// signs in as them.
const Person = "ironbark"

// chaired are the series that Person chairs.
var chaired = []string{"weekly-hackfest", "community-meeting"}

// Options are where the sample is shown.
type Options struct {
	Network string // name of the network the bot is on
	Server  string // its address, as people put it into a client
	BaseURL string // of the portal, without a slash at the end
	Now     time.Time
}

// Seed puts the sample community into st, all of it or nothing, and lays out the
// sessions of the coming weeks. A database that has the sample keeps what
// happened in it since. One that holds anything else is a fault.Conflict and
// stays as it is.
func Seed(ctx context.Context, st *store.Store, o Options) error {
	has, err := holdsSample(ctx, st)
	if err != nil {
		return err
	}
	return st.InTx(ctx, func(tx *store.Store) error {
		s := seeder{tx, o}
		if err := s.places(ctx); err != nil {
			return fmt.Errorf("sample community: %w", err)
		}
		if has {
			return errors.Join(s.extend(ctx), s.people(ctx))
		}
		if err := s.community(ctx); err != nil {
			return fmt.Errorf("sample community: %w", err)
		}
		if err := s.people(ctx); err != nil {
			return err
		}
		if err := s.targetsLater(ctx); err != nil {
			return fmt.Errorf("sample community: %w", err)
		}
		if err := s.recipes(ctx); err != nil {
			return err
		}
		if err := s.repositories(ctx); err != nil {
			return err
		}
		if err := s.news(ctx); err != nil {
			return fmt.Errorf("sample community: %w", err)
		}
		if err := s.answers(ctx); err != nil {
			return fmt.Errorf("sample community: %w", err)
		}
		if err := s.checklists(ctx); err != nil {
			return fmt.Errorf("sample community: %w", err)
		}
		if err := s.voices(ctx); err != nil {
			return fmt.Errorf("sample community: %w", err)
		}
		return s.changes(ctx)
	})
}

// Check refuses, with a fault.Conflict, a database in which somebody else has
// tables. It is to be asked before the schema is made.
func Check(ctx context.Context, st *store.Store) error {
	others, err := st.HoldsOthers(ctx)
	if err == nil && others {
		return notOurs()
	}
	return err
}

func notOurs() error {
	return fault.New(fault.Conflict, "The database holds something that is not the demo's. Unset DATABASE_URL, or give the demo an empty database.")
}

// holdsSample reports whether st has the sample already. A database with
// something else in it is a fault.Conflict.
func holdsSample(ctx context.Context, st *store.Store) (bool, error) {
	everybody := person.Viewer{Role: person.Admin}
	list, err := st.SeriesList(ctx, everybody)
	if err != nil {
		return false, err
	}
	for _, s := range list {
		if s.UID == markUID {
			return true, nil
		}
	}
	channels, err := st.Channels(ctx, everybody)
	if err != nil {
		return false, err
	}
	found, err := st.Targets(ctx)
	if err != nil {
		return false, err
	}
	if len(list)+len(channels)+len(found) > 0 {
		return false, notOurs()
	}
	return false, nil
}

// seeder puts the parts of the sample into one transaction.
type seeder struct {
	tx *store.Store
	Options
}

// places makes the networks and channels. The local server may have another
// address than at the last start.
func (s seeder) places(ctx context.Context) error {
	if err := s.place(ctx, archiveNetwork, archiveServer, archiveChannel, "What happened in 2012. Nobody listens there any more."); err != nil {
		return err
	}
	for _, c := range Channels {
		if err := s.place(ctx, s.Network, s.Server, c.Name, c.Purpose); err != nil {
			return err
		}
	}
	return nil
}

func (s seeder) place(ctx context.Context, network, server, channel, purpose string) error {
	if err := s.tx.AddNetwork(ctx, network, server, s.Now); err != nil {
		return err
	}
	if err := s.tx.OpenChannels(ctx, network, []string{channel}, irctext.RFC1459, s.Now); err != nil {
		return err
	}
	info, err := s.tx.Channel(ctx, person.PublicViewer, network, irctext.ChannelPath(channel))
	if err != nil {
		return err
	}
	return s.tx.SetChannel(ctx, info.ID, purpose, "")
}

// community adds everything that happened.
func (s seeder) community(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.targets, s.series, s.sessions} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	lines, err := s.record(ctx)
	if err != nil {
		return err
	}
	return s.lessons(ctx, lines)
}

// people adds the one person with an account, unless somebody has that name: a
// maintainer, who spoke in the recorded hackfest and chairs what goes on.
func (s seeder) people(ctx context.Context) error {
	if _, err := s.tx.Account(ctx, Person); fault.KindOf(err) != fault.NotFound || err == nil {
		return err
	}
	id, err := s.tx.AddPerson(ctx, Person, person.Maintainer, archiveBegins)
	if err != nil {
		return err
	}
	for _, slug := range chaired {
		if err := s.tx.AddChair(ctx, id, slug, s.Now); err != nil {
			return err
		}
	}
	return s.tx.AddIdentity(ctx, id, person.IRCNick, archiveNetwork, Person, archiveBegins)
}

func (s seeder) targets(ctx context.Context) error {
	for _, t := range targets {
		at, err := time.Parse(time.DateOnly, t.staged)
		if err != nil {
			return err
		}
		t.StagedAt = at
		if _, err := s.tx.AddTarget(ctx, t.Target, s.Now); err != nil {
			return err
		}
	}
	return nil
}

func (s seeder) series(ctx context.Context) error {
	for _, r := range series {
		zone, err := time.LoadLocation(r.Zone)
		if err != nil {
			return err
		}
		from := archiveBegins
		if r.first == "" {
			r.first, from = weekday(s.Now.In(zone), r.day).Format(time.DateOnly), s.Now
		}
		if r.First, err = time.Parse("2006-01-02 15:04", r.first+" "+r.clock); err != nil {
			return err
		}
		if r.Network == "" {
			r.Network = s.Network
		}
		if _, err := s.tx.AddSeries(ctx, r.Series, s.Now); err != nil {
			return err
		}
		if _, err := s.tx.ExtendSeries(ctx, r.Slug, s.Now.Add(store.Ahead), from); err != nil {
			return err
		}
	}
	return nil
}

// extend lays out the coming weeks of the series that go on.
func (s seeder) extend(ctx context.Context) error {
	for _, r := range series {
		if _, err := s.tx.ExtendSeries(ctx, r.Slug, s.Now.Add(store.Ahead), s.Now); err != nil {
			return err
		}
	}
	return nil
}

// weekday is the given day of the week in which t is, which begins on Sunday.
func weekday(t time.Time, day time.Weekday) time.Time { return t.AddDate(0, 0, int(day-t.Weekday())) }

func (s seeder) sessions(ctx context.Context) error {
	for _, one := range sessions {
		zone, err := time.LoadLocation(one.zone)
		if err != nil {
			return err
		}
		start, err := time.ParseInLocation("2006-01-02 15:04", one.start, zone)
		if err != nil {
			return err
		}
		_, err = s.tx.AddSession(ctx, hackfest.Session{
			Title: one.title, Kind: hackfest.KindHackfest, Goal: one.goal, TargetSlug: one.target,
			Network: archiveNetwork, Channel: archiveChannel,
			StartsAt: start.UTC(), EndsAt: start.Add(one.length).UTC(), Zone: one.zone,
		}, s.Now)
		if err != nil {
			return err
		}
	}
	return nil
}

// lessons cites the lines that taught them.
func (s seeder) lessons(ctx context.Context, log []hackfest.Line) error {
	for _, l := range lessons {
		for _, line := range log {
			if line.Nick == l.nick && strings.HasPrefix(line.Text, l.said) {
				l.LineRef = line.Ref
			}
		}
		if l.LineRef.IsZero() {
			return fmt.Errorf("no line of %s begins with %q", l.nick, l.said)
		}
		l.SessionSlug = RecordedSession
		l.PublishedAt = time.Date(2012, 8, 3, 16, 0, 0, 0, time.UTC)
		if _, err := s.tx.AddLesson(ctx, l.Lesson, s.Now); err != nil {
			return err
		}
	}
	return nil
}
