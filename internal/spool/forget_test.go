package spool

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// contents returns all that stands in the files of a spool.
func contents(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all = append(all, data...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestForgetLeavesNoWordBehind(t *testing.T) {
	t.Parallel()
	secret := hackfest.Line{Network: "freenode", Channel: "#euca", Kind: hackfest.Message, Text: "hunter2"}
	for name, reopen := range map[string]bool{"in the segment being written": false, "in a segment of an earlier run": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, _ := open(t, dir, Options{})
			fill(t, s, 0, 3)
			ref := s.Append(secret)
			last := fill(t, s, 3, 6)[2]
			if reopen {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s, _ = open(t, dir, Options{MinRef: last})
			}
			if !bytes.Contains(contents(t, dir), []byte("hunter2")) {
				t.Fatal("it was never there")
			}
			gone, err := s.Forget(t.Context(), last, []hackfest.Ref{ref})
			if !gone || err != nil {
				t.Fatalf("not gone: %v", err)
			}
			if bytes.Contains(contents(t, dir), []byte("hunter2")) {
				t.Error("the words are still in a file")
			}
			after := fill(t, s, 6, 9)
			if got := texts(t, s, last); !slices.Equal(got, numbers(6, 9)) {
				t.Errorf("what came afterwards reads %q", got)
			}
			if after[0].Compare(last) <= 0 {
				t.Errorf("ref %s is not after %s", after[0], last)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, r := open(t, dir, Options{MinRef: last}); r.Records != 3 || len(r.Aside) > 0 {
				t.Errorf("opened again: %+v", r)
			}
		})
	}
}

func TestForgetKeepsWhatIsNotApplied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := open(t, dir, Options{})
	refs := fill(t, s, 0, 10)
	gone, err := s.Forget(t.Context(), refs[4], refs[2:3])
	if gone || err != nil {
		t.Fatalf("gone is %v, %v", gone, err)
	}
	fill(t, s, 10, 12)
	if got := texts(t, s, refs[4]); !slices.Equal(got, numbers(5, 12)) {
		t.Errorf("what was not applied reads %q", got)
	}
	if gone, err = s.Forget(t.Context(), refs[9], refs[2:3]); !gone || err != nil {
		t.Fatalf("once applied gone is %v, %v", gone, err)
	}
	if got := texts(t, s, refs[9]); !slices.Equal(got, numbers(10, 12)) {
		t.Errorf("what was not applied reads %q", got)
	}
}

func TestForgetReachesDamagedBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := open(t, dir, Options{})
	refs := fill(t, s, 0, 9)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, segments(t, dir)[0], func(b []byte) []byte {
		return bytes.Replace(b, []byte(`"text":"4"`), []byte(`"text":"X"`), 1)
	})
	s, r := open(t, dir, Options{MinRef: refs[8]})
	if len(r.Aside) != 1 {
		t.Fatalf("found %+v", r)
	}
	if gone, err := s.Forget(t.Context(), refs[8], refs[3:4]); !gone || err != nil {
		t.Fatal(gone, err)
	}
	if _, err := os.Stat(r.Aside[0].File); err != nil {
		t.Errorf("damaged bytes of another line are gone: %v", err)
	}
	if gone, err := s.Forget(t.Context(), refs[8], refs[4:5]); !gone || err != nil {
		t.Fatal(gone, err)
	}
	if _, err := os.Stat(r.Aside[0].File); !os.IsNotExist(err) {
		t.Error("the damaged bytes of the line are still there")
	}
	if s.Status().Aside != 0 {
		t.Error("the copy that was removed is still counted")
	}
}

func TestForgetInASealedSpool(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	refs := fill(t, s, 0, 3)
	if err := s.Seal(); err != nil {
		t.Fatal(err)
	}
	if gone, err := s.Forget(t.Context(), refs[2], refs); !gone || err != nil {
		t.Error(gone, err)
	}
}
