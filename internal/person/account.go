package person

import "time"

// Account is a person as those see them who keep order: everything but what they
// have said.
type Account struct {
	ID           ID
	Name         string
	Role         Role
	Mail         string    // "" when they gave none
	MailProvenAt time.Time // UTC; zero until they answered from there
	HasPassword  bool
	SuspendedAt  time.Time // UTC, since when they are treated like nobody; zero is not
	CreatedAt    time.Time // UTC
	SeenAt       time.Time // UTC, when one of their browsers was last here, to the minute; zero is not signed in
	Chairs       []string  // slugs of the series they chair, sorted
	Names        []string  // on IRC, proven and current, as "mel on libera", sorted
}

// Suspended reports whether a is treated like nobody.
func (a Account) Suspended() bool { return !a.SuspendedAt.IsZero() }

// Signin is a browser that is signed in.
type Signin struct {
	ID        string // hexadecimal; it lets nobody in
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
	ExpiresAt time.Time // at the latest
	Address   string    // where it was last seen; "" is unknown
	Agent     string    // what it says it is; may be empty
}

// LinkReason is who asked for a sign-in link. The values are also the
// database's.
type LinkReason string

const (
	LinkByAdmin LinkReason = "admin"
	LinkByMail  LinkReason = "mail"
	LinkByIRC   LinkReason = "irc"
	LinkByDemo  LinkReason = "demo"
)

// IdentityKind is what kind of name an identity is. The values are also the
// database's.
type IdentityKind string

const (
	IRCAccount IdentityKind = "account" // with the services of a network
	IRCNick    IdentityKind = "nick"
	GitHubUser IdentityKind = "github" // an account on GitHub, by its number there
)

// GitHubLogin is somebody's account on GitHub.
type GitHubLogin struct {
	ID    int64     // GitHub's number of it; it stays when the login changes
	Login string    // as last known; "" when somebody else has it by now
	Since time.Time // UTC, when it was linked
}

// GitHubTry is a browser that was sent to GitHub to say who somebody is.
type GitHubTry struct {
	StateHash   []byte // SHA-256 of what GitHub hands back
	BrowserHash []byte // SHA-256 of what the browser's cookie holds
	PersonID    ID     // who links their login; zero: somebody signs in
	Next        string // path to lead on to
	MadeAt      time.Time
	ExpiresAt   time.Time
}

// Contest is a name on IRC that somebody claimed although it is another's.
type Contest struct {
	ID       int64
	PersonID ID     // who wants it
	Person   string // their name on the portal
	HolderID ID     // whose it is
	Holder   string
	Kind     IdentityKind
	Network  string
	Value    string
	Account  string    // who services said was asking; "" is nobody
	At       time.Time // UTC, when it was last asked for
}

// Claimant is who says a code to the bot.
type Claimant struct {
	Network string
	Nick    string
	Account string // who services say it is; "" is nobody, or not told
}

// Claimed is what came of a code that was good.
type Claimed struct {
	Name   string         // on the portal, of whose code it was
	Proven []IdentityKind // what is theirs now
	Others []IdentityKind // what is another person's; a maintainer is told
}
