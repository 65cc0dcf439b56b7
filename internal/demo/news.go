package demo

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// news are what the community announced in the summer of 2012, and a draft.
var news = []struct {
	hackfest.News
	at string // when it was published, UTC; "" for a draft
}{
	{
		hackfest.News{
			Title: "Two hours on Thursday: OpenShift Origin on a cloud of our own",
			Body: "We start something new. Once a week we meet on IRC for a few hours and try to get **one** thing to run on Eucalyptus, together, " +
				"until it does or until we know what is missing. Whoever has tried it alone knows why.\n\n" +
				"The first one is [OpenShift Origin](/targets/openshift-origin), on Thursday 2 August, noon in California.\n\n" +
				"## What you need\n\n" +
				"- an IRC client, and the channel `#eucalyptus-devel` on freenode\n" +
				"- credentials for the sandbox cloud: ask in the channel, somebody hands them out\n" +
				"- `euca2ools` 2.1 or later, and a key pair\n\n" +
				"You need not know OpenShift, nor how to install a cloud. Reading along helps as well: people who ask why find half of the mistakes.",
			Summary: "On Thursday 2 August at 19:00 UTC we try OpenShift Origin together, in #eucalyptus-devel. Bring an IRC client and a question.",
			Tags:    []string{"hackfest", "openshift"}, TargetSlug: "openshift-origin",
		}, "2012-07-27 16:00",
	},
	{
		hackfest.News{
			Title: "What two hours of OpenShift taught us",
			Body: "Eleven of us came, the broker runs, and one node has joined it. It does not make applications yet, since the image has no disk quotas. " +
				"That is the next thing to look at.\n\n" +
				"Half of the time went into the wrong image: Fedora 17 was prepared, and the packages are built for Fedora 16. Nobody had looked. " +
				"So that nobody prepares the wrong one again:\n\n" +
				"1. Look up what the packages are built for *before* you make an image.\n" +
				"2. Start on an `m1.xlarge`. An `m1.large` ran out of memory among four hundred packages.\n" +
				"3. Put the newer cloud-init into the image. You will want its log.\n\n" +
				"All of it is among the [lessons](/lessons), each with the line of the [log](/sessions/" + RecordedSession + "/log) in which somebody found out. " +
				"Next is [AppScale](/targets/appscale), and we take three hours.",
			Summary: "The broker runs and a node has joined. Half of the time went into the wrong image: look up what the packages are built for first.",
			Tags:    []string{"lessons", "openshift"}, TargetSlug: "openshift-origin", SessionSlug: RecordedSession,
		}, "2012-08-03 17:30",
	},
	{
		hackfest.News{
			Title: "Before we try Cloud Foundry: three things to have ready",
			Body: "Cloud Foundry has the same shape as OpenShift Origin: one machine that knows, others that work. What cost us half of an afternoon there need not cost it again.\n\n" +
				"- An image of Ubuntu 10.04, 64 bit, **named by its id**. Tell the others which.\n" +
				"- Quota for three `m1.xlarge`. Try it the day before.\n" +
				"- The [lessons](/lessons), read once. It takes five minutes.",
			Tags: []string{"cloud-foundry", "hackfest"}, TargetSlug: "cloud-foundry",
			Outlets: []hackfest.Outlet{hackfest.OutletSite, hackfest.OutletMail, hackfest.OutletIRC, hackfest.OutletTopic},
		}, "",
	},
}

// news adds them, by the one person with an account.
func (s seeder) news(ctx context.Context) error {
	author, err := s.tx.Account(ctx, Person)
	if err != nil {
		return err
	}
	for _, n := range news {
		n.AuthorID = author.ID
		at := s.Now
		if n.at == "" {
			settings, err := s.tx.AllChannelSettings(ctx)
			if err != nil {
				return err
			}
			for _, c := range settings {
				if c.Network == s.Network {
					n.Channels = append(n.Channels, c.ID)
				}
			}
		} else {
			if at, err = time.Parse("2006-01-02 15:04", n.at); err != nil {
				return err
			}
			n.State, n.PublishedAt = hackfest.NewsPublished, at
		}
		if _, err := s.tx.AddNews(ctx, n.News, at); err != nil {
			return err
		}
	}
	return nil
}
