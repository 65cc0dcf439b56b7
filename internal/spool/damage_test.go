package spool

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// segments returns the spool files in dir, oldest first.
func segments(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	if err != nil || len(files) == 0 {
		t.Fatalf("no segments: %v", err)
	}
	return files
}

// edit rewrites a file.
func edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(data), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// without returns numbers(0, n) without those in gone.
func without(n int, gone ...string) []string {
	return slices.DeleteFunc(numbers(0, n), func(s string) bool { return slices.Contains(gone, s) })
}

func TestDamage(t *testing.T) {
	t.Parallel()
	record := func(data []byte, n int) int { // where record n begins
		at := -1
		for range n + 1 {
			at += 1 + bytes.Index(data[at+1:], mark)
		}
		return at
	}
	for _, tt := range []struct {
		name   string
		damage func(data []byte) []byte // to the second of three segments of ten lines
		want   []string
		aside  int   // stretches kept aside
		cut    int64 // bytes cut; -1 when some
	}{
		{name: "none", damage: func(d []byte) []byte { return d }, want: without(30)},
		{name: "torn inside the payload", damage: func(d []byte) []byte { return d[:len(d)-5] }, want: without(30, "19"), cut: -1},
		{name: "torn inside the header", damage: func(d []byte) []byte { return d[:record(d, 9)+6] }, want: without(30, "19"), cut: 6},
		{name: "torn inside the mark", damage: func(d []byte) []byte { return d[:record(d, 9)+2] }, want: without(30, "19"), cut: 2},
		{name: "truncated to half", damage: func(d []byte) []byte { return d[:record(d, 5)+20] }, want: without(30, "15", "16", "17", "18", "19"), cut: 20},
		{name: "truncated to nothing", damage: func(d []byte) []byte { return nil }, want: append(numbers(0, 10), numbers(20, 30)...)},
		{
			name: "flipped bit in a payload", aside: 1, want: without(30, "13"),
			damage: func(d []byte) []byte { d[record(d, 3)+headerLen+9] ^= 0x10; return d },
		},
		{
			name: "flipped bit in a mark", aside: 1, want: without(30, "13"),
			damage: func(d []byte) []byte { d[record(d, 3)] ^= 1; return d },
		},
		{
			name: "length too long", aside: 1, want: without(30, "13"),
			damage: func(d []byte) []byte { d[record(d, 3)+markLen+1] ^= 1; return d },
		},
		{
			name: "length beyond all bounds", aside: 1, want: without(30, "13"),
			damage: func(d []byte) []byte { d[record(d, 3)+markLen+3] = 0xff; return d },
		},
		{
			name: "length too short", aside: 1, want: without(30, "13"),
			damage: func(d []byte) []byte { d[record(d, 3)+markLen] ^= 0x40; return d },
		},
		{
			name: "flipped bit in the checksum of the last record", aside: 1, want: without(30, "19"),
			damage: func(d []byte) []byte { d[record(d, 9)+markLen+4] ^= 1; return d },
		},
		{
			name: "two neighbours", aside: 1, want: without(30, "13", "14"),
			damage: func(d []byte) []byte { d[record(d, 4)+20]++; d[record(d, 3)+20]++; return d },
		},
		{
			name: "two apart", aside: 2, want: without(30, "13", "15"),
			damage: func(d []byte) []byte { d[record(d, 5)+20]++; d[record(d, 3)+20]++; return d },
		},
		{name: "zeros behind", aside: 1, want: without(30), damage: func(d []byte) []byte { return append(d, make([]byte, 4096)...) }},
		{name: "zeros before", aside: 1, want: without(30), damage: func(d []byte) []byte { return append(make([]byte, 99), d...) }},
		{name: "all twice in one file", want: without(30), damage: func(d []byte) []byte { return append(d, d...) }},
		{
			name: "a record of the right sum that is no line", aside: 1, want: without(30),
			damage: func(d []byte) []byte {
				l, err := encode(hackfest.Line{Text: "no ref"})
				if err != nil {
					t.Fatal(err)
				}
				return append(d, l...)
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for run := range 3 {
				s, _ := open(t, dir, Options{})
				for n := run * 10; n < run*10+10; n++ {
					fill(t, s, n, n+1)
				}
				s.Close()
			}
			edit(t, segments(t, dir)[1], tt.damage)

			s, r := open(t, dir, Options{})
			if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, tt.want) || r.Records != len(tt.want) {
				t.Errorf("%d records: %q", r.Records, got)
			}
			if len(r.Aside) != tt.aside || tt.cut >= 0 && r.Cut != tt.cut || tt.cut < 0 && r.Cut <= 0 {
				t.Errorf("report %+v", r)
			}
			for _, a := range r.Aside {
				if data, err := os.ReadFile(a.File); err != nil || int64(len(data)) != a.Bytes || !a.New {
					t.Errorf("kept aside: %+v, %v", a, err)
				}
			}
			if kept := s.Status().Aside; kept < tt.aside {
				t.Errorf("status counts %d kept aside", kept)
			}
			fill(t, s, 30, 31)
			s.Close()
			s, again := open(t, dir, Options{})
			if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, append(tt.want, "30")) {
				t.Errorf("second start: %q", got)
			}
			if again.Cut != 0 || slices.ContainsFunc(again.Aside, func(a Aside) bool { return a.New }) {
				t.Errorf("second start found new damage: %+v", again)
			}
		})
	}
}

func TestDuplicateFiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		damage func(original, twin string)
	}{
		{name: "both good", damage: func(_, _ string) {}},
		{name: "the original damaged", damage: func(o, _ string) { edit(t, o, func(d []byte) []byte { d[len(d)/2]++; return d }) }},
		{name: "the twin cut", damage: func(_, c string) { edit(t, c, func(d []byte) []byte { return d[:len(d)/2] }) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, _ := open(t, dir, Options{})
			for n := range 20 {
				fill(t, s, n, n+1)
			}
			s.Close()
			original := segments(t, dir)[0]
			twin := filepath.Join(dir, "copy"+segmentSuffix)
			if out, err := exec.Command("cp", original, twin).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			tt.damage(original, twin)
			s, r := open(t, dir, Options{})
			if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, numbers(0, 20)) || r.Duplicates == 0 {
				t.Errorf("got %q, report %+v", got, r)
			}
		})
	}
}

func TestRecordThatSpoilsWhileOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := open(t, dir, Options{})
	fill(t, s, 0, 5)
	f, err := os.OpenFile(segments(t, dir)[0], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	e := s.index[2]
	if _, err := f.WriteAt([]byte("?"), e.off+headerLen+3); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if got := texts(t, s, hackfest.Ref{}); !slices.Equal(got, without(5, "2")) || s.Status().Aside != 1 {
		t.Errorf("got %q, %+v", got, s.Status())
	}
	if lines, err := s.Read(t.Context(), s.index[1].ref, 1); err != nil || lines[0].Text != "3" {
		t.Errorf("read of the spoiled one alone: %+v, %v", lines, err)
	}
}

func TestUnusableDirectories(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		make func(t *testing.T, dir string)
		want string
	}{
		{name: "a file", want: "cannot use", make: func(t *testing.T, dir string) { write(t, dir) }},
		{name: "a folder as segment", want: "cannot use", make: func(t *testing.T, dir string) {
			if err := os.MkdirAll(filepath.Join(dir, "x"+segmentSuffix), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "permissions gone", want: "must belong to the user", make: func(t *testing.T, dir string) {
			if os.Geteuid() == 0 {
				t.Skip("root may do everything; run as another user")
			}
			if err := os.Mkdir(dir, 0o500); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "a segment's permissions gone", want: "must belong to the user", make: func(t *testing.T, dir string) {
			if os.Geteuid() == 0 {
				t.Skip("root may do everything; run as another user")
			}
			s, _ := open(t, dir, Options{})
			fill(t, s, 0, 1)
			s.Close()
			if err := os.Chmod(segments(t, dir)[0], 0); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "read-only", want: "mounted read-only", make: func(t *testing.T, dir string) {
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_RDONLY, ""); err != nil {
				t.Skipf("cannot mount: %v", err)
			}
			t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "spool")
			tt.make(t, dir)
			_, _, err := Open(dir, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("error %v; want %q and the path in it", err, tt.want)
			}
		})
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func FuzzScan(f *testing.F) {
	var good []byte
	for n := range 3 {
		l := said(n)
		l.Ref = hackfest.Ref{byte(n + 1)}
		r, err := encode(l)
		if err != nil {
			f.Fatal(err)
		}
		good = append(good, r...)
	}
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(good[3:])
	f.Add(append(bytes.Clone(mark), 0xff, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, data []byte) {
		covered := int64(0)
		holes := scan(data, func(l hackfest.Line, off int64, length int) {
			covered += int64(length)
			if _, n, state := decode(data[off:]); state != whole || n != length || l.Ref.IsZero() {
				t.Fatalf("record at %d cannot be read alone", off)
			}
		})
		for _, h := range holes {
			covered += h.length
		}
		if covered != int64(len(data)) {
			t.Fatalf("records and holes cover %d of %d bytes", covered, len(data))
		}
		// Whatever stands before it, a good record is found.
		found := false
		scan(append(bytes.Clone(data), good...), func(l hackfest.Line, _ int64, _ int) {
			found = found || l.Text == "2" && l.Ref == hackfest.Ref{3}
		})
		if !found {
			t.Fatal("a good record behind damage was lost")
		}
	})
}
