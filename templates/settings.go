package templates

import "github.com/eucalyptus/hackfest/templates/ui"

// SettingsPage is what somebody says about themselves, and by what they sign in.
type SettingsPage struct {
	Frame
	Revision string // of what the page shows, for the forms that must not overwrite another window's
	Profile  ui.Form
	Name     string
	OwnZone  string // IANA name; "" when they chose none
	Choices  []ui.Choice

	Listing   ui.Form
	Listed    bool
	ZoneShown bool
	Unnamed   bool
	Page      string // path of their page; "" when they have none

	Names    []SettingsName
	Claim    ui.Form
	Networks []ui.Choice
	Code     *ClaimCode // made just now; nil on most pages

	MailForm ui.Form
	Mail     string // "" when they gave none
	Proven   bool
	MailSent bool // the portal sends mail

	Password    ui.Form
	HasPassword bool

	GitHub SettingsGitHub

	Signins []SettingsSignin
	Others  string // key of the form that ends all but this one; "" when there is no other

	Tokens []SettingsToken
	Token  ui.Form
	Made   *MadeToken // made just now; nil on most pages
	Scopes []APIScope
}

// SettingsName is what somebody is called on an IRC network.
type SettingsName struct {
	Network, Value string
	Account        bool // of services; else a nick
	Since          ui.Moment
	GiveUp         string // path of the form
	Once           string
}

// SettingsGitHub is by which login on GitHub somebody signs in.
type SettingsGitHub struct {
	Offered bool   // the portal lets people sign in with GitHub
	Linked  bool   // they linked one
	Login   string // "" when GitHub has not said yet what it is called now
	Since   ui.Moment
	Problem string // why a login was not linked or unlinked just now; "" when it was
	Once    string
}

// Shown reports whether the page says anything of GitHub.
func (g SettingsGitHub) Shown() bool { return g.Offered || g.Linked }

// ClaimCode is what to say to the bot.
type ClaimCode struct {
	Network string
	Line    string // to type
}

// SettingsSignin is a browser that is signed in.
type SettingsSignin struct {
	Browser string // "Firefox on Linux"
	Address string // "" is unknown
	Since   ui.Moment
	Seen    ui.Moment
	This    bool   // the one that asks
	Revoke  string // path of the form
	Once    string
}

// SettingsToken is a token that is good.
type SettingsToken struct {
	Name, Prefix string
	Scopes       string // "read, chair"
	Made         ui.Moment
	Used         *ui.Moment // nil when it never was
	Ends         *ui.Moment // nil when it never does
	Revoke       string     // path of the form
	Once         string
}

// MadeToken is a token that was made just now: the only time it is shown. Secret
// is "" when the form that made it came again.
type MadeToken struct{ Name, Secret string }

// Fields of the settings.
var (
	ownName    = ui.Field{Name: "name", Label: "Name", Autocomplete: "username", Max: 64, Required: true, Hint: "What the portal calls you, and what you sign in with. Whoever reads a page of yours sees it."}
	tokenName  = ui.Field{Name: "token", Label: "What is it for?", Max: 64, Required: true}
	tokenDays  = ui.Field{Name: "days", Label: "Good for", Options: []ui.Choice{{Value: "30", Text: "30 days"}, {Value: "90", Text: "90 days"}, {Value: "365", Text: "a year"}, {Value: "0", Text: "until revoked"}}, Value: "90"}
	oldWord    = ui.Field{Name: "old", Label: "The password you have", Autocomplete: "current-password", Max: 1024, Required: true}
	newWord    = ui.Field{Name: "password", Label: "New password", Autocomplete: "new-password", Max: 1024, Required: true, Hint: "At least ten characters; a few words make a good one."}
	newAgain   = ui.Field{Name: "again", Label: "The same again", Autocomplete: "new-password", Max: 1024, Required: true}
	ownMail    = ui.Field{Name: "mail", Label: "Mail address", Type: "email", Mode: "email", Autocomplete: "email", Max: 254}
	claimOn    = ui.Field{Name: "network", Label: "Network", Required: true}
	leaveTyped = ui.Field{Name: "typed", Label: "To be sure, type your name", Max: 64, Required: true}
)

// LeavePage says what leaving means, before somebody does.
type LeavePage struct {
	Frame
	Form     ui.Form
	Name     string
	Pseudo   string // what would take the place of their names
	Names    []SettingsName
	Lines    string // "1,204 lines"; "" without any
	Meetings string // "12 meetings"; "" without any
	Running  string // channel of a meeting that runs and that they spoke in; "" is none
}

// LeftPage says that somebody is gone.
type LeftPage struct {
	Frame
	Pseudo     string
	Everywhere bool
}
