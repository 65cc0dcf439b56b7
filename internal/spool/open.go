package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

const (
	segmentSuffix = ".spool"
	lockName      = "lock"
	asideName     = "aside"
)

// segment is one file of records. It is named after its first record and never
// reopened for writing after a restart.
type segment struct {
	path  string
	f     file
	size  int64        // bytes that are durable
	first hackfest.Ref // the least ref in it
	last  hackfest.Ref // the greatest
	keep  bool         // it holds damaged bytes that could not be kept aside
	left  bool         // it is written no more, although it may be the last
}

// entry is where a durable record is.
type entry struct {
	ref    hackfest.Ref
	seg    *segment
	off    int64
	length int
}

// Report is what Open found.
type Report struct {
	Records    int          // good records, each counted once
	Last       hackfest.Ref // of them; zero without any
	Duplicates int          // records that were there twice
	Cut        int64        // bytes of records whose writing was cut off by a crash; never accepted
	Aside      []Aside      // damaged stretches
	AliveAt    time.Time    // UTC: when a process that did not close the spool was last known to run; zero otherwise
}

// Aside is a damaged stretch of a segment, copied to a file of its own.
type Aside struct {
	Segment string // file name
	Offset  int64  // bytes from its beginning
	Bytes   int64
	File    string // path of the copy
	New     bool   // found for the first time
	Err     error  // why it could not be copied; the segment is kept then
}

// Open opens the spool in dir, which it makes if need be, and reads what is
// there: good records wait to be read, a write that a crash cut off is removed,
// and damaged bytes are copied to the folder aside and reported. It fails,
// naming the path, when dir cannot be read and written or another process has
// it.
func Open(dir string, o Options) (*Spool, Report, error) {
	o.fill()
	s := &Spool{
		dir: dir, o: o, disk: realDisk{},
		changed: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	var r Report
	if err := s.seize(); err != nil {
		return nil, r, err
	}
	if err := s.load(&r); err != nil {
		s.unlock()
		return nil, r, err
	}
	r.AliveAt = s.lastAlive()
	s.durable = s.o.MinRef
	if r.Last.Compare(s.durable) > 0 {
		s.durable = r.Last
	}
	var err error
	if s.refs, err = newRefs(s.durable, s.o.Now); err != nil {
		s.unlock()
		return nil, r, fmt.Errorf("spool: random bytes: %w", err)
	}
	go s.write()
	return s, r, nil
}

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxPending == 0 {
		o.MaxPending = defaultMaxPending
	}
}

// seize makes the directory, checks that files can be made in it and locks it
// against a second process.
func (s *Spool) seize() error {
	for _, dir := range []string{s.dir, filepath.Join(s.dir, asideName)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return s.unusable(err)
		}
		probe, err := os.CreateTemp(dir, ".probe-*")
		if err != nil {
			return s.unusable(err)
		}
		probe.Close()
		if err := os.Remove(probe.Name()); err != nil {
			return s.unusable(err)
		}
	}
	f, err := os.OpenFile(filepath.Join(s.dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return s.unusable(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("spool: another process is using %s", s.dir)
		}
		return s.unusable(err)
	}
	s.lock = f
	return nil
}

func (s *Spool) unusable(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("spool: %s must belong to the user the program runs as: %w", s.dir, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("spool: %s is on a file system that is mounted read-only: %w", s.dir, err)
	}
	return fmt.Errorf("spool: cannot use %s: %w", s.dir, err)
}

// load reads all segments and makes the index.
func (s *Spool) load(r *Report) error {
	paths, err := filepath.Glob(filepath.Join(globSafe(s.dir), "*"+segmentSuffix))
	if err != nil {
		return s.unusable(err)
	}
	for _, path := range paths {
		if err := s.loadSegment(path, r); err != nil {
			return err
		}
	}
	slices.SortStableFunc(s.index, func(a, b entry) int { return a.ref.Compare(b.ref) })
	all := len(s.index)
	s.index = slices.CompactFunc(s.index, func(a, b entry) bool { return a.ref == b.ref })
	r.Records, r.Duplicates = len(s.index), all-len(s.index)
	if r.Records > 0 {
		r.Last = s.index[r.Records-1].ref
	}
	slices.SortStableFunc(s.segments, func(a, b *segment) int { return a.last.Compare(b.last) })
	if s.aside, err = countFiles(filepath.Join(s.dir, asideName)); err != nil {
		return s.unusable(err)
	}
	return nil
}

// loadSegment reads one file. It is synced as well: after a crash its last
// records may be in the page cache only.
func (s *Spool) loadSegment(path string, r *Report) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return s.unusable(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return s.unusable(err)
	}
	seg := &segment{path: path, f: f, size: int64(len(data))}
	holes := scan(data, func(l hackfest.Line, off int64, length int) {
		s.index = append(s.index, entry{ref: l.Ref, seg: seg, off: off, length: length})
		if seg.first.IsZero() || l.Ref.Compare(seg.first) < 0 {
			seg.first = l.Ref
		}
		if l.Ref.Compare(seg.last) > 0 {
			seg.last = l.Ref
		}
	})
	for _, h := range holes {
		a := s.setAside(seg, h.off, data[h.off:h.off+h.length])
		switch {
		case a.Err != nil:
			seg.keep = true
			r.Aside = append(r.Aside, a)
		case h.torn:
			if err := f.Truncate(h.off); err != nil {
				return s.unusable(err)
			}
			seg.size = h.off
			r.Cut += h.length
		default:
			r.Aside = append(r.Aside, a)
		}
	}
	if err := f.Sync(); err != nil {
		return s.unusable(err)
	}
	if seg.size == 0 {
		f.Close()
		return os.Remove(path)
	}
	s.segments = append(s.segments, seg)
	s.onDisk += seg.size
	return nil
}

// release closes the files and gives the directory up; the writer has returned.
func (s *Spool) release() {
	s.files.Lock()
	defer s.files.Unlock()
	if s.released {
		return
	}
	s.released = true
	for _, seg := range s.segments {
		seg.f.Close()
	}
	s.clearAlive()
	s.unlock()
}

// unlock gives the directory up. Closing the file would not be enough while a
// program that is just being started has inherited it.
func (s *Spool) unlock() {
	if err := syscall.Flock(int(s.lock.Fd()), syscall.LOCK_UN); err != nil {
		s.o.Log.Error("spool cannot be unlocked", "dir", s.dir, "err", err)
	}
	s.lock.Close()
}

// globSafe escapes what filepath.Glob reads as a pattern.
func globSafe(path string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(path)
}

func countFiles(dir string) (int, error) {
	entries, err := os.ReadDir(dir)
	return len(entries), err
}
