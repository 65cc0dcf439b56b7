package testgithub

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page answers with one page of a list, and says where the others are.
func page[T any](c *call, list []T, shape func(T) object) *answer {
	per, number := c.number("per_page", 30), c.number("page", 1)
	per = min(per, 100)
	last := max(1, (len(list)+per-1)/per)
	shapes := []object{}
	for i := (number - 1) * per; i < min(number*per, len(list)); i++ {
		shapes = append(shapes, shape(list[i]))
	}
	a := say(http.StatusOK, shapes)
	var links []string
	link := func(rel string, n int) {
		q := c.r.URL.Query()
		q.Set("page", strconv.Itoa(n))
		_, rest, _ := strings.Cut(strings.TrimPrefix(c.r.URL.Path, apiPath+"repos/"+c.repo.name), "/")
		links = append(links, fmt.Sprintf(`<%srepositories/%d/%s?%s>; rel=%q`, c.g.URL, c.repo.ID, rest, q.Encode(), rel))
	}
	if number > 1 {
		link("prev", number-1)
	}
	if number < last {
		link("next", number+1)
		link("last", last)
	}
	if number > 1 {
		link("first", 1)
	}
	if len(links) > 0 {
		a.header.Set("Link", strings.Join(links, ", "))
	}
	return a
}

// number reads a positive number of the query.
func (c *call) number(name string, otherwise int) int {
	n, err := strconv.Atoi(c.query.Get(name))
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}

// instant reads a time of the query; the zero time when there is none.
func (c *call) instant(name string) time.Time {
	t, err := time.Parse(time.RFC3339, c.query.Get(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

// issues lists pull requests too, as GitHub does.
func (c *call) issues() *answer {
	return page(c, c.chosen(false), c.repo.issueShape)
}

func (c *call) pulls() *answer {
	return page(c, c.chosen(true), c.repo.pullShape)
}

// chosen are the issues that the query asks for, in its order.
func (c *call) chosen(pulls bool) []*Issue {
	state, since, creator := cmp.Or(c.query.Get("state"), "open"), c.instant("since"), c.query.Get("creator")
	list := slices.DeleteFunc(sorted(c.repo.issues), func(i *Issue) bool {
		return state != "all" && i.Closed != (state == "closed") || i.UpdatedAt.Before(since) || pulls && !i.Pull ||
			creator != "" && !strings.EqualFold(creator, i.Author)
	})
	by := (*Issue).opened
	if c.query.Get("sort") == "updated" {
		by = (*Issue).updated
	}
	up := c.query.Get("direction") == "asc"
	slices.SortStableFunc(list, func(a, b *Issue) int {
		order := cmp.Or(by(a).Compare(by(b)), cmp.Compare(a.Number, b.Number))
		if up {
			return order
		}
		return -order
	})
	return list
}

func (i *Issue) opened() time.Time  { return i.OpenedAt }
func (i *Issue) updated() time.Time { return i.UpdatedAt }

// issue is one that may have been deleted, or sent elsewhere.
func (c *call) issue() *answer {
	n, err := strconv.Atoi(c.args[0])
	if err != nil {
		return notFound()
	}
	if i := c.repo.issues[n]; i != nil {
		return say(http.StatusOK, c.repo.issueShape(i))
	}
	switch to, gone := c.repo.gone[n]; {
	case to != "":
		return c.sendOn(to)
	case gone:
		return refuse(http.StatusGone, "This issue was deleted")
	}
	return notFound()
}

func (c *call) pull() *answer {
	n, err := strconv.Atoi(c.args[0])
	i := c.repo.issues[n]
	if err != nil || i == nil || !i.Pull {
		return notFound()
	}
	return say(http.StatusOK, c.repo.pullShape(i))
}

// newIssue opens an issue, as who the token belongs to.
func (c *call) newIssue() *answer {
	u := c.g.userOf(c.token)
	switch {
	case u == nil:
		return refuse(http.StatusUnauthorized, "Requires authentication")
	case c.g.readOnly:
		return refuse(http.StatusForbidden, "Resource not accessible by personal access token")
	case c.repo.archived:
		return refuse(http.StatusForbidden, "Repository was archived so is read-only.")
	case c.repo.noIssues:
		return refuse(http.StatusGone, "Issues has been disabled in this repository.")
	}
	var asked struct {
		Title, Body       string
		Labels, Assignees []string
		Assignee          string
		Milestone         int
	}
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	if asked.Title == "" {
		return invalid("title", "missing_field")
	}
	if asked.Assignee != "" {
		asked.Assignees = append(asked.Assignees, asked.Assignee)
	}
	for _, login := range asked.Assignees {
		if c.g.users[strings.ToLower(login)] == nil {
			return invalid("assignees", "invalid")
		}
	}
	if asked.Milestone != 0 && c.repo.milestones[asked.Milestone] == nil {
		return invalid("milestone", "invalid")
	}
	i := c.repo.open(Issue{Title: asked.Title, Body: asked.Body, Author: u.Login, Labels: asked.Labels, Assignees: asked.Assignees, Milestone: asked.Milestone})
	a := say(http.StatusCreated, c.repo.issueShape(i))
	a.header.Set("Location", c.repo.api(fmt.Sprintf("/issues/%d", i.Number)))
	return a
}

func invalid(field, code string) *answer {
	return say(http.StatusUnprocessableEntity, object{
		"message": "Validation Failed", "documentation_url": "https://docs.github.com/rest/issues/issues#create-an-issue", "status": "422",
		"errors": []object{{"resource": "Issue", "field": field, "code": code}},
	})
}

// commits lists them newest first.
func (c *call) commits() *answer {
	if len(c.repo.commits) == 0 {
		return refuse(http.StatusConflict, "Git Repository is empty.")
	}
	from, since, until := c.repo.commits, c.instant("since"), c.instant("until")
	if sha := c.query.Get("sha"); sha != "" {
		i := c.repo.find(sha)
		if i < 0 {
			return notFound()
		}
		from = from[:i+1]
	}
	var list []Commit
	for _, x := range slices.Backward(from) {
		if !x.At.Before(since) && (until.IsZero() || !x.At.After(until)) {
			list = append(list, x)
		}
	}
	return page(c, list, c.repo.commitShape)
}

// find is where the commit is that a branch, a tag or a name means; less than 0
// is none.
func (r *Repo) find(ref string) int {
	ref = strings.TrimPrefix(strings.TrimPrefix(ref, "refs/"), "heads/")
	last := len(r.commits) - 1
	if ref == r.branch || ref == "HEAD" || slices.ContainsFunc(r.releases, func(x *Release) bool { return x.Tag == strings.TrimPrefix(ref, "tags/") }) {
		return last
	}
	return slices.IndexFunc(r.commits, func(x Commit) bool { return len(ref) >= 7 && strings.HasPrefix(x.SHA, ref) })
}

// commit is one; who asks for its name alone gets that.
func (c *call) commit() *answer {
	i := c.repo.find(c.args[0])
	if i < 0 {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.args[0])
	}
	x := c.repo.commits[i]
	if strings.HasSuffix(c.r.Header.Get("Accept"), ".sha") {
		return &answer{http.StatusOK, http.Header{"Content-Type": {"application/vnd.github.v3.sha; charset=utf-8"}}, []byte(x.SHA)}
	}
	return say(http.StatusOK, c.repo.commitShape(x))
}

func (c *call) releases() *answer {
	list := slices.Clone(c.repo.releases)
	slices.SortStableFunc(list, func(a, b *Release) int { return b.PublishedAt.Compare(a.PublishedAt) })
	return page(c, list, c.repo.releaseShape)
}

func (c *call) milestones() *answer {
	state := cmp.Or(c.query.Get("state"), "open")
	list := slices.DeleteFunc(sorted(c.repo.milestones), func(m *Milestone) bool {
		return state != "all" && m.Closed != (state == "closed")
	})
	return page(c, list, c.repo.milestoneShape)
}

func (c *call) labels() *answer {
	return page(c, c.repo.labels, func(l *label) object { return c.repo.labelShape(l.name) })
}
