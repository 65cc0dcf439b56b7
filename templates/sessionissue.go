package templates

import (
	"net/url"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// IssuesBox are the issues that belong to a session: linked by hand, or named in
// its texts.
type IssuesBox struct {
	Rows  []IssueRow
	Age   string  // as of when they are known: "as of 3 min ago"; "" when none is
	Stale string  // why that is long ago, a sentence; "" when it is not
	Path  string  // of the form that links one; "" for who may not
	Hint  string  // what may be typed there
	Form  ui.Form // that form
}

// IssueRow is an issue in a list.
type IssueRow struct {
	Name      string          // owner/name#12
	Issue     *hackfest.Issue // nil when it is not known here
	Where     string          // "linked by ann", "named in the log"
	Assignees string          // logins; "" is nobody
	Labels    []string
	Unlink    string // path of the form that takes it off; "" for what is not linked by hand, or who may not
	Form      ui.Form
}

// Hidden reports whether there is nothing to show.
func (b IssuesBox) Hidden() bool { return len(b.Rows) == 0 && b.Path == "" }

// slugOf is the slug of the session at a path that SessionURL made; "" of none.
func slugOf(path string) string {
	slug, _ := url.PathUnescape(strings.TrimPrefix(path, "/sessions/"))
	return slug
}
