package hackfest

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// NewsID identifies a News inside one database; people see its slug.
type NewsID int64

// NewsState is how far a piece of news has come. The values are also the
// database's.
type NewsState string

const (
	NewsDraft     NewsState = "draft"
	NewsPublished NewsState = "published" // from PublishedAt on, which may be to come
	NewsWithdrawn NewsState = "withdrawn" // it was published, and is not to be read any more
)

// Outlet is a way by which news reach people. The values are also the
// database's.
type Outlet string

const (
	OutletSite  Outlet = "site" // its page, the lists and the feed; always
	OutletMail  Outlet = "mail"
	OutletIRC   Outlet = "irc"   // a line in channels
	OutletTopic Outlet = "topic" // of channels
)

// Outlets are all outlets in the order in which they are shown.
var Outlets = []Outlet{OutletSite, OutletMail, OutletIRC, OutletTopic}

// What a piece of news may have at most, in characters.
const (
	MaxNewsTitle   = 120
	MaxNewsSummary = 300
	MaxNewsBody    = 20000
	MaxNewsTags    = 8
	maxTag         = 40 // bytes
)

// News is one announcement of the community: one text for all its outlets.
type News struct {
	ID          NewsID
	UID         string // of its entry in feeds, for ever
	Slug        string // follows the title until it is published first
	Title       string
	Summary     string // one sentence for IRC, topic and lists; "" is how the text begins
	Body        string // Markdown
	Tags        []string
	State       NewsState
	PublishedAt time.Time // UTC, when it appears or appeared; zero while it is a draft that never was published
	Outlets     []Outlet  // OutletSite is always among them
	Channels    []ChannelID
	BannerUntil time.Time // UTC, until when all pages show it; zero is not at all

	SessionSlug  string // of the session it is about; "" when of none, or not for the viewer
	SessionTitle string
	TargetSlug   string // of the target it is about; "" when of none
	TargetName   string

	AuthorID    person.ID // zero when the portal wrote it
	Author      string    // "" when the portal wrote it
	AuthorShown bool      // the author is listed among people
	CorrectedAt time.Time // UTC; zero when no correction was noted
	Correction  string    // what was wrong; "" when no correction was noted
	Revision    int       // counts edits, for optimistic locking
	CreatedAt   time.Time // UTC
	ChangedAt   time.Time // UTC, when readers should look again
}

// Public reports whether everybody may read n at now.
func (n News) Public(now time.Time) bool {
	return n.State == NewsPublished && !n.PublishedAt.After(now)
}

// Appeared reports whether n is or was to be read by everybody before now: where it
// went is settled then.
func (n News) Appeared(now time.Time) bool {
	return n.State != NewsDraft && !n.PublishedAt.IsZero() && !n.PublishedAt.After(now)
}

// Goes reports whether n goes to outlet o.
func (n News) Goes(o Outlet) bool { return slices.Contains(n.Outlets, o) }

// Check is what is wrong with what people typed of n: fault.Invalid, with the
// field of each.
func (n News) Check() error {
	var wrong []error
	switch long := utf8.RuneCountInString(n.Title); {
	case strings.TrimSpace(n.Title) == "":
		wrong = append(wrong, fault.On("title", "News need a title."))
	case long > MaxNewsTitle:
		wrong = append(wrong, fault.On("title", "A title has at most %d characters; this one has %d.", MaxNewsTitle, long))
	case Slug(n.Title) == "":
		wrong = append(wrong, fault.On("title", "A title needs a letter from A to Z or a digit: its address is made of them."))
	}
	if long := utf8.RuneCountInString(n.Summary); long > MaxNewsSummary {
		wrong = append(wrong, fault.On("summary", "The sentence has at most %d characters; this one has %d.", MaxNewsSummary, long))
	}
	if long := utf8.RuneCountInString(n.Body); long > MaxNewsBody {
		wrong = append(wrong, fault.On("body", "The text has at most %d characters; this one has %d.", MaxNewsBody, long))
	}
	if len(n.Tags) > MaxNewsTags {
		wrong = append(wrong, fault.On("tags", "At most %d tags.", MaxNewsTags))
	}
	return errors.Join(wrong...)
}

// NewsTags reads tags that are parted by commas or blanks: each is made a slug,
// and stands once, sorted.
func NewsTags(text string) []string {
	var list []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' || r == '\r' }) {
		if tag := Slug(word); tag != "" {
			list = append(list, strings.TrimRight(tag[:min(len(tag), maxTag)], "-"))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// NewsCount is how many published news there are with a tag, or of a month.
type NewsCount struct {
	Tag   string    // "" when it is a month
	Month time.Time // its first day, in the community's zone; zero when it is a tag
	News  int
}
