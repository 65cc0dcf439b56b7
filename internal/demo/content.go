package demo

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Community is the name of the sample community.
const Community = "Eucalyptus"

// Zone is where the sample community keeps its clocks.
const Zone = "America/Los_Angeles"

// Channels are what the bot joins on the local network, with their purpose.
var Channels = []struct{ Name, Purpose string }{
	{"#eucalyptus-devel", "Hackfests, and development of Eucalyptus at any other time."},
	{"#eucalyptus-meeting", "Meetings that stand in the calendar."},
}

// archive is the network and channel where the summer of 2012 took place. The
// bot is not on it.
const (
	archiveNetwork = "freenode"
	archiveServer  = "chat.freenode.net"
	archiveChannel = "#eucalyptus-devel"
)

// archiveBegins is before everything in the archive.
var archiveBegins = time.Date(2012, 7, 1, 0, 0, 0, 0, time.UTC)

// series are the sessions that repeat. Those without a first date begin in the
// week in which the sample is made.
var series = []struct {
	hackfest.Series
	day   time.Weekday
	clock string // wall clock, in its zone
	first string // local date; "" for none
}{
	{
		hackfest.Series{
			Slug: "weekly-hackfest", Title: "Weekly hackfest", Kind: hackfest.KindHackfest, UID: markUID,
			Channel: "#eucalyptus-devel", Zone: Zone, Rule: "FREQ=WEEKLY;BYDAY=TH", Length: 150 * time.Minute,
			TargetSlug: "cloud-foundry",
		},
		time.Thursday, "12:00", "",
	},
	{
		hackfest.Series{
			Slug: "community-meeting", Title: "Community meeting", Kind: hackfest.KindMeeting, UID: "community-meeting@demo.hackfest.invalid",
			Channel: "#eucalyptus-meeting", Zone: Zone, Rule: "FREQ=WEEKLY;BYDAY=TU", Length: time.Hour,
		},
		time.Tuesday, "09:00", "",
	},
	{
		hackfest.Series{
			Slug: "recipes-meeting", Title: "Recipes meeting", Kind: hackfest.KindMeeting, UID: "recipes-meeting@demo.hackfest.invalid",
			Network: archiveNetwork, Channel: archiveChannel, Zone: Zone, Rule: "FREQ=WEEKLY;BYDAY=TH;UNTIL=20120830T200000Z", Length: time.Hour,
			OverlapOK: true, // nobody looked, and so it overlapped the first hackfest
		},
		time.Thursday, "13:00", "2012-07-19",
	},
}

// markUID is in every database that this package filled.
const markUID = "weekly-hackfest@demo.hackfest.invalid"

// targets are what the community got to run, tried, or thought of.
var targets = []struct {
	hackfest.Target
	staged string // date on which it came to its stage
}{
	{hackfest.Target{
		Slug: "openshift-origin", Name: "OpenShift Origin", Stage: hackfest.StageTrying,
		Sentence: "The broker runs and sees its node; applications cannot be made until disk quotas work on the image.",
		About:    "A platform for web applications: a broker, and nodes on which applications live as system users. Its packages are built for Fedora 16.",
	}, "2012-08-02"},
	{hackfest.Target{
		Slug: "appscale", Name: "AppScale", Stage: hackfest.StageTrying,
		Sentence: "Tried for three hours on one Friday; the notes are still to be written.",
		About:    "Runs Google App Engine applications on a cloud of one's own. It starts its instances by itself, so it needs credentials of its own as well.",
	}, "2012-08-10"},
	{hackfest.Target{
		Slug: "nurse-euca", Name: "Nurse Euca", Stage: hackfest.StageTrying,
		Sentence: "A first list of checks exists; people run it before they install and before they come.",
		About:    "A check-up for machines that are to become a cloud: processor, memory, disk, network and clock, with what to do about each finding.",
	}, "2012-08-24"},
	{hackfest.Target{
		Slug: "cloud-foundry", Name: "Cloud Foundry", Stage: hackfest.StagePlanned,
		Sentence: "Wants the same broker and node layout as OpenShift Origin, so what was learned there counts.",
		About:    "Another platform for web applications, with one component for each task and a message bus between them.",
	}, "2012-08-27"},
	{hackfest.Target{
		Slug: "puppet", Name: "Install by Puppet", Sentence: "One manifest for the cloud controller, one for each node.",
		About: "A Eucalyptus cloud installed and kept in shape by Puppet.",
	}, "2012-07-25"},
	{hackfest.Target{
		Slug: "chef", Name: "Install by Chef", Sentence: "The same as with Puppet, as cookbooks.",
		About: "A Eucalyptus cloud installed by Chef; and chef-server itself on an instance.",
	}, "2012-07-25"},
	{hackfest.Target{
		Slug: "web-applications", Name: "Web applications: Drupal, WordPress", Sentence: "Small, known by everybody, good for a first session.",
		About: "One boot script for each that ends with a page one can open.",
	}, "2012-07-26"},
	{hackfest.Target{
		Slug: "monitoring", Name: "Monitoring: Nagios, Ganglia or Zenoss", Sentence: "Three candidates; the session would choose one.",
		About: "Watching the cloud itself and what runs on it, with instances that come and go.",
	}, "2012-07-26"},
	{hackfest.Target{
		Slug: "jenkins", Name: "Continuous integration with Jenkins", Sentence: "Executors that start as instances when there is work.",
		About: "Jenkins with the EC2 plugin, pointed at a Eucalyptus cloud.",
	}, "2012-07-27"},
	{hackfest.Target{
		Slug: "hadoop", Name: "Hadoop", Sentence: "Needs more instances than the sandbox gives to one person.",
		About: "A cluster by Whirr or by hand, with its data in Walrus.",
	}, "2012-07-30"},
}

// sessions are those of the summer of 2012, which did not repeat.
var sessions = []struct {
	title, target string
	goal          string
	start         string // wall clock in zone
	zone          string
	length        time.Duration
}{
	{
		"OpenShift Origin", "openshift-origin",
		"A broker and one node on the sandbox cloud, built by a boot script that anybody can run again.",
		"2012-08-02 12:00", Zone, 2 * time.Hour,
	},
	{
		"AppScale", "appscale",
		"An AppScale cluster that starts its own instances and serves one application.",
		"2012-08-10 11:00", Zone, 3 * time.Hour,
	},
	{
		"Nurse Euca", "nurse-euca",
		"A check-up that tells in one minute whether a machine can become a cloud.",
		"2012-08-24 07:00", "America/New_York", 3 * time.Hour,
	},
}

// lessons are the four of the first hackfest. Nick and the beginning of the
// text find the line that taught each.
var lessons = []struct {
	hackfest.Lesson
	nick, said string
}{
	{hackfest.Lesson{
		Text: "Look up which distribution the target's packages are built for before preparing the image: Fedora 17 was ready, Fedora 16 was needed.",
		Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: "openshift-origin",
	}, "ironbark", "so the image I prepared is Fedora 17"},
	{hackfest.Lesson{
		Text: "Start it on an m1.xlarge: the target brings more than four hundred packages, and an m1.large ran out of memory installing them.",
		Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeTarget, TargetSlug: "openshift-origin",
	}, "bluegum", "m1.large could not keep up"},
	{hackfest.Lesson{
		Text: "Put the newer cloud-init into the image; its log shows what a boot script printed, where the old one leaves you guessing.",
		Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeImage, Image: "Fedora 16",
	}, "ironbark", "and there it is. the newer cloud-init"},
	{hackfest.Lesson{
		Text: "Two hours are enough to start a target and too short to finish it: plan three, or a second session.",
		Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll,
	}, "tallow", "honestly: two hours are enough"},
}
