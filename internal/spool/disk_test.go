package spool

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// badDisk is a disk on which what fail says does not work.
type badDisk struct {
	realDisk
	mu    sync.Mutex
	what  string // "create", "write", "half" (a write cut in the middle), "sync", "syncdir"; "" when all works
	tried chan string
}

func (d *badDisk) set(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.what = what
}

// fails reports whether op is broken now and tells the test of the attempt.
func (d *badDisk) fails(ops ...string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(ops, d.what) {
		return ""
	}
	select {
	case d.tried <- d.what:
	default:
	}
	return d.what
}

func (d *badDisk) create(path string) (file, error) {
	if d.fails("create") != "" {
		return nil, syscall.EACCES
	}
	f, err := d.realDisk.create(path)
	return &badFile{f, d}, err
}

func (d *badDisk) syncDir(path string) error {
	if d.fails("syncdir") != "" {
		return syscall.EIO
	}
	return d.realDisk.syncDir(path)
}

type badFile struct {
	file
	disk *badDisk
}

func (f *badFile) WriteAt(p []byte, off int64) (int, error) {
	switch f.disk.fails("write", "half") {
	case "write":
		return 0, syscall.ENOSPC
	case "half":
		n, _ := f.file.WriteAt(p[:len(p)/2], off)
		return n, syscall.ENOSPC
	}
	return f.file.WriteAt(p, off)
}

func (f *badFile) Sync() error {
	if f.disk.fails("sync") != "" {
		return syscall.EIO
	}
	return f.file.Sync()
}

func TestNothingIsLostWhileTheDiskFails(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"create", "write", "half", "sync", "syncdir"} {
		for _, started := range []bool{false, true} {
			t.Run(what, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				s, _ := open(t, dir, Options{MaxBytes: 1 << 20})
				d := &badDisk{tried: make(chan string)}
				s.disk = d
				n := 0
				if started {
					fill(t, s, 0, 10)
					n = 10
					// A new segment is needed for create and syncdir to be asked at all.
					for s.active.size < s.segmentBytes() {
						fill(t, s, n, n+1)
						n++
					}
				}
				d.set(what)
				durable := s.Durable()
				var last hackfest.Ref
				for range 10 {
					last = s.Append(said(n))
					n++
				}
				<-d.tried
				<-d.tried // it tries again
				st := s.Status()
				if st.Err == nil || st.ErrSince.IsZero() || st.Durable != durable || st.Waiting != 10 {
					t.Errorf("while it fails: %+v", st)
				}
				d.set("")
				if err := s.Wait(t.Context(), last); err != nil {
					t.Fatal(err)
				}
				if st := s.Status(); st.Err != nil || st.Waiting != 0 {
					t.Errorf("after it: %+v", st)
				}
				if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, numbers(0, n)) {
					t.Errorf("%d lines, want %d", len(got), n)
				}
				s.Close()
				s, r := open(t, dir, Options{})
				if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, numbers(0, n)) || len(r.Aside) > 0 {
					t.Errorf("next start: %d lines, want %d; %+v", len(got), n, r)
				}
			})
		}
	}
}

func TestCloseSaysWhatItCouldNotWrite(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	d := &badDisk{what: "write", tried: make(chan string)}
	s.disk = d
	ref := s.Append(said(1))
	<-d.tried
	err := s.Close()
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "1 lines could not be written") {
		t.Errorf("close: %v", err)
	}
	if err := s.Wait(t.Context(), ref); !errors.Is(err, ErrClosed) {
		t.Errorf("wait: %v", err)
	}
}

func TestOverflowIsCountedAndTold(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{MaxBytes: 64 << 10, Now: func() time.Time { return aug10 }})
	kept, n := 0, 0
	for ; s.Status().Lost == 0; n++ {
		if ref := s.Append(said(n)); !ref.IsZero() {
			kept++
			if err := s.Wait(t.Context(), ref); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 16 {
		l := said(n)
		l.ReceivedAt = aug10.Add(time.Minute)
		if ref := s.Append(l); !ref.IsZero() {
			t.Error("a full spool took a line")
		}
	}
	other := said(n)
	other.Channel = "#other"
	if err := s.Wait(t.Context(), s.Append(other)); !errors.Is(err, ErrLost) {
		t.Errorf("wait for a lost line: %v", err)
	}
	if !s.Status().Full {
		t.Error("status does not say that it is full")
	}
	if s.Size() > 64<<10 {
		t.Errorf("%d bytes, over the bound", s.Size())
	}
	full := s.Durable()
	if err := s.Trim(s.index[kept/2].ref); err != nil {
		t.Fatal(err)
	}
	last := s.Append(said(n))
	if err := s.Wait(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	lines, err := s.Read(t.Context(), full, 10)
	if err != nil || len(lines) != 3 {
		t.Fatalf("got %+v, %v", lines, err)
	}
	const want = "17 lines were not kept between 2012-08-10 18:17:03 and 2012-08-10 18:18:03 UTC: the spool was full."
	if l := lines[0]; l.Kind != hackfest.Gap || l.Channel != "#euca" || l.Network != "freenode" || l.Text != want || !l.At.Equal(aug10) {
		t.Errorf("first gap %+v", l)
	}
	if l := lines[1]; l.Channel != "#other" || !strings.HasPrefix(l.Text, "1 line was not kept") {
		t.Errorf("second gap %+v", l)
	}
	if st := s.Status(); lines[2].Ref != last || st.Lost != 18 || st.Full {
		t.Errorf("last %+v, status %+v", lines[2], s.Status())
	}
}

func TestMemoryIsBoundedWhileTheDiskFails(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{MaxPending: 8 << 10})
	d := &badDisk{what: "write", tried: make(chan string)}
	s.disk = d
	kept := 0
	for n := range 500 {
		if !s.Append(said(n)).IsZero() {
			kept++
		}
	}
	if st := s.Status(); st.Bytes > 8<<10 || st.Lost != int64(500-kept) || kept == 0 {
		t.Errorf("kept %d, %+v", kept, st)
	}
	d.set("")
	for len(texts(t, s, hackfest.Ref{})) < kept+1 { // the gap line is the last
		if _, err := s.Read(t.Context(), s.Durable(), 1); err != nil {
			t.Fatal(err)
		}
	}
	got := texts(t, s, hackfest.Ref{})
	if !slices.Equal(got[:kept], numbers(0, kept)) || !strings.Contains(got[kept], "lines were not kept") {
		t.Errorf("got %q", got)
	}
}

// A full disk is where short writes really happen.
func TestRealFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 200<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := open(t, dir, Options{})
	const n = 500 // more than fits beside the ballast, less than fits without
	var last hackfest.Ref
	for i := range n {
		last = s.Append(said(i))
	}
	if err := waitForError(t, s); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, numbers(0, n)) {
		t.Errorf("%d lines, want %d", len(got), n)
	}
}

// waitForError returns why the spool cannot be written, once it cannot.
func waitForError(t *testing.T, s *Spool) error {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if err := s.Status().Err; err != nil {
			return err
		}
	}
	return nil
}

// slowDisk syncs when the test lets it.
type slowDisk struct {
	realDisk
	sync chan struct{}
}

func (d *slowDisk) create(path string) (file, error) {
	f, err := d.realDisk.create(path)
	return &slowFile{f, d}, err
}

type slowFile struct {
	file
	disk *slowDisk
}

func (f *slowFile) Sync() error {
	<-f.disk.sync
	return f.file.Sync()
}

func TestNothingIsDurableBeforeItsSync(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	d := &slowDisk{sync: make(chan struct{})}
	s.disk = d
	before := s.Durable()
	first := s.Append(said(1))
	for s.onItsWay() == 0 { // until the writer has taken the first, so that the second is another group
		time.Sleep(time.Millisecond)
	}
	second := s.Append(said(2))
	if s.Durable() != before {
		t.Error("durable before any sync")
	}
	d.sync <- struct{}{}
	if err := s.Wait(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if s.Durable() != first {
		t.Errorf("durable is %s, want %s and not yet %s", s.Durable(), first, second)
	}
	if lines, err := s.Read(t.Context(), hackfest.Ref{}, 10); err != nil || len(lines) != 1 {
		t.Errorf("read %+v, %v", lines, err)
	}
	d.sync <- struct{}{}
	if err := s.Wait(t.Context(), second); err != nil {
		t.Fatal(err)
	}
}

// onItsWay is how many bytes are in files that are not durable yet.
func (s *Spool) onItsWay() int {
	files, _ := filepath.Glob(filepath.Join(s.dir, "*"+segmentSuffix))
	size := 0
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			size += int(info.Size())
		}
	}
	return size
}
