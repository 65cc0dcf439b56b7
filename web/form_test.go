package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// postName sends a form with the given key to a handler that adds a person by the
// name of it.
func postName(t *testing.T, s *Server, a person.Actor, path, key, name string, fail error) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(url.Values{"once": {key}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a.SignedIn() {
		r = r.WithContext(context.WithValue(r.Context(), actorKey{}, a))
	}
	w := httptest.NewRecorder()
	s.page(func(w http.ResponseWriter, r *http.Request) error {
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if _, err := tx.AddPerson(ctx, name, person.Member, wednesday); err != nil {
				return done{}, err
			}
			return done{To: "/people?of=" + name + "#new", Said: name + " is in.", Undo: "/people/out"}, fail
		})
	})(w, r)
	return w
}

func TestAFormCountsOnce(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	ann := join(t, s, "ann", person.Maintainer)
	people := func() int { return len(column(t, db, "select name from people where name like 'new%'")) }

	key := newKey().String()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if w := postName(t, s, ann, "/people/in", key, "newt", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/people?of=newt&did="+key+"#new" {
				t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
			}
		})
	}
	all.Wait()
	if n := people(); n != 1 {
		t.Errorf("sent four times, carried out %d times", n)
	}
	if w := postName(t, s, join(t, s, "bob", person.Maintainer), "/people/in", key, "newer", nil); w.Code != http.StatusConflict {
		t.Errorf("somebody else's form: %d", w.Code)
	}
	if w := postName(t, s, ann, "/people/elsewhere", key, "newer", nil); w.Code != http.StatusConflict {
		t.Errorf("another form's key: %d", w.Code)
	}
	key = newKey().String()
	if w := postName(t, s, ann, "/people/in", key, "newly", errors.New("broken")); w.Code != http.StatusInternalServerError {
		t.Errorf("a failure: %d", w.Code)
	}
	if n := people(); n != 1 {
		t.Errorf("half of a failed form was kept: %d", n)
	}
	if w := postName(t, s, ann, "/people/in", key, "newly", nil); w.Code != http.StatusSeeOther || people() != 2 {
		t.Errorf("the same form, sent again after a failure: %d", w.Code)
	}
	if postName(t, s, ann, "/people/in", "", "new1", nil); people() != 3 {
		t.Error("a form without a key was not carried out")
	}
}

// column returns the first column of a query, as text, on the database at url.
func column(t *testing.T, url, q string, args ...any) []string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { must(t, c.Close(t.Context())) }()
	rows, err := c.Query(t.Context(), q, args...)
	must(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return list
}

func TestNoticeAfterAForm(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ann := join(t, s, "ann", person.Maintainer)
	w := postName(t, s, ann, "/people/in", newKey().String(), "newt", nil)
	key := strings.TrimSuffix(w.Header().Get("Location")[len("/people?of=newt&did="):], "#new")

	now := wednesday
	s.Now = func() time.Time { return now }
	see := func(a person.Actor, did string) (said, undo bool) {
		body := ask(t, s, request{path: "/people?did=" + did, as: a}).Body.String()
		return strings.Contains(body, "newt is in."), strings.Contains(body, `action="/people/out"`)
	}
	if said, undo := see(ann, key); !said || !undo {
		t.Errorf("said %v, can be undone %v", said, undo)
	}
	for name, tt := range map[string]struct {
		who person.Actor
		did string
	}{
		"the public":       {person.Actor{}, key},
		"somebody else":    {join(t, s, "bob", person.Admin), key},
		"a key of no form": {ann, newKey().String()},
		"no key at all":    {ann, "<script>"},
	} {
		if said, undo := see(tt.who, tt.did); said || undo {
			t.Errorf("%s sees the notice", name)
		}
	}
	now = wednesday.Add(10 * time.Minute)
	if said, undo := see(ann, key); said || undo {
		t.Error("the notice is there after ten minutes")
	}
}

func TestTypedFormKeepsAllErrors(t *testing.T) {
	t.Parallel()
	err := errors.Join(fault.On("title", "A title is needed."), fault.On("zone", "No such zone."))
	f := typed("x", url.Values{"once": {"k"}, "title": {""}, "zone": {"Mars"}}, err)
	if len(f.Errors) != 2 || f.Once != "k" || f.Values.Get("zone") != "Mars" || !mendable(err) {
		t.Errorf("%+v", f)
	}
	if mendable(errors.New("broken")) || mendable(fault.New(fault.NotFound, "Gone.")) || mendable(errors.Join(err, fault.New(fault.Forbidden, "No."))) {
		t.Error("what a sender cannot mend is shown as a form's error")
	}
	if code, _ := explain(err); code != http.StatusUnprocessableEntity {
		t.Errorf("two errors make %d", code)
	}
}
