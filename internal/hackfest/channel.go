package hackfest

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// StartRight is who may start a meeting in a channel. The values are also the
// database's.
type StartRight string

const (
	StartAnyone  StartRight = "anyone"
	StartOps     StartRight = "ops"     // operators of the channel
	StartMembers StartRight = "members" // whom services know by an account that is a person's on the portal
)

// StartRights lists them, the most generous first.
var StartRights = []StartRight{StartAnyone, StartOps, StartMembers}

// Announces is of which sessions a channel is told. The values are also the
// database's.
type Announces string

const (
	AnnouncesOwn Announces = "own" // those that are held in it
	AnnouncesAll Announces = "all" // all of the community
)

// What a channel may be told of; see ChannelSettings.Occasions. Those of a
// session's start are called as the occasions of deliveries are; changes are
// OccasionCancelled, OccasionMoved and OccasionReinstated.
const (
	ToldDay     = "day" // 24 hours before a session starts
	ToldHour    = string(OccasionHour)
	ToldTen     = string(OccasionTen)
	ToldStart   = string(OccasionStart)
	ToldChanges = "changes"
	ToldMinutes = string(OccasionMinutes)
	ToldOutcome = string(OccasionOutcome)
	ToldNews    = "news"
)

// Told lists what a channel may be told of, in the order of time.
var Told = []string{ToldDay, ToldHour, ToldTen, ToldStart, ToldChanges, ToldMinutes, ToldOutcome, ToldNews}

const (
	maxPurpose = 200 // characters; it stands in lists
	maxWebchat = 500 // bytes
	maxKey     = 64  // bytes; servers take 23 to 50
	maxChannel = 64  // bytes; servers take 50 to 200
)

// ChannelSettings is what a community decided about a channel.
type ChannelSettings struct {
	ID         ChannelID
	Network    string // the network's name, as in URLs
	Name       string // as the server spells it, with its prefix
	Folded     string // Name under the network's casemapping
	Path       string // the part of URLs, not yet percent-encoded; see ChannelInfo
	Purpose    string // may be empty
	WebchatURL string // where to join it in a browser; may be empty
	Visibility person.Visibility
	Joined     bool       // the bot should be in it
	Logged     bool       // what is said there is kept; else there are no meetings either
	Announce   bool       // anything is announced there
	Occasions  []string   // what is, of Told
	Announces  Announces  // of which sessions
	Topic      bool       // its topic shows the next session
	Hackfests  bool       // sessions are held there; else a mention of one is answered with where it is
	Greet      bool       // who is there for the first time is greeted
	Noisy      bool       // items are confirmed in the channel
	W3C        bool       // "ACTION: …", "RESOLVED: …" and the like are commands too
	StartRight StartRight // who may start a meeting
	Keyed      bool       // it has a key, which only the bot is told
	Revision   int        // counts edits, for optimistic locking
}

// Check reports all that is wrong with c, each with the name of its field.
func (c ChannelSettings) Check() error {
	var errs []error
	if utf8.RuneCountInString(c.Purpose) > maxPurpose || strings.ContainsFunc(c.Purpose, unicode.IsControl) {
		errs = append(errs, fault.On("purpose", "A purpose is one line of at most %d characters.", maxPurpose))
	}
	if !webchat(c.WebchatURL) {
		errs = append(errs, fault.On("webchat", "The address of a web chat begins with https://, http:// or irc://, as in https://web.libera.chat/#euca."))
	}
	if c.Visibility != person.Public && c.Visibility != person.MembersOnly {
		errs = append(errs, fault.On("visibility", "A channel is for everybody or for members."))
	}
	if !slices.Contains(StartRights, c.StartRight) {
		errs = append(errs, fault.On("start", "Choose who may start a meeting."))
	}
	if slices.ContainsFunc(c.Occasions, func(o string) bool { return !slices.Contains(Told, o) }) {
		errs = append(errs, fault.On("occasions", "Choose what is announced from the list."))
	}
	if c.Announces != AnnouncesOwn && c.Announces != AnnouncesAll {
		errs = append(errs, fault.On("announces", "Choose of which sessions the channel is told."))
	}
	return errors.Join(errs...)
}

// webchat reports whether address may become a link to a web chat.
func webchat(address string) bool {
	if address == "" {
		return true
	}
	u, err := url.Parse(address)
	return err == nil && len(address) <= maxWebchat && slices.Contains([]string{"https", "http", "irc", "ircs"}, u.Scheme) &&
		u.Hostname() != "" && u.User == nil && !strings.ContainsFunc(address, blank)
}

// CheckKey reports what is wrong with the key of a channel; "" is none.
func CheckKey(key string) error {
	if len(key) > maxKey || strings.HasPrefix(key, ":") || strings.Contains(key, ",") || strings.ContainsFunc(key, blank) {
		return fault.On("key", "A key has at most %d letters, digits and signs, no blank and no comma, and does not begin with a colon.", maxKey)
	}
	return nil
}

// ChannelName makes what people type for a channel into its name: with a '#'
// when they left the prefix out. Names that networks compare in different ways
// are refused: only the bot can know then which channel is meant.
func ChannelName(typed string) (string, error) {
	name := strings.TrimSpace(typed)
	if name != "" && !strings.ContainsAny(name[:1], "#&") {
		name = "#" + name
	}
	switch {
	case strings.Trim(name, "#&") == "":
		return "", fault.On("channel", "Which channel? A name looks like #euca.")
	case len(name) > maxChannel || strings.ContainsAny(name, ",:") || strings.ContainsFunc(name, blank) || !utf8.ValidString(name):
		return "", fault.On("channel", "A channel's name is at most %d bytes long and has no blank, comma or colon.", maxChannel)
	case strings.ContainsAny(name, `[]\^{}|~`):
		return "", fault.On("channel", `Networks compare names with [ ] \ ^ { } | ~ in different ways. Put this one into HACKFEST_IRC.`)
	}
	return name, nil
}

// blank reports characters that no name, key or address has.
func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// BotChannel is what the bot has to know about a channel before it is there.
type BotChannel struct {
	Name   string // as the server spells it, or as it was typed
	Key    string // to join it with; "" has none
	Joined bool   // the bot should be in it
	Logged bool   // what is said there is kept
	Asked  int    // how often joining was asked for; more than before means to try afresh

	Hackfests  bool      // sessions are held there; else a mention of one is answered with where it is
	Greet      bool      // who is there for the first time is greeted
	QuietUntil time.Time // UTC; nothing unasked is said there before; zero when nobody told the bot so
	Topic      bool      // its topic shows the next session
	TopicPart  string    // what the bot put into its topic last; "" nothing
}

// Newcomer is somebody who may be there for the first time.
type Newcomer struct {
	Network, Channel string
	Nick             string
	Account          string // of services; "" for none
}
