package spool

import (
	"io"
	"time"
)

// aliveLayout has one length for all times, so that each note covers the last.
const aliveLayout = "2006-01-02T15:04:05.000000000Z\n"

// Alive notes in the lock file that the process runs at now. A process that is
// killed leaves the note behind, and the next one knows since when nothing was
// heard.
func (s *Spool) Alive(now time.Time) error {
	s.files.RLock()
	defer s.files.RUnlock()
	if s.released {
		return ErrClosed
	}
	s.noted.Store(true)
	_, err := s.lock.WriteAt([]byte(now.UTC().Format(aliveLayout)), 0)
	return err
}

// lastAlive reads the note; zero when there is none that can be read.
func (s *Spool) lastAlive() time.Time {
	text, err := io.ReadAll(io.NewSectionReader(s.lock, 0, int64(len(aliveLayout))))
	if err != nil {
		return time.Time{}
	}
	at, err := time.Parse(aliveLayout, string(text))
	if err != nil {
		return time.Time{}
	}
	return at
}

// clearAlive removes the note: this process ends as it should. One that it found
// and never replaced stays for the next.
func (s *Spool) clearAlive() {
	if !s.noted.Load() {
		return
	}
	if err := s.lock.Truncate(0); err != nil {
		s.o.Log.Error("note of life cannot be removed", "err", err)
	}
}
