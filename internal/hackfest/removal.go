package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// RemovalRequestID identifies a RemovalRequest inside one database.
type RemovalRequestID int64

// RemovalRequest is somebody's wish to have a line taken out of a log.
type RemovalRequest struct {
	ID       RemovalRequestID
	Line     Ref
	PersonID person.ID // zero for who was not signed in
	Name     string    // of that person; "" without one
	Why      string    // as they wrote it; may be empty
	Contact  string    // how to reach them; may be empty
	MadeAt   time.Time // UTC

	Network  string
	Channel  string
	Path     string // of the channel in URLs, not encoded
	LineAt   time.Time
	Nick     string // who said the line
	Text     string // of the line; "" when it is gone
	Redacted bool   // by somebody else meanwhile
}

// Bounds of what people may write, in characters.
const (
	MaxWhy     = 1000
	MaxContact = 200
)
