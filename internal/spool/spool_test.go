package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

var aug10 = time.Date(2012, 8, 10, 18, 17, 3, 0, time.UTC)

// said is a message in #euca whose text is its number.
func said(n int) hackfest.Line {
	return hackfest.Line{
		Network: "freenode", Channel: "#euca", At: aug10, ReceivedAt: aug10,
		Nick: "ann", Kind: hackfest.Message, Text: fmt.Sprint(n),
	}
}

// open opens the spool in dir and closes it when the test ends.
func open(t *testing.T, dir string, o Options) (*Spool, Report) {
	t.Helper()
	s, r, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, r
}

// fill appends the messages from … to-1 and waits until they are durable.
func fill(t *testing.T, s *Spool, from, to int) []hackfest.Ref {
	t.Helper()
	var refs []hackfest.Ref
	for n := from; n < to; n++ {
		refs = append(refs, s.Append(said(n)))
	}
	if err := s.Wait(t.Context(), refs[len(refs)-1]); err != nil {
		t.Fatal(err)
	}
	return refs
}

// texts returns what the durable lines after ref say.
func texts(t *testing.T, s *Spool, after hackfest.Ref) []string {
	t.Helper()
	var got []string
	for after.Compare(s.Durable()) < 0 {
		lines, err := s.Read(t.Context(), after, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			got = append(got, l.Text)
			after = l.Ref
		}
		s.mu.Lock()
		read := len(s.index) == 0 || after == s.index[len(s.index)-1].ref
		s.mu.Unlock()
		if read {
			break
		}
	}
	return got
}

// numbers are the texts of the messages from … to-1.
func numbers(from, to int) []string {
	var want []string
	for n := from; n < to; n++ {
		want = append(want, fmt.Sprint(n))
	}
	return want
}

func TestAppendedLinesComeBackInOrder(t *testing.T) {
	t.Parallel()
	s, r := open(t, t.TempDir(), Options{})
	if r.Records != 0 || !r.AliveAt.IsZero() {
		t.Errorf("an empty directory held %+v", r)
	}
	want := said(1)
	want.Raw, want.Account, want.Op = []byte{0xe9, 0}, "ann", true
	want.Ref = s.Append(want)
	fill(t, s, 2, 100)
	lines, err := s.Read(t.Context(), hackfest.Ref{}, 1)
	if err != nil || len(lines) != 1 || fmt.Sprint(lines[0]) != fmt.Sprint(want) {
		t.Errorf("got %+v, %v\nwant %+v", lines, err, want)
	}
	if got := texts(t, s, want.Ref); !slices.Equal(got, numbers(2, 100)) {
		t.Errorf("got %q", got)
	}
}

func TestReopenedSpoolHasEverythingOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var last hackfest.Ref
	for run := range 4 {
		s, r := open(t, dir, Options{})
		if r.Records != run*50 || len(r.Aside) > 0 || r.Cut > 0 {
			t.Fatalf("run %d found %+v", run, r)
		}
		if s.Durable() != last {
			t.Errorf("run %d: durable %s, want %s", run, s.Durable(), last)
		}
		refs := fill(t, s, run*50, run*50+50)
		if refs[0].Compare(last) <= 0 {
			t.Errorf("run %d: ref %s is not after %s", run, refs[0], last)
		}
		last = refs[49]
		if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, numbers(0, run*50+50)) {
			t.Fatalf("run %d: got %q", run, got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefsGrowWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	later := hackfest.Ref{0x01, 0x99, 0, 0, 0, 0, 0xff, 0xff, 0xff, 9}
	for _, tt := range []struct {
		name  string
		min   hackfest.Ref
		clock []time.Duration // of each append, after aug10
	}{
		{name: "runs", clock: []time.Duration{0, time.Millisecond, time.Second}},
		{name: "stands still", clock: make([]time.Duration, 100)},
		{name: "goes back a day", clock: []time.Duration{0, -24 * time.Hour, -24*time.Hour + 1, 1}},
		{name: "is before 1970", clock: []time.Duration{-100 * 365 * 24 * time.Hour, 0}},
		{name: "is behind Postgres, whose counter is used up", min: later, clock: make([]time.Duration, 3)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := aug10
			s, _ := open(t, t.TempDir(), Options{MinRef: tt.min, Now: func() time.Time { return now }})
			last := tt.min
			for i, d := range tt.clock {
				now = aug10.Add(d)
				ref := s.Append(said(i))
				if ref.Compare(last) <= 0 {
					t.Errorf("append %d: %s is not after %s", i, ref, last)
				}
				if want := now.UnixMilli(); last.Time().UnixMilli() < want && ref.Time().UnixMilli() != want {
					t.Errorf("append %d: time part %s, want the clock's %s", i, ref.Time(), now)
				}
				last = ref
			}
			if err := s.Close(); err != nil { // while the clock is nobody else's
				t.Fatal(err)
			}
		})
	}
}

func TestOrderOfAppendsIsOrderOfRefs(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var last hackfest.Ref
			for n := range 200 {
				ref := s.Append(said(n))
				if ref.Compare(last) <= 0 {
					t.Errorf("%s after %s", ref, last)
				}
				last = ref
			}
			if err := s.Wait(t.Context(), last); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := texts(t, s, hackfest.Ref{}); len(got) != 1600 {
		t.Errorf("%d lines, want 1600", len(got))
	}
}

func TestReadWaitsForALine(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	got := make(chan string)
	go func() {
		lines, err := s.Read(context.Background(), hackfest.Ref{}, 10)
		got <- fmt.Sprint(len(lines), err)
	}()
	s.Append(said(1))
	if g := <-got; g != "1 <nil>" {
		t.Errorf("got %s", g)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Read(ctx, s.Durable(), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled read: %v", err)
	}
	go func() {
		_, err := s.Read(context.Background(), s.Durable(), 10)
		got <- fmt.Sprint(err)
	}()
	s.Close()
	if g := <-got; g != ErrClosed.Error() {
		t.Errorf("read of a closed spool: %s", g)
	}
	if ref := s.Append(said(2)); !ref.IsZero() {
		t.Error("a closed spool took a line")
	}
	if err := s.Wait(t.Context(), hackfest.Ref{0xff}); !errors.Is(err, ErrClosed) {
		t.Errorf("wait on a closed spool: %v", err)
	}
}

func TestSealedSpoolCanBeReadToItsEnd(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	for n := range 20 {
		s.Append(said(n))
	}
	if err := s.Seal(); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, numbers(0, 20)) {
		t.Errorf("got %q", got)
	}
	if _, err := s.Read(t.Context(), s.Durable(), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("behind the end: %v", err)
	}
	s.Close()
	if _, err := s.Read(t.Context(), hackfest.Ref{}, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestTrimForgetsWholeSegments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := open(t, dir, Options{MaxBytes: 64 << 10}) // segments of 4 KiB
	var refs []hackfest.Ref
	for n := range 20 { // one by one, or a group would be one write
		refs = append(refs, fill(t, s, n*5, n*5+5)...)
	}
	before := s.Size()
	if err := s.Trim(refs[49]); err != nil {
		t.Fatal(err)
	}
	if s.Size() >= before {
		t.Errorf("size stayed at %d", before)
	}
	if got := texts(t, s, refs[49]); !slices.Equal(got, numbers(50, 100)) {
		t.Errorf("after the trim: %q", got)
	}
	if err := s.Trim(s.Durable()); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.spool"))
	if len(files) != 1 {
		t.Errorf("files left: %q", files)
	}
	fill(t, s, 100, 101)
	if got := texts(t, s, refs[99]); !slices.Equal(got, numbers(100, 101)) {
		t.Errorf("after trimming all: %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, r := open(t, dir, Options{})
	if len(r.Aside) > 0 {
		t.Errorf("a trimmed spool is damaged: %+v", r)
	}
}

func TestOneFloodIsManySegments(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{MaxBytes: 64 << 10})
	d := &badDisk{what: "write", tried: make(chan string)}
	s.disk = d
	var last hackfest.Ref
	for s.Status().Lost == 0 { // all of it waits, and is written at once
		if ref := s.Append(said(0)); !ref.IsZero() {
			last = ref
		}
	}
	d.set("")
	if err := s.Wait(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if err := s.Trim(last); err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); st.Full || st.Bytes > 8<<10 {
		t.Errorf("all is applied, and yet %+v", st)
	}
}

func TestOnlyOneProcessHasASpool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := open(t, dir, Options{})
	if _, _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "another process is using "+dir) {
		t.Errorf("second Open: %v", err)
	}
	s.Close()
	open(t, dir, Options{})
}

func TestNoteOfLife(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := open(t, dir, Options{})
	for _, at := range []time.Time{aug10, aug10.Add(time.Nanosecond)} {
		if err := s.Alive(at); err != nil {
			t.Fatal(err)
		}
	}
	note, err := os.ReadFile(filepath.Join(dir, lockName))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s, r := open(t, dir, Options{})
	if !r.AliveAt.IsZero() {
		t.Errorf("closed spool says it was killed after %s", r.AliveAt)
	}
	s.Close()
	if err := os.WriteFile(filepath.Join(dir, lockName), note, 0o600); err != nil { // as a killed process leaves it
		t.Fatal(err)
	}
	for range 2 { // one that never lived does not hide it
		s, r := open(t, dir, Options{})
		if !r.AliveAt.Equal(aug10.Add(time.Nanosecond)) {
			t.Errorf("killed after %s", r.AliveAt)
		}
		s.Close()
	}
}
