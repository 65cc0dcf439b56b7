package demo

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// reached are the targets that were got to run, or given up, before there were
// hackfests.
var reached = []struct {
	hackfest.Target
	staged string
}{
	{hackfest.Target{
		Slug: "redmine", Name: "Redmine", Stage: hackfest.StageWorks,
		Sentence: "It runs on one m1.small since July; three of us keep their tickets there.",
		About:    "A tracker for tickets and a wiki, in Ruby, with its data on a volume.",
		Goal:     "The page answers again after the instance was terminated and started anew with the same volume.",
		Project:  "https://www.redmine.org/",
	}, "2012-07-18"},
	{hackfest.Target{
		Slug: "mongodb", Name: "MongoDB replica set", Stage: hackfest.StageNotes,
		Sentence: "Three members elect a new primary when one is terminated; the set has to be started by hand once.",
		About:    "A document store on three instances, each with a volume of its own.",
		Goal:     "A write is still there after the primary was terminated.",
		Project:  "https://www.mongodb.org/",
	}, "2012-07-20"},
	{hackfest.Target{
		Slug: "condor", Name: "Condor", Stage: hackfest.StageParked,
		Sentence: "Waits for a cloud that lets instances see each other across clusters.",
		About:    "A scheduler for many small jobs, with workers that start as instances.",
	}, "2012-07-24"},
}

// told are the words that some targets have besides.
var told = map[string]hackfest.TargetEdit{
	"openshift-origin": {
		Goal:    "An application made with rhc answers under a name of its own.",
		Project: "https://github.com/openshift/origin-server",
	},
	"appscale": {
		Goal:    "The guestbook of the App Engine tutorial keeps an entry while one instance is terminated.",
		Project: "https://github.com/AppScale/appscale",
	},
	"nurse-euca": {Goal: "It says of a bare machine in one minute what is missing, and is right."},
}

// happened is the history of targets. Who did it has a nick of the recorded
// channel.
var happened = []struct {
	target, at, by string
	deed           hackfest.TargetDeed
	from, to       hackfest.TargetStage
	session, note  string
}{
	{"redmine", "2012-07-11", "bluegum", hackfest.TargetProposed, "", "", "", ""},
	{"redmine", "2012-07-18", "bluegum", hackfest.TargetStaged, hackfest.StageIdea, hackfest.StageWorks, "", "Installed on an evening, before there were hackfests."},
	{"mongodb", "2012-07-11", "jarrah", hackfest.TargetProposed, "", "", "", ""},
	{"mongodb", "2012-07-20", "jarrah", hackfest.TargetStaged, hackfest.StageIdea, hackfest.StageNotes, "", "rs.initiate() has to be typed by somebody."},
	{"condor", "2012-07-12", "ironbark", hackfest.TargetProposed, "", "", "", ""},
	{"condor", "2012-07-24", "ironbark", hackfest.TargetStaged, hackfest.StageIdea, hackfest.StageParked, "", "Its workers look for each other by multicast, which does not leave a cluster here."},
	{"openshift-origin", "2012-07-24", "tallow", hackfest.TargetProposed, "", "", "", ""},
	{"openshift-origin", "2012-07-27", "tallow", hackfest.TargetStaged, hackfest.StageIdea, hackfest.StagePlanned, "", ""},
	{"openshift-origin", "2012-08-02", "tallow", hackfest.TargetStaged, hackfest.StagePlanned, hackfest.StageTrying, RecordedSession, "The broker and one node run; no application yet."},
	{"appscale", "2012-08-03", "tallow", hackfest.TargetStaged, hackfest.StageIdea, hackfest.StagePlanned, "", ""},
	{"appscale", "2012-08-10", "bluegum", hackfest.TargetStaged, hackfest.StagePlanned, hackfest.StageTrying, "", ""},
	{"nurse-euca", "2012-08-24", "ironbark", hackfest.TargetStaged, hackfest.StagePlanned, hackfest.StageTrying, "", ""},
	{"cloud-foundry", "2012-08-27", "tallow", hackfest.TargetStaged, hackfest.StageIdea, hackfest.StagePlanned, "", ""},
}

// wanted are who said on IRC that they want what, the one new idea last.
var wanted = []struct{ nick, text string }{
	{"bluegum", "Hadoop"},
	{"jarrah", "Hadoop"},
	{"ironbark", "Install by Chef"},
	{"jarrah", "Continuous integration with Jenkins"},
	{"tallow", "Continuous integration with Jenkins"},
	{"bluegum", "Continuous integration with Jenkins"},
	{"jarrah", "Varnish in front of Walrus"},
}

// targetsLater adds what happened to targets, which people tell: the one person
// with an account looks after the first.
func (s seeder) targetsLater(ctx context.Context) error {
	at := func(date string) time.Time {
		t, _ := time.Parse(time.DateOnly, date) // they are all above
		return t.Add(20 * time.Hour)
	}
	for _, t := range reached {
		t.StagedAt = at(t.staged)
		if _, err := s.tx.AddTarget(ctx, t.Target, s.Now); err != nil {
			return err
		}
	}
	for _, e := range happened {
		t, err := s.tx.Target(ctx, e.target)
		if err != nil {
			return err
		}
		event := hackfest.TargetEvent{At: at(e.at), Deed: e.deed, Actor: e.by, From: e.from, To: e.to, SessionSlug: e.session, Note: e.note}
		if err := s.tx.AddTargetEvent(ctx, t.ID, event, 0); err != nil {
			return err
		}
	}
	for _, w := range wanted {
		idea := hackfest.Suggestion{Network: archiveNetwork, Nick: w.nick, Text: w.text}
		if _, err := s.tx.Suggest(ctx, idea, at("2012-08-24")); err != nil {
			return err
		}
	}
	who, err := s.tx.Account(ctx, Person)
	if err != nil {
		return err
	}
	actor := person.Actor{Viewer: person.Viewer{ID: who.ID, Role: who.Role}, Name: who.Name}
	for slug, words := range told {
		t, err := s.tx.Target(ctx, slug)
		if err != nil {
			return err
		}
		words.Name, words.Sentence, words.About = t.Name, t.Sentence, t.About
		if _, err := s.tx.EditTarget(ctx, slug, words, 0, actor, at("2012-08-25")); err != nil {
			return err
		}
	}
	if _, err := s.tx.SetTargetOwner(ctx, "openshift-origin", Person, actor, at("2012-08-25")); err != nil {
		return err
	}
	_, err = s.tx.AddLesson(ctx, hackfest.Lesson{
		Text: "Ask for an account of the sandbox cloud a day before: somebody has to be awake to hand it out.",
		Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll, AuthorID: who.ID,
	}, s.Now)
	return err
}
