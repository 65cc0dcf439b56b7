package hackfest

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// What the labels of a repository may be: GitHub's own have as many characters.
const (
	mostLabels = 20
	mostLabel  = 50
)

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}$`)

// ParseRepository reads what people write for a repository, as owner/name: that
// itself, the address of one of its pages on github.com or below web, as
// "https://github.example.org", or what git clones it from. What is none is
// fault.Invalid on the field "repository".
func ParseRepository(text string, web ...string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fault.On("repository", "Which repository? Write owner/name, or paste its address.")
	}
	name, elsewhere := belowHost(text, append([]string{PublicGitHub, "https://www.github.com"}, web...))
	if elsewhere {
		return "", fault.On("repository", "That is an address on another host than %s.", strings.TrimPrefix(append(web, PublicGitHub)[0], "https://"))
	}
	parts := strings.SplitN(strings.Trim(name, "/"), "/", 3)
	if len(parts) < 2 || len(parts) > 2 && name == text {
		return "", fault.On("repository", "Write it as owner/name, as in eucalyptus/recipes.")
	}
	repo := parts[1]
	if name != text || strings.HasSuffix(repo, ".git") {
		repo = strings.TrimSuffix(repo, ".git")
	}
	name = parts[0] + "/" + repo
	if !repositoryName.MatchString(name) || repo == "." || repo == ".." {
		return "", fault.On("repository", "Write it as owner/name, as in eucalyptus/recipes: letters, digits, hyphens, and dots in the name.")
	}
	return name, nil
}

// belowHost cuts the host off an address, also off git@host:owner/name. What is
// no address stays as it is; elsewhere says that it is one on none of the hosts.
func belowHost(text string, hosts []string) (path string, elsewhere bool) {
	address := text
	if user, rest, ok := strings.Cut(text, "@"); ok && !strings.ContainsAny(user, "/:") {
		address = "ssh://" + strings.Replace(rest, ":", "/", 1)
	}
	for _, h := range hosts { // as people copy it, without a scheme
		if host := strings.TrimPrefix(strings.TrimPrefix(h, "https://"), "http://"); len(text) > len(host) && strings.EqualFold(text[:len(host)+1], host+"/") {
			address = "https://" + text
		}
	}
	if !strings.Contains(address, "://") {
		return text, false
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", true
	}
	for _, h := range hosts {
		base, err := url.Parse(h)
		if err == nil && strings.EqualFold(base.Hostname(), u.Hostname()) {
			if rest, ok := strings.CutPrefix(u.Path, base.Path+"/"); ok {
				return rest, false
			}
		}
	}
	return "", true
}

// ParseLabels reads labels that people write, one on each line.
func ParseLabels(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// Check reports what is wrong with e, by the fields "visibility", "bugs" and
// "firsts".
func (e RepositoryEdit) Check() error {
	var wrong []error
	if e.Visibility != person.Public && e.Visibility != person.MembersOnly {
		wrong = append(wrong, fault.On("visibility", "What is known of it is for everybody or for members."))
	}
	return errors.Join(append(wrong, checkLabels("bugs", e.BugLabels), checkLabels("firsts", e.FirstLabels))...)
}

func checkLabels(field string, labels []string) error {
	if len(labels) > mostLabels {
		return fault.On(field, "At most %d labels.", mostLabels)
	}
	for _, l := range labels {
		if !utf8.ValidString(l) || utf8.RuneCountInString(l) > mostLabel || strings.ContainsFunc(l, unicode.IsControl) {
			return fault.On(field, "A label has at most %d characters; each stands on a line of its own.", mostLabel)
		}
	}
	return nil
}

// Recorded reports whether r was written down once and is never asked about.
func (r Repository) Recorded() bool { return !r.RecordedAt.IsZero() }

// RepositoryUser is a target, a series or a session to which a repository
// belongs.
type RepositoryUser struct {
	RepositoryID RepositoryID
	Kind         string // target, series or session
	Slug, Title  string
	StartsAt     time.Time // UTC, of a session
	Zone         string    // of a session
}

// RepositoryKnown is how much is known of a repository.
type RepositoryKnown struct {
	Issues, OpenIssues, Pulls, OpenPulls, Commits, Releases, Milestones int
	CommitsFrom                                                         time.Time // back to when commits are known; zero: not yet
}

// UnknownRepository is a repository that is not registered, of which issues were
// named in meetings.
type UnknownRepository struct {
	Name     string    // owner/name, as it was written last
	Issues   int       // different ones
	Meetings int       // in which they were named
	Meeting  Ref       // the last of these
	Session  string    // its session's slug
	EndedAt  time.Time // UTC, of that meeting
}
