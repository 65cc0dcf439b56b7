package ghsync

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// Deliveries that come late, twice, in any order or never, between questions at any
// time, leave nothing wrong once everything was compared. HACKFEST_TEST_SYNCS asks
// for more than the few seeds.
func TestRandomDeliveries(t *testing.T) {
	t.Parallel()
	seeds := 3
	if n, err := strconv.Atoi(os.Getenv("HACKFEST_TEST_SYNCS")); err == nil {
		seeds = n
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "good")
			rnd := rand.New(rand.NewPCG(uint64(seed), 10)) //nolint:gosec // a test
			r := w.hub.AddRepo("eucalyptus/recipes")
			fill(w, r, 20)
			w.add(r.Name())
			w.run(time.Minute)
			m := &mess{world: w, rnd: rnd, repo: r, seen: len(w.hub.Deliveries())}
			for range 120 {
				m.happen()
				m.deliver(rnd.IntN(3))
				if rnd.IntN(4) == 0 {
					w.wait(time.Duration(rnd.IntN(400)) * time.Second)
				}
				if rnd.IntN(12) == 0 {
					w.poll()
				}
			}
			m.deliver(len(m.waiting))
			w.run(10 * time.Minute)
			w.wait(25 * time.Hour)
			w.run(10 * time.Minute)
			w.same(r)
		})
	}
}

// mess is what happens at random.
type mess struct {
	*world
	rnd     *rand.Rand
	repo    *testgithub.Repo
	seen    int                   // deliveries taken from the hub
	waiting []testgithub.Delivery // on their way
}

// happen does something on GitHub.
func (m *mess) happen() {
	s := m.repo.State()
	i := s.Issues[m.rnd.IntN(len(s.Issues))]
	switch m.rnd.IntN(14) {
	case 0:
		m.repo.OpenIssue(testgithub.Issue{Pull: m.rnd.IntN(2) == 0, Labels: []string{"bug"}, Milestone: 1})
	case 1, 2:
		if i.Open {
			m.repo.Close(i.Number, "ann", "completed")
		} else if i.MergedAt.IsZero() {
			m.repo.Reopen(i.Number)
		}
	case 3:
		if i.Pull && i.Open {
			m.repo.Merge(i.Number)
		}
	case 4, 5:
		m.repo.Edit(i.Number, func(x *testgithub.Issue) { x.Title = fmt.Sprint("Title ", m.rnd.IntN(1000)) })
	case 6:
		m.repo.Edit(i.Number, func(x *testgithub.Issue) {
			x.Labels, x.Assignees = []string{fmt.Sprint("l", m.rnd.IntN(3))}, []string{"bob"}
		})
	case 7:
		if m.rnd.IntN(3) == 0 {
			m.repo.DeleteIssue(i.Number)
		}
	case 8:
		m.repo.Push(testgithub.Commit{Message: fmt.Sprint("Commit ", m.rnd.IntN(1000)), Author: "ann"})
	case 9:
		m.repo.ForcePush(s.Commits[m.rnd.IntN(3)].SHA, testgithub.Commit{Message: fmt.Sprint("Other ", m.rnd.IntN(1000))})
	case 10:
		m.repo.Publish(testgithub.Release{Tag: fmt.Sprint("v", m.rnd.IntN(1000))})
	case 11:
		if len(s.Releases) > 0 {
			m.repo.DeleteRelease(s.Releases[m.rnd.IntN(len(s.Releases))].ID)
		}
	case 12:
		m.repo.AddMilestone(testgithub.Milestone{Title: fmt.Sprint("m", m.rnd.IntN(1000))})
	case 13:
		n := s.Milestones[len(s.Milestones)-1].Number
		if m.rnd.IntN(4) == 0 && n > 2 {
			m.repo.DeleteMilestone(n)
		} else {
			m.repo.EditMilestone(n, func(x *testgithub.Milestone) { x.Closed = !x.Closed })
		}
	}
	fresh := m.hub.Deliveries()[m.seen:]
	m.seen += len(fresh)
	for _, d := range fresh {
		switch m.rnd.IntN(20) {
		case 0: // lost
		case 1, 2:
			m.waiting = append(m.waiting, d, d)
		default:
			m.waiting = append(m.waiting, d)
		}
	}
}

// deliver has n of those arrive that are on their way, in any order.
func (m *mess) deliver(n int) {
	for range min(n, len(m.waiting)) {
		i := m.rnd.IntN(len(m.waiting))
		d := m.waiting[i]
		m.waiting = append(m.waiting[:i], m.waiting[i+1:]...)
		e, err := Open(d.Header)
		m.must(err)
		if _, c := e.Delivered(d.Body); c != nil {
			c.At = m.now()
			m.must(m.store.ApplyGitHub(m.Context(), *c))
		}
	}
}
