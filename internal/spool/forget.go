package spool

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Forget is Trim down to the last record: everything up to the ref applied is
// removed, also from the segment that is being written, and so are copies of
// damaged bytes in which one of the records refs can still be found. It reports
// whether none of refs is left; false means that newer records share a file with
// them, and that it has to be tried again when those are applied.
func (s *Spool) Forget(ctx context.Context, applied hackfest.Ref, refs []hackfest.Ref) (bool, error) {
	if err := s.leaveLast(ctx); err != nil {
		return false, err
	}
	if err := s.Trim(applied); err != nil {
		return false, err
	}
	if err := s.forgetAside(refs); err != nil {
		return false, err
	}
	return !s.holds(refs), nil
}

// leaveLast has the writer begin a new segment with the next record.
func (s *Spool) leaveLast(ctx context.Context) error {
	s.mu.Lock()
	if s.leave == nil {
		s.leave = make(chan struct{})
	}
	left := s.leave
	s.nudge()
	s.mu.Unlock()
	select {
	case <-left:
	case <-s.done: // then no segment is written any more
		s.mu.Lock()
		s.leaveSegment()
		s.mu.Unlock()
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// leaveSegment leaves the last segment if that was asked for. It is called under
// the lock, by the writer, or when the writer has returned.
func (s *Spool) leaveSegment() {
	if s.leave == nil {
		return
	}
	if n := len(s.segments); n > 0 {
		s.segments[n-1].left = true
	}
	s.active = nil
	close(s.leave)
	s.leave = nil
}

// forgetAside removes copies of damaged bytes that name one of refs. Their
// records are read as text: of a damaged one nothing else can be told.
func (s *Spool) forgetAside(refs []hackfest.Ref) error {
	dir := filepath.Join(s.dir, asideName)
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("spool: forget: %w", err)
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("spool: forget: %w", err)
		}
		for _, r := range refs {
			if !bytes.Contains(data, []byte(r.String())) {
				continue
			}
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("spool: forget: %w", err)
			}
			s.mu.Lock()
			s.aside--
			s.mu.Unlock()
			break
		}
	}
	return nil
}

// holds reports whether a record of one of refs is in a segment.
func (s *Spool) holds(refs []hackfest.Ref) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range refs {
		if s.held(r) {
			return true
		}
	}
	return false
}

// held reports whether the record ref may be in a segment that was not removed.
// A file holds more than the index tells: records that are there twice.
func (s *Spool) held(ref hackfest.Ref) bool {
	for _, seg := range s.segments {
		if seg.first.Compare(ref) <= 0 && seg.last.Compare(ref) >= 0 {
			return true
		}
	}
	return false
}
