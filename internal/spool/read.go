package spool

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// maxRead bounds the bytes of one Read; it returns at least one record.
const maxRead = 1 << 20

// Read returns up to max durable lines after the ref after, oldest first. It
// waits until there is one. Of a sealed spool it returns what is left, then
// ErrClosed.
func (s *Spool) Read(ctx context.Context, after hackfest.Ref, max int) ([]hackfest.Line, error) {
	for {
		entries, closed, changed := s.beyond(after, max)
		if len(entries) > 0 {
			lines, err := s.fetch(entries)
			if err != nil || len(lines) > 0 {
				return lines, err
			}
			after = entries[len(entries)-1].ref // all of them damaged
			continue
		}
		if closed {
			select {
			case <-s.done:
				if e, _, _ := s.beyond(after, 1); len(e) == 0 {
					return nil, ErrClosed
				}
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// beyond returns the places of up to max records after the ref after.
func (s *Spool) beyond(after hackfest.Ref, max int) (entries []entry, closed bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.search(after)
	bytes := 0
	for j := i; j < len(s.index) && j-i < max; j++ {
		if bytes += s.index[j].length; bytes > maxRead && j > i {
			break
		}
		entries = append(entries, s.index[j])
	}
	return entries, s.closed, s.changed
}

// search returns the place in the index of the first record after ref.
func (s *Spool) search(ref hackfest.Ref) int {
	i, _ := slices.BinarySearchFunc(s.index, ref, func(e entry, ref hackfest.Ref) int {
		return cmp.Or(e.ref.Compare(ref), -1) // an equal one is still before the place
	})
	return i
}

// fetch reads and decodes the records at entries. One that can no longer be
// decoded is kept aside and left out.
func (s *Spool) fetch(entries []entry) ([]hackfest.Line, error) {
	s.files.RLock()
	defer s.files.RUnlock()
	if s.released {
		return nil, ErrClosed
	}
	lines := make([]hackfest.Line, 0, len(entries))
	for len(entries) > 0 {
		run := adjoining(entries)
		last := run[len(run)-1]
		data := make([]byte, last.off+int64(last.length)-run[0].off)
		if _, err := run[0].seg.f.ReadAt(data, run[0].off); err != nil {
			return lines, fmt.Errorf("spool: read %s: %w", run[0].seg.path, err)
		}
		for _, e := range run {
			off := e.off - run[0].off
			l, _, f := decode(data[off : off+int64(e.length)])
			if f == whole && l.Ref == e.ref {
				lines = append(lines, l)
				continue
			}
			s.spoiled(e, data[off:off+int64(e.length)])
		}
		entries = entries[len(run):]
	}
	return lines, nil
}

// adjoining returns the longest beginning of entries that lies in one piece.
func adjoining(entries []entry) []entry {
	n := 1
	for n < len(entries) && entries[n].seg == entries[0].seg &&
		entries[n].off == entries[n-1].off+int64(entries[n-1].length) {
		n++
	}
	return entries[:n]
}

// spoiled keeps a record aside that was good when it was written.
func (s *Spool) spoiled(e entry, data []byte) {
	a := s.setAside(e.seg, e.off, data)
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.New {
		s.aside++
	}
	if a.Err != nil {
		e.seg.keep = true
	}
}

// Trim tells the spool that everything up to the ref applied is in Postgres and
// read by everyone. Whole segments are removed; the rest may still be read.
func (s *Spool) Trim(applied hackfest.Ref) error {
	s.files.Lock()
	defer s.files.Unlock()
	if s.released {
		return ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept, gone []*segment
	for i, seg := range s.segments {
		if i == len(s.segments)-1 && !seg.left || seg.keep || seg.last.Compare(applied) > 0 {
			kept = append(kept, seg) // the last may be the one being written
		} else {
			gone = append(gone, seg)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	var first error
	for _, seg := range gone {
		if err := os.Remove(seg.path); err != nil && !os.IsNotExist(err) {
			first = cmp.Or(first, fmt.Errorf("spool: trim: %w", err))
			kept = append(kept, seg)
			continue
		}
		seg.f.Close()
		s.onDisk -= seg.size
		seg.size = -1
	}
	s.segments = kept
	s.index = slices.DeleteFunc(s.index, func(e entry) bool { return e.seg.size < 0 })
	slices.SortStableFunc(s.segments, func(a, b *segment) int { return a.last.Compare(b.last) })
	if !s.closed {
		s.admitLosses()
	}
	return first
}
