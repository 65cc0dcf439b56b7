package spool

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// childDir in the environment makes this test binary a process that appends
// lines to the spool there until it is killed.
const childDir = "HACKFEST_TEST_SPOOL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := appendForEver(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// appendForEver appends lines and prints the number and the ref of each as soon
// as the spool says that it is durable.
func appendForEver(dir string) error {
	s, r, err := Open(dir, Options{MaxBytes: 4 << 20})
	if err != nil {
		return err
	}
	fmt.Println("found", r.Records)
	var waiting []hackfest.Ref
	for n := r.Records; ; n++ {
		waiting = append(waiting, s.Append(said(n)))
		if n%50 == 0 { // not faster than the disk
			if err := s.Wait(context.Background(), waiting[len(waiting)-1]); err != nil {
				return err
			}
		}
		durable := s.Durable()
		for len(waiting) > 0 && waiting[0].Compare(durable) <= 0 {
			fmt.Println(n+1-len(waiting), waiting[0])
			waiting = waiting[1:]
		}
	}
}

func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[int]string{} // number → ref, as the child printed it
	for range 12 {
		killAfter(t, dir, random.IntN(400), seen)
	}
	s, r := open(t, dir, Options{MaxBytes: 4 << 20})
	if len(r.Aside) > 0 {
		t.Errorf("damage: %+v", r)
	}
	var last hackfest.Ref
	next := 0
	for next < r.Records {
		lines, err := s.Read(t.Context(), last, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if l.Text != strconv.Itoa(next) {
				t.Fatalf("line %d says %s", next, l.Text)
			}
			if ref, ok := seen[next]; ok && ref != l.Ref.String() {
				t.Errorf("line %d is %s, was reported as %s", next, l.Ref, ref)
			}
			delete(seen, next)
			next++
			last = l.Ref
		}
	}
	if len(seen) > 0 {
		t.Errorf("%d lines that were reported durable are gone", len(seen))
	}
}

// killAfter runs the child and kills it when it has printed n lines, and adds
// what it printed to seen.
func killAfter(t *testing.T, dir string, n int, seen map[int]string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for i := 0; ; i++ {
		text, err := lines.ReadString('\n')
		if err != nil {
			break // killed, and all it printed has been read
		}
		if number, ref, _ := strings.Cut(strings.TrimSpace(text), " "); number != "found" {
			k, err := strconv.Atoi(number)
			if err != nil {
				t.Fatalf("child printed %q", text)
			}
			seen[k] = ref
		}
		if i == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd.Wait()
}
