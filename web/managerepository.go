package web

import (
	"net/url"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// deskRepositories is how many repositories the desk names that nobody registered.
const deskRepositories = 5

// unregistered are the repositories of which issues were named in meetings and
// that nobody registered: their issues stay plain text. Admins register them.
func (d desk) unregistered() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.UnknownRepositories(d.ctx, d.viewer, d.now.Add(-deskSince), deskRepositories)
	for _, x := range list {
		minutes := "/meetings/" + x.Meeting.String()
		e := templates.DeskEntry{
			At: d.at(x.EndedAt), Title: "Issues of " + ui.Visible(x.Name) + " are named, which is not registered", Href: minutes,
			Button: "Look", Go: minutes,
			Facts: []string{counted(x.Issues, "issue", "issues") + " in " + counted(x.Meetings, "meeting", "meetings"), "they are plain text until an admin registers it"},
		}
		if person.Can(person.Actor{Viewer: d.viewer}, person.Administer, person.Object{}) == nil {
			e.Button, e.Go = "Register", "/admin/repositories?"+url.Values{"name": {x.Name}}.Encode()+"#add"
			e.Facts[1] = "they are plain text until it is registered"
		}
		entries = append(entries, e)
	}
	return entries, err
}
