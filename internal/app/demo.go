package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/demo"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ngircd"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/settings"
	"github.com/eucalyptus/hackfest/internal/store"
)

// demoNetwork is the demo's own IRC server in URLs.
const demoNetwork = "local"

// demoMarker is the file that makes a directory the demo's.
const demoMarker = "hackfest-demo"

// DemoOptions are what a demo is started with. Of the settings only the address
// to listen on, the database, the data directory and the log count.
type DemoOptions struct {
	Options
	Fresh bool      // start over
	Out   io.Writer // gets what to try
}

// Demo runs a portal with everything on this machine until ctx ends: the
// sample community, and an IRC server if one is installed.
func Demo(ctx context.Context, o DemoOptions) error {
	d := &demonstration{DemoOptions: o, begun: time.Now()}
	defer func() { _ = d.marker.Close() }() // gives up the lock; nil is fine
	if err := d.claimDir(ctx); err != nil {
		return err
	}
	if err := d.startIRC(ctx); err != nil {
		return err
	}
	zone, err := time.LoadLocation(demo.Zone)
	if err != nil {
		return err
	}
	d.Settings.Community, d.Settings.Zone = demo.Community, zone
	d.Settings.Metrics = settings.MetricsLoopback
	d.check, d.seed, d.started = demo.Check, d.fill, d.welcome
	fmt.Fprintln(d.Out, "Starting the demo. Everything it keeps is in "+d.Settings.DataDir+".")
	err = Serve(ctx, d.Options)
	if asked, failed := ctx.Err() != nil, !d.welcomed.Load(); d.irc != nil && (asked || failed && !d.irc.Reused) {
		err = errors.Join(err, d.irc.Stop()) // a demo that dies leaves it running
	}
	if err == nil {
		fmt.Fprintln(d.Out, "Stopped. Start it again and everything is still there.")
	}
	return err
}

// demonstration is a demo under way.
type demonstration struct {
	DemoOptions
	begun time.Time
	irc   *ngircd.Server // nil without ngIRCd
	noIRC error          // why there is none

	secret   string   // of the link that signs in as maintainer; set by fill
	marker   *os.File // locked while the demo runs
	welcomed atomic.Bool
}

// claimDir makes the data directory the demo's own, locks it, and empties it if
// that is wanted. One that holds something else is left alone.
func (d *demonstration) claimDir(ctx context.Context) error {
	dir := d.Settings.DataDir
	ours, err := isDemoDir(dir)
	if err != nil {
		return dataDirError(dir, err)
	}
	if !ours {
		return fault.New(fault.Invalid, "%s holds something that is not the demo's, so it is left alone. Choose another directory with --data-dir.", dir)
	}
	if err := makeDataDir(dir); err != nil {
		return err
	}
	if d.marker, err = os.OpenFile(filepath.Join(dir, demoMarker), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return dataDirError(dir, err)
	}
	if err := syscall.Flock(int(d.marker.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fault.New(fault.Conflict, "The demo in %s is running already. Stop that one first, or choose another directory with --data-dir.", dir)
	}
	if d.Fresh {
		if err := d.startOver(ctx); err != nil {
			return err
		}
	}
	const text = "This directory belongs to hackfest demo. \"hackfest demo --fresh\" deletes what is in it.\n"
	if _, err := d.marker.WriteAt([]byte(text), 0); err != nil {
		return dataDirError(dir, err)
	}
	return nil
}

// isDemoDir reports whether dir may be the demo's: it has our marker, is empty,
// or does not exist.
func isDemoDir(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	_, err = os.Stat(filepath.Join(dir, demoMarker))
	return len(entries) == 0 || err == nil, nil
}

// demoFiles are what a demo keeps in its directory beside the marker.
var demoFiles = []string{"postgres", "spool", "ngircd"}

// startOver removes what an earlier demo kept. Nothing else in the directory is
// touched.
func (d *demonstration) startOver(ctx context.Context) error {
	if d.Settings.DatabaseURL != "" {
		return fault.New(fault.Invalid, "--fresh starts over in the demo's own directory only. Empty the database of DATABASE_URL by hand, or unset it.")
	}
	dir := d.Settings.DataDir
	if s := ngircd.Running(ctx, filepath.Join(dir, "ngircd")); s != nil {
		if err := s.Stop(); err != nil {
			return err
		}
	}
	for _, name := range demoFiles {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return dataDirError(dir, err)
		}
	}
	return nil
}

// startIRC starts the local server, or finds the one that runs. Without the
// program the demo goes on without a bot.
func (d *demonstration) startIRC(ctx context.Context) error {
	var names []string
	for _, c := range demo.Channels {
		names = append(names, c.Name)
	}
	s, err := ngircd.Start(ctx, ngircd.Options{Dir: filepath.Join(d.Settings.DataDir, "ngircd"), Channels: names})
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		d.noIRC = err
		d.Settings.Networks = nil
		return nil
	}
	d.irc = s
	d.Settings.Networks = []settings.Network{{
		Name: demoNetwork, Host: "127.0.0.1", Addr: s.Addr, Nick: "hackbot", Channels: names,
	}}
	return nil
}

// fill adds the sample community to a new database.
func (d *demonstration) fill(ctx context.Context, st *store.Store) error {
	server := "127.0.0.1"
	if d.irc != nil {
		server = d.irc.Addr
	}
	err := demo.Seed(ctx, st, demo.Options{
		Network: demoNetwork, Server: server, BaseURL: d.Settings.BaseURL, Now: d.Now(),
	})
	if err != nil {
		return err
	}
	return d.invitation(ctx, st)
}

// invitation makes the link with which whoever tries the demo signs in.
func (d *demonstration) invitation(ctx context.Context, st *store.Store) error {
	a, err := st.Account(ctx, demo.Person)
	if err != nil {
		return err
	}
	secret, hash := auth.NewSecret()
	now := d.Now().UTC()
	if err := st.AddLink(ctx, hash, a.ID, person.LinkByDemo, now, now.Add(auth.DemoLinkTime)); err != nil {
		return err
	}
	d.secret = secret
	return nil
}
