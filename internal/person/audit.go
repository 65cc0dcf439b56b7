package person

import (
	"encoding/json"
	"time"
)

// Via is the way by which somebody did something. The values are also the
// database's.
type Via string

const (
	ViaWeb    Via = "web"
	ViaAPI    Via = "api"
	ViaCLI    Via = "cli"    // on the server's command line
	ViaIRC    Via = "irc"    // by a message to the bot
	ViaPortal Via = "portal" // the portal by itself
)

// AuditEntry is one privileged act, or one that was refused. Entries are only
// ever added.
type AuditEntry struct {
	ID       int64
	At       time.Time // UTC
	PersonID ID        // zero for the portal itself and on the command line
	Actor    string    // what they were called then
	Via      Via
	Action   string // what was done or tried, a few words: "change role"
	Object   string // to what: a path or a name
	Refused  bool   // it was tried and not allowed
	Before   json.RawMessage
	After    json.RawMessage
	Address  string // of the other end; "" on the command line
}
