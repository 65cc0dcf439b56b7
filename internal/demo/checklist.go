package demo

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// checks are what is to be ready before a session: first what the lessons of the
// first hackfest became, in their order, then what people just wrote.
var checks = []struct {
	target string // "" is for all hackfests
	lesson string // how the lesson begins; "" is behind none
	hackfest.CheckEdit
}{
	{"openshift-origin", "Look up which", hackfest.CheckEdit{
		Text: "The image is Fedora 16, for which the packages are built, and everybody starts it by its id.", Mandatory: true,
		Advice: "Not Fedora 17: it was ready at the first hackfest, and half of that was lost.",
	}},
	{"openshift-origin", "Start it on", hackfest.CheckEdit{
		Text: "Your quota lets you start an m1.xlarge.", Mandatory: true,
		Advice: "An m1.large runs out of memory while it installs. Ask the host for a larger quota in your answer.",
	}},
	{"openshift-origin", "Put the newer", hackfest.CheckEdit{
		Text: "The image has a cloud-init whose log shows what the boot script printed.", Advice: "Look for /var/log/cloud-init-output.log on an instance.",
	}},
	{"openshift-origin", "Two hours", hackfest.CheckEdit{Text: "You have three hours, or a second evening."}},
	{"", "", hackfest.CheckEdit{
		Text: "euca2ools 2.1 or newer is on your machine.", Mandatory: true, Advice: "Your distribution has them as euca2ools. 2.0 cannot read the new credentials.",
		Check: &hackfest.Check{Key: "euca2ools", Kind: hackfest.CheckCommand, Name: "euca-version", Version: ">= 2.1", Severity: hackfest.Splint},
	}},
	{"", "", hackfest.CheckEdit{
		Text: "Your credentials for the sandbox cloud are loaded.", Mandatory: true, Advice: "Unpack what the host sent you, and: . eucarc",
		Check: &hackfest.Check{Key: "credentials", Kind: hackfest.CheckEnv, Name: "EC2_URL", Severity: hackfest.Splint},
	}},
	{"", "", hackfest.CheckEdit{Text: "You have tried the channel once, so that your nick and client work."}},
}

// ticked is how those who come to the next hackfest stand, by nick: one state for
// each of the checks for all; "" said nothing.
var ticked = []struct {
	nick   string
	states [3]hackfest.CheckState
	note   string // of what is not well
}{
	{"kestrel", [3]hackfest.CheckState{hackfest.CheckWell, hackfest.CheckWell, hackfest.CheckWell}, ""},
	{"bluegum", [3]hackfest.CheckState{hackfest.CheckWell, hackfest.CheckWell}, ""},
	{"snowgum", [3]hackfest.CheckState{hackfest.CheckSplint, hackfest.CheckWell}, "euca-version says 2.0.2, wanted >= 2.1"},
}

// checklists makes checks of the lessons, and has some of those who come look at
// theirs. The lessons became checks when they were published.
func (s seeder) checklists(ctx context.Context) error {
	lessons, err := s.tx.Lessons(ctx, person.PublicViewer, store.LessonFilter{Session: RecordedSession})
	if err != nil {
		return err
	}
	made := time.Date(2012, 8, 3, 17, 0, 0, 0, time.UTC)
	var all []hackfest.CheckItemID
	for _, c := range checks {
		key := hackfest.ChecklistKey{Scope: hackfest.ChecklistTarget, Slug: c.target}
		if c.target == "" {
			key.Scope = hackfest.ChecklistAll
		}
		for _, l := range lessons {
			if c.lesson != "" && len(l.Text) > len(c.lesson) && l.Text[:len(c.lesson)] == c.lesson {
				c.Lesson = l.ID
			}
		}
		id, err := s.tx.AddCheckItem(ctx, key, c.CheckEdit, made)
		if err != nil {
			return err
		}
		if c.target == "" {
			all = append(all, id)
		}
	}
	return s.ticks(ctx, all)
}

// ticks has those who said that they come to the next hackfest look at items.
func (s seeder) ticks(ctx context.Context, items []hackfest.CheckItemID) error {
	list, err := s.tx.Sessions(ctx, person.PublicViewer, store.SessionFilter{Series: hosted, From: s.Now, Limit: 2})
	if err != nil {
		return err
	}
	for _, x := range list {
		answered, err := s.tx.Answers(ctx, person.PublicViewer, x.ID, false)
		if err != nil {
			return err
		}
		for _, a := range answered {
			for _, t := range ticked {
				if t.nick != a.Nick {
					continue
				}
				var ticks []hackfest.CheckTick
				for n, state := range t.states {
					tick := hackfest.CheckTick{Item: items[n], State: state, Via: hackfest.ViaNurse, At: s.Now.Add(-time.Hour)}
					if state != hackfest.CheckWell {
						tick.Note = t.note
					}
					if state != "" {
						ticks = append(ticks, tick)
					}
				}
				if err := s.tx.TickChecks(ctx, x.ID, hackfest.Ticker{Who: a.Who, Person: a.PersonID}, ticks); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
