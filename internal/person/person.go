// Package person says who people are to the portal: their role and what they
// may see. It stores nothing and knows no request.
package person

// ID identifies a person with an account on the portal. Zero is nobody.
type ID int64

// Role is what a person may do everywhere. Chairing is no role but a relation
// to a series or a session. The values are also the database's.
type Role string

const (
	Anonymous  Role = "" // not signed in
	Member     Role = "member"
	Maintainer Role = "maintainer"
	Admin      Role = "admin"
)

// Visibility says who may read a channel, a session or a meeting.
type Visibility string

const (
	Public      Visibility = "public"
	MembersOnly Visibility = "members"
)

// Viewer is the person for whom something is read. The zero Viewer is the
// anonymous public, which is also what feeds are made for.
type Viewer struct {
	ID   ID
	Role Role
}

// PublicViewer is the viewer for pages and feeds that nobody signed in to.
var PublicViewer = Viewer{}

// SeesMembersOnly reports whether v may read what is restricted to members.
func (v Viewer) SeesMembersOnly() bool { return v.Role != Anonymous }
