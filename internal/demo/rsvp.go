package demo

import (
	"context"
	"crypto/sha256"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// hosted is the series that Person hosts and that people answer.
const hosted = "weekly-hackfest"

// answers are who comes to the next date of it.
var answers = []hackfest.Answering{
	{Nick: "kestrel", Answer: hackfest.AnswerComing, WholeSeries: true},
	{Nick: "bluegum", Answer: hackfest.AnswerComing, Needs: "Quota for one more m1.xlarge in the sandbox cloud."},
	{Nick: "snowgum", Answer: hackfest.AnswerComing},
	{Nick: "noor", Answer: hackfest.AnswerComing, FirstVisit: true, Needs: "Access to the sandbox cloud: I have none yet."},
	{Nick: "wattle", Answer: hackfest.AnswerMaybe},
	{Nick: "tallow", Answer: hackfest.AnswerRegrets},
}

// answers adds them, and who hosts the series and answers for all of it.
func (s seeder) answers(ctx context.Context) error {
	who, err := s.tx.Account(ctx, Person)
	if err != nil {
		return err
	}
	if err := s.tx.NameSeriesHost(ctx, hosted, who.ID); err != nil {
		return err
	}
	list, err := s.tx.Sessions(ctx, person.PublicViewer, store.SessionFilter{Series: hosted, From: s.Now, Limit: 2})
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.State != hackfest.StateScheduled || !x.StartsAt.After(s.Now) {
			continue
		}
		for _, a := range append(answers, hackfest.Answering{PersonID: who.ID, Nick: Person, Answer: hackfest.AnswerComing, WholeSeries: true}) {
			browser := sha256.Sum256([]byte(a.Nick)) // of nobody
			a.SessionID, a.Browser, a.Via = x.ID, browser[:], "web"
			if _, err := s.tx.Answer(ctx, a, s.Now); err != nil {
				return err
			}
		}
		break
	}
	return nil
}
