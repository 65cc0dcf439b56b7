package spool

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

const (
	firstRetry = 50 * time.Millisecond
	lastRetry  = time.Second
)

// disk makes files; tests put in one that fails.
type disk interface {
	create(path string) (file, error)
	syncDir(path string) error
}

// file is what a segment needs of an *os.File.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

type realDisk struct{}

func (realDisk) create(path string) (file, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}

func (realDisk) syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// write is the writer goroutine: it writes and syncs what waits, then looks
// again. There is no timer, so a lone line is synced at once and a
// flood shares its syncs. After an error it tries again, ever more slowly.
func (s *Spool) write() {
	defer close(s.done)
	pause := firstRetry
	for {
		batch, closed := s.batch()
		switch {
		case len(batch) == 0 && closed:
			return
		case len(batch) == 0:
			<-s.wake
			continue
		}
		seg, entries, err := s.writeBatch(batch)
		if err == nil {
			s.accept(seg, entries)
			pause = firstRetry
			continue
		}
		s.refuse(err)
		if closed {
			return
		}
		s.rest(pause)
		pause = min(2*pause, lastRetry)
	}
}

// batch returns what waits, or the first of it that fits in one segment: only
// whole segments are ever removed, and not the one being written. It stays in
// s.waiting until it is durable.
func (s *Spool) batch() ([]record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaveSegment()
	size := int64(0)
	if s.active != nil && s.active.size < s.segmentBytes() {
		size = s.active.size
	}
	for i, r := range s.waiting {
		if size += int64(len(r.data)); size > s.segmentBytes() && i > 0 {
			return s.waiting[:i], s.closed
		}
	}
	return s.waiting, s.closed
}

// rest waits for d, or until the spool is closed.
func (s *Spool) rest(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		s.mu.Lock()
		closed, changed := s.closed, s.changed
		s.mu.Unlock()
		if closed {
			return
		}
		select {
		case <-t.C:
			return
		case <-changed:
		}
	}
}

// writeBatch writes batch to the active segment and syncs it. On an error the
// segment is closed behind its last durable record: after a failed sync nobody
// knows what of it is on disk, so the batch goes to a new one.
func (s *Spool) writeBatch(batch []record) (*segment, []entry, error) {
	seg := s.active
	if seg == nil || seg.size >= s.segmentBytes() {
		f, path, err := s.newFile(batch[0].ref)
		if err != nil {
			return nil, nil, err
		}
		seg = &segment{path: path, f: f}
	}
	var data []byte
	entries := make([]entry, 0, len(batch))
	for _, r := range batch {
		entries = append(entries, entry{ref: r.ref, seg: seg, off: seg.size + int64(len(data)), length: len(r.data)})
		data = append(data, r.data...)
	}
	_, err := seg.f.WriteAt(data, seg.size)
	if err == nil {
		err = seg.f.Sync()
	}
	if err == nil && seg.size == 0 {
		err = s.disk.syncDir(s.dir)
	}
	if err != nil {
		s.abandon(seg)
		return nil, nil, fmt.Errorf("spool: write %s: %w", seg.path, err)
	}
	s.active = seg
	return seg, entries, nil
}

// newFile makes the file of a segment whose first record is first.
func (s *Spool) newFile(first hackfest.Ref) (file, string, error) {
	path := filepath.Join(s.dir, first.String()+segmentSuffix)
	f, err := s.disk.create(path)
	if err != nil {
		return nil, "", fmt.Errorf("spool: new segment: %w", err)
	}
	return f, path, nil
}

// abandon cuts seg behind its last durable record and never writes it again.
// What cannot be cut is found at the next start and does no harm: a record that
// is in two files counts once.
func (s *Spool) abandon(seg *segment) {
	s.active = nil
	if seg.size > 0 {
		if err := seg.f.Truncate(seg.size); err != nil {
			s.o.Log.Error("spool segment cannot be cut", "path", seg.path, "err", err)
		}
		return
	}
	seg.f.Close()
	if err := os.Remove(seg.path); err != nil {
		s.o.Log.Error("spool segment cannot be removed", "path", seg.path, "err", err)
	}
}

// accept makes entries, which are safe in seg, known to everyone.
func (s *Spool) accept(seg *segment, entries []entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seg.size == 0 {
		seg.first = entries[0].ref
		s.segments = append(s.segments, seg)
	}
	last := entries[len(entries)-1]
	added := last.off + int64(last.length) - seg.size
	seg.size += added
	seg.last = last.ref
	s.onDisk += added
	s.inMemory -= added
	s.index = append(s.index, entries...)
	if s.waiting = s.waiting[len(entries):]; len(s.waiting) == 0 {
		s.waiting = nil
	}
	s.durable = last.ref
	s.synced += int64(len(entries))
	if s.err != nil {
		s.o.Log.Info("spool can be written again", "after", s.o.Now().Sub(s.errSince))
	}
	s.err, s.errSince = nil, time.Time{}
	if !s.closed {
		s.admitLosses()
	}
	s.announce()
}

// refuse notes why writing failed.
func (s *Spool) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.errSince = s.o.Now().UTC()
		s.o.Log.Error("spool cannot be written; lines are kept in memory", "err", err)
	}
	s.err = err
}

// segmentBytes is the size at which a segment is left for a new one.
func (s *Spool) segmentBytes() int64 { return min(maxSegment, s.o.MaxBytes/16) }
