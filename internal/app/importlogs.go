package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/archive"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/logformat"
	"github.com/eucalyptus/hackfest/internal/store"
)

// LogsImport says which logs to bring in, and what they do not say themselves.
type LogsImport struct {
	Paths   []string // files, and folders with all below them
	Network string   // "" is what a log says, else the only one there is
	Channel string
	Date    time.Time
	Zone    *time.Location
	Format  string
	Whole   bool
	OldRoot string                          // path below which an archive stood on its host; "" is the top
	Taken   func(path string) bool          // the portal has a page of its own there; nil is never
	Step    func(done, all int, now string) // after each log; nil is not told
}

// LogProblem is a file that was not brought in, and why.
type LogProblem struct{ Path, Why string }

// LogsReport is what an import of logs did.
type LogsReport struct {
	Network  string // that was taken because nothing said another
	Logs     int    // of how many there were all brought in or there already
	All      int    // logs
	Lines    store.Imported
	Unknown  int          // rows that no rule of their format fits
	Examples []string     // of these, with file and number
	Left     []LogProblem // files that are no logs
	Failed   []LogProblem // logs that could not be brought in
	Shadowed []string     // old paths at which the portal has pages of its own
	Stopped  bool         // before all logs had their turn
}

// maxExamples is how many rows and paths are named in a report.
const maxExamples = 10

// tellEach is how often those who look at a channel are told that it changed.
const tellEach = 10 * time.Second

// ImportLogs brings logs in, one after the other, each all of it or nothing. One
// that cannot be is told of in the report and holds up no other. When ctx ends,
// the logs that are in stay.
func (k Keeper) ImportLogs(ctx context.Context, in LogsImport) (report LogsReport, err error) {
	logs, left, err := findLogs(in)
	if err != nil {
		return report, err
	}
	err = k.read(ctx, func(st *store.Store) error {
		release, err := st.LockImports(ctx)
		if err != nil {
			return err
		}
		defer release()
		if in.Network == "" {
			if report.Network, err = onlyNetwork(ctx, st); err != nil {
				return err
			}
		}
		w := &logsWork{LogsImport: in, keeper: k, store: st, report: &report, changed: map[hackfest.ChannelID]bool{}, told: k.Now()}
		report.All, report.Left = len(logs), left
		err = w.all(ctx, logs)
		if tellErr := w.tell(context.WithoutCancel(ctx)); err == nil {
			err = tellErr
		}
		if report.Lines.Added > 0 {
			err = errors.Join(err, k.audit(context.WithoutCancel(ctx), st, "import logs", strings.Join(in.Paths, " "), nil, map[string]any{
				"lines": report.Lines.Added, "meetings": report.Lines.Meetings, "logs": report.Logs,
			}))
		}
		return err
	})
	return report, err
}

// onlyNetwork is the network of a portal that has one.
func onlyNetwork(ctx context.Context, st *store.Store) (string, error) {
	list, err := st.Networks(ctx)
	if err == nil && len(list) == 1 {
		return list[0], nil
	}
	return "", err
}

// logSource is a log with the folder it lies in.
type logSource struct {
	archive.Source
	dir string // "" for a file that was named
}

// findLogs lists what is to be brought in.
func findLogs(in LogsImport) (logs []logSource, left []LogProblem, err error) {
	for _, p := range in.Paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, nil, fault.New(fault.NotFound, "%s cannot be read: %s.", p, reason(err))
		}
		root, err := filepath.Abs(p)
		if err != nil {
			return nil, nil, err
		}
		if !info.IsDir() {
			sources, _ := archive.Sources(filepath.ToSlash(filepath.Dir(root)), []string{filepath.Base(root)})
			for _, s := range append(sources, archive.Source{Files: []string{filepath.Base(root)}})[:1] {
				s.Files, s.Old = []string{p}, nil
				logs = append(logs, logSource{s, ""})
			}
			continue
		}
		files, unreadable, err := filesBelow(p)
		if err != nil {
			return nil, nil, err
		}
		left = append(left, unreadable...)
		sources, no := archive.Sources(filepath.ToSlash(root), files)
		for _, s := range sources {
			logs = append(logs, logSource{s, p})
		}
		for _, l := range no {
			left = append(left, LogProblem{filepath.Join(p, filepath.FromSlash(l.Path)), l.Why})
		}
	}
	return logs, left, nil
}

// filesBelow lists the files of a folder by their paths in it, with slashes.
func filesBelow(dir string) (files []string, left []LogProblem, err error) {
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && p == dir:
			return fault.New(fault.NotFound, "%s cannot be read: %s.", p, reason(err))
		case err != nil:
			left = append(left, LogProblem{p, reason(err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular():
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(rel))
		}
		return nil
	})
	return files, left, err
}

// reason is what the system says about a file, without repeating its name.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// logsWork is one ImportLogs under way.
type logsWork struct {
	LogsImport
	keeper  Keeper
	store   *store.Store
	report  *LogsReport
	changed map[hackfest.ChannelID]bool // channels whose readers were not told yet
	told    time.Time
}

// readLog is a log that was read, or why not.
type readLog struct {
	source logSource
	file   string // that was read
	log    logformat.Log
	in     store.LogImport
	err    error
}

// ahead is how many logs are read ahead of the one that is being stored.
const ahead = 2

// all reads and stores logs, the next ones being read while one is stored.
func (w *logsWork) all(ctx context.Context, logs []logSource) error {
	ctx, stop := context.WithCancel(ctx)
	reads := make(chan readLog, ahead)
	go func() {
		defer close(reads)
		for _, l := range logs {
			r := w.read(l)
			select {
			case reads <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() {
		stop()
		for range reads { // until the reader has ended
		}
	}()
	n := 0
	for r := range reads {
		if ctx.Err() != nil {
			break
		}
		if err := w.one(ctx, r); err != nil {
			return err
		}
		if n++; w.Step != nil && ctx.Err() == nil {
			w.Step(n, len(logs), r.file)
		}
	}
	w.report.Stopped = ctx.Err() != nil
	return nil
}

// one stores a log. Only what would befall all others too is an error.
func (w *logsWork) one(ctx context.Context, r readLog) error {
	if r.err == nil {
		var done store.Imported
		if done, r.err = w.store.ImportLog(ctx, r.in, w.keeper.Now()); r.err == nil {
			w.add(r, done)
			return w.tellAtTimes(ctx)
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case fault.KindOf(r.err) == fault.Unavailable:
		return r.err
	case r.source.dir != "" && !r.source.Meeting() && errors.Is(r.err, errNoLog):
		w.report.Left = append(w.report.Left, LogProblem{r.file, fault.Message(r.err)})
		return nil
	case fault.KindOf(r.err) == fault.Internal:
		w.keeper.Log.Error("a log could not be imported", "file", r.file, "err", r.err)
	}
	w.report.Failed = append(w.report.Failed, LogProblem{r.file, fault.Message(r.err)})
	return nil
}

// add counts what came of a log.
func (w *logsWork) add(r readLog, done store.Imported) {
	t := w.report
	t.Logs++
	t.Lines.Added += done.Added
	t.Lines.There += done.There
	t.Lines.Refused += done.Refused
	t.Lines.Meetings += done.Meetings
	t.Lines.Rebuilt += done.Rebuilt
	t.Lines.Kept += done.Kept
	t.Unknown += len(r.log.Skipped)
	for _, s := range r.log.Skipped {
		if len(t.Examples) < maxExamples {
			t.Examples = append(t.Examples, fmt.Sprintf("%s:%d: %s", r.file, s.Number, s.Text))
		}
	}
	for _, o := range r.in.Old {
		if w.Taken != nil && w.Taken(o.Path) {
			t.Shadowed = append(t.Shadowed, o.Path)
		}
	}
	if done.Added+done.Meetings > 0 {
		w.changed[done.ChannelID] = true
	}
}

func (w *logsWork) tellAtTimes(ctx context.Context) error {
	if w.keeper.Now().Sub(w.told) < tellEach {
		return nil
	}
	return w.tell(ctx)
}

// tell tells those who look at channels that these changed.
func (w *logsWork) tell(ctx context.Context) error {
	var ids []hackfest.ChannelID
	for id := range w.changed {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	clear(w.changed)
	w.told = w.keeper.Now()
	return w.store.TellImported(ctx, ids)
}

// errNoLog is what a file is that no reader knows.
var errNoLog = errors.New("no log")

// read reads a log in the best of its forms that can be read.
func (w *logsWork) read(l logSource) readLog {
	r := readLog{source: l}
	for _, file := range l.Files {
		f := filepath.Join(l.dir, filepath.FromSlash(file))
		if l.dir == "" {
			f = file
		}
		data, err := os.ReadFile(f)
		if err != nil {
			err = fault.New(fault.NotFound, "It cannot be read: %s.", reason(err))
		} else {
			err = r.understand(w, f, data)
		}
		if err == nil {
			return r
		}
		if r.err == nil {
			r.err = err // the best form has the best reason
		}
		r.file = cmp.Or(r.file, f)
	}
	return r
}

// ircDay is any day, to see what is wrong with a log.
var ircDay = time.Date(1988, 8, 31, 0, 0, 0, 0, time.UTC)

// understand makes lines of a file.
func (r *readLog) understand(w *logsWork, file string, data []byte) error {
	o := logformat.Options{Name: file, Zone: w.Zone, Network: w.Network}
	if !r.source.Meeting() {
		o.Format, o.Date = w.Format, w.Date
	}
	log, err := logformat.Read(data, o)
	if err != nil {
		o.Date = ircDay
		if _, other := logformat.Read(data, o); other == nil {
			return err // it is a log; only its day is missing
		}
		return &fault.Error{Kind: fault.Invalid, Message: fault.Message(err), Err: errNoLog}
	}
	in := store.LogImport{
		Network: cmp.Or(w.Network, log.Network, w.report.Network), Channel: r.channel(w, log), Lines: log.Lines, Whole: w.Whole,
	}
	switch {
	case len(log.Lines) == 0:
		return &fault.Error{Kind: fault.Invalid, Message: "Nobody says anything in it.", Err: errNoLog}
	case in.Network == "":
		return fault.New(fault.Invalid, "It does not say its network: give it, as in --network libera.")
	case in.Channel == "":
		return fault.New(fault.Invalid, "It does not say its channel: give it, as in --channel '#debian'.")
	}
	for _, p := range r.source.Old {
		in.Old = append(in.Old, archive.OldPath{Path: path.Join("/", w.OldRoot, p.Path), Form: p.Form})
	}
	r.file, r.log, r.in, r.err = file, log, in, nil
	return nil
}

// headSize is how much of a page is searched for the name of its channel.
const headSize = 2048

// channel is the channel of a log: what it says, or what was made of it; else what
// its folder is called, else what the command line says, else its name.
func (r *readLog) channel(w *logsWork, log logformat.Log) string {
	told := log.Channel
	for _, f := range r.source.Beside {
		if told == "" {
			told = archive.ChannelIn(headOf(filepath.Join(r.source.dir, filepath.FromSlash(f))))
		}
	}
	guess := r.source.Channel
	if r.source.Guessed {
		guess = ""
	}
	name := cmp.Or(told, guess, w.Channel, r.source.Channel)
	if name != "" && !strings.ContainsRune("#&+!", rune(name[0])) {
		name = "#" + name
	}
	return name
}

// headOf is the beginning of a file; "" when it cannot be read.
func headOf(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, _ := f.Read(head)
	return string(head[:n])
}
