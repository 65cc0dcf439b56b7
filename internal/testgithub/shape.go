package testgithub

import (
	"fmt"
	"time"
)

// object is JSON as GitHub writes it, both in answers and in webhooks.
type object = map[string]any

// at writes a time, or null.
func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func (g *GitHub) userShape(login string) object {
	u := g.user(login)
	return object{
		"login": u.Login, "id": u.ID, "node_id": fmt.Sprintf("U_%d", u.ID), "type": "User", "site_admin": false,
		"avatar_url": g.Web + "/avatars/u/" + fmt.Sprint(u.ID), "url": g.URL + "users/" + u.Login, "html_url": g.Web + "/" + u.Login,
	}
}

func (g *GitHub) userShapes(logins []string) []object {
	list := []object{}
	for _, l := range logins {
		list = append(list, g.userShape(l))
	}
	return list
}

// api is the address of something of the repository in the API; html is its
// page's.
func (r *Repo) api(path string) string  { return r.g.URL + "repos/" + r.name + path }
func (r *Repo) html(path string) string { return r.g.Web + "/" + r.name + path }

func (r *Repo) shape() object {
	return object{
		"id": r.ID, "node_id": fmt.Sprintf("R_%d", r.ID), "name": r.name[len(r.owner())+1:], "full_name": r.name, "owner": r.g.userShape(r.owner()),
		"private": r.private, "visibility": either(r.private, "private", "public"), "html_url": r.html(""), "url": r.api(""), "clone_url": r.html(".git"),
		"description": orNull(r.about), "fork": false, "archived": r.archived, "disabled": false, "has_issues": !r.noIssues, "default_branch": r.branch,
		"created_at": at(r.createdAt), "updated_at": at(r.createdAt), "pushed_at": at(r.createdAt), "homepage": nil, "language": nil, "license": nil,
		"size": 108, "stargazers_count": 0, "watchers_count": 0, "forks_count": 0, "open_issues_count": r.openIssues(0), "topics": []string{},
	}
}

// openIssues counts those of a milestone; 0 is of all.
func (r *Repo) openIssues(milestone int) (n int) {
	for _, i := range r.issues {
		if !i.Closed && (milestone == 0 || i.Milestone == milestone) {
			n++
		}
	}
	return n
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// labelShape is that of a label, or of one that was taken away meanwhile.
func (r *Repo) labelShape(name string) object {
	var id int64
	for _, l := range r.labels {
		if l.name == name {
			id = l.id
		}
	}
	return object{"id": id, "node_id": fmt.Sprintf("LA_%d", id), "url": r.api("/labels/" + name), "name": name, "color": "d73a4a", "default": false, "description": nil}
}

// issueShape is an issue, or a pull request as the list of issues has it.
func (r *Repo) issueShape(i *Issue) object {
	o := r.eitherShape(i)
	path := fmt.Sprintf("/issues/%d", i.Number)
	o["url"], o["repository_url"], o["comments_url"] = r.api(path), r.api(""), r.api(path+"/comments")
	o["html_url"], o["state_reason"] = r.html(path), orNull(i.Reason)
	if i.Pull {
		path := fmt.Sprintf("/pull/%d", i.Number)
		o["html_url"] = r.html(path)
		o["pull_request"] = object{
			"url": r.api(fmt.Sprintf("/pulls/%d", i.Number)), "html_url": r.html(path),
			"diff_url": r.html(path + ".diff"), "patch_url": r.html(path + ".patch"), "merged_at": at(i.MergedAt),
		}
	} else {
		delete(o, "draft")
	}
	return o
}

// pullShape is a pull request by itself.
func (r *Repo) pullShape(i *Issue) object {
	o := r.eitherShape(i)
	path := fmt.Sprintf("/pulls/%d", i.Number)
	branch := func(ref string) object {
		return object{"label": r.owner() + ":" + ref, "ref": ref, "sha": r.head(), "user": r.g.userShape(r.owner()), "repo": r.shape()}
	}
	o["url"], o["html_url"], o["issue_url"] = r.api(path), r.html(fmt.Sprintf("/pull/%d", i.Number)), r.api(fmt.Sprintf("/issues/%d", i.Number))
	o["merged"], o["merged_at"], o["mergeable"], o["merged_by"] = !i.MergedAt.IsZero(), at(i.MergedAt), nil, nil
	o["head"], o["base"], o["commits"], o["additions"], o["deletions"], o["changed_files"] = branch("change"), branch(r.branch), 1, 1, 0, 1
	if !i.MergedAt.IsZero() {
		o["merged_by"], o["merge_commit_sha"] = r.g.userShape(r.owner()), r.head()
	}
	return o
}

// eitherShape is what issues and pull requests have in common.
func (r *Repo) eitherShape(i *Issue) object {
	labels := []object{}
	for _, name := range i.Labels {
		labels = append(labels, r.labelShape(name))
	}
	assignees := r.g.userShapes(i.Assignees)
	o := object{
		"id": i.id, "node_id": fmt.Sprintf("I_%d", i.id), "number": i.Number, "title": i.Title, "body": orNull(i.Body), "user": r.g.userShape(i.Author),
		"state": either(i.Closed, "closed", "open"), "locked": false, "draft": i.Draft, "labels": labels, "assignees": assignees, "assignee": nil, "milestone": nil,
		"comments": 0, "author_association": "MEMBER", "created_at": at(i.OpenedAt), "updated_at": at(i.UpdatedAt), "closed_at": at(i.ClosedAt),
	}
	if len(assignees) > 0 {
		o["assignee"] = assignees[0]
	}
	if m := r.milestones[i.Milestone]; m != nil {
		o["milestone"] = r.milestoneShape(m)
	}
	return o
}

// milestoneShape has the day a milestone is due as GitHub does: as an instant
// that is midnight in California.
func (r *Repo) milestoneShape(m *Milestone) object {
	path := fmt.Sprintf("/milestones/%d", m.Number)
	due := m.DueOn
	if !due.IsZero() {
		due = due.Add(8 * time.Hour)
	}
	return object{
		"id": m.id, "node_id": fmt.Sprintf("MI_%d", m.id), "number": m.Number, "title": m.Title, "description": nil, "creator": r.g.userShape(r.owner()),
		"url": r.api(path), "html_url": r.html(fmt.Sprintf("/milestone/%d", m.Number)), "state": either(m.Closed, "closed", "open"),
		"open_issues": r.openIssues(m.Number), "closed_issues": 0, "created_at": at(r.createdAt), "updated_at": at(m.UpdatedAt), "due_on": at(due), "closed_at": at(m.ClosedAt),
	}
}

func (r *Repo) releaseShape(x *Release) object {
	return object{
		"id": x.ID, "node_id": fmt.Sprintf("RE_%d", x.ID), "tag_name": x.Tag, "name": orNull(x.Name), "body": nil, "draft": false, "prerelease": x.Prerelease,
		"target_commitish": r.branch, "author": r.g.userShape(r.owner()), "created_at": at(x.PublishedAt), "published_at": at(x.PublishedAt), "assets": []object{},
		"url": r.api(fmt.Sprintf("/releases/%d", x.ID)), "html_url": r.html("/releases/tag/" + x.Tag), "tarball_url": r.api("/tarball/" + x.Tag),
	}
}

// commitShape is a commit in the API; its author is null when GitHub does not
// know who that is.
func (r *Repo) commitShape(c Commit) object {
	who := object{"name": c.Name, "email": c.Name + "@example.org", "date": at(c.At)}
	o := object{
		"sha": c.SHA, "node_id": "C_" + c.SHA, "url": r.api("/commits/" + c.SHA), "html_url": r.html("/commit/" + c.SHA), "parents": []object{}, "author": nil, "committer": nil,
		"commit": object{"message": c.Message, "author": who, "committer": who, "tree": object{"sha": treeOf(c)}, "comment_count": 0, "url": r.api("/git/commits/" + c.SHA)},
	}
	if c.Author != "" {
		o["author"], o["committer"] = r.g.userShape(c.Author), r.g.userShape(c.Author)
	}
	return o
}

// pushedShape is a commit as a push has it: with the committer's zone, and with
// the login in its author.
func (r *Repo) pushedShape(c Commit) object {
	who := object{"name": c.Name, "email": c.Name + "@example.org"}
	if c.Author != "" {
		who["username"] = c.Author
	}
	changed, removed := []string{}, []string{}
	for path, content := range c.Files {
		if content == "" {
			removed = append(removed, path)
		} else {
			changed = append(changed, path)
		}
	}
	return object{
		"id": c.SHA, "tree_id": treeOf(c), "distinct": true, "message": c.Message, "timestamp": c.At.Format(time.RFC3339), "url": r.html("/commit/" + c.SHA),
		"author": who, "committer": who, "added": []string{}, "removed": removed, "modified": changed,
	}
}
