package ghsync

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// perPage is how many entries a page of a list has: as many as GitHub gives.
const perPage = 100

// listPath is the path of one page of a list.
func listPath(base string, page int, query ...string) string {
	q := url.Values{"per_page": {strconv.Itoa(perPage)}}
	for i := 0; i+1 < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return base + "?" + q.Encode()
}

// instant is a time as GitHub's API takes it.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// tagged asks for what is at path unless that is the same as when its entity tag
// was kept. What is new, done is called with, and the tag is kept once it
// returned without an error: so nothing is lost when we are cut off.
func (c *Client) tagged(ctx context.Context, path string, v any, done func(said) error) error {
	etag, err := c.store.GitHubETag(ctx, path)
	if err != nil {
		return err
	}
	s, err := c.ask(ctx, path, etag, v)
	if err != nil {
		return err
	}
	if !s.same {
		if err := done(s); err != nil {
			return err
		}
	}
	if s.etag == "" {
		return nil
	}
	return c.store.SetGitHubETag(ctx, path, s.etag, c.now())
}

// list asks for all pages of a list, or for none when the first is the same as
// when its entity tag was kept; whole asks in any case. more
// reports that there are pages beyond the most that are read.
func list[T any](ctx context.Context, c *Client, base string, most int, whole bool, query []string, done func(all []T, more bool) error) error {
	read := func(first []T, next bool) error {
		all := first
		for page := 2; next && page <= most; page++ {
			var some []T
			s, err := c.ask(ctx, listPath(base, page, query...), "", &some)
			if err != nil {
				return err
			}
			all, next = append(all, some...), s.next
		}
		return done(all, next)
	}
	var first []T
	path := listPath(base, 1, query...)
	if !whole {
		return c.tagged(ctx, path, &first, func(s said) error { return read(first, s.next) })
	}
	s, err := c.ask(ctx, path, "", &first)
	if err != nil {
		return err
	}
	return read(first, s.next)
}
