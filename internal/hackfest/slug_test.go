package hackfest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

func TestSlug(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, title, want string }{
		{"words", "OpenShift Origin on Eucalyptus 3.1", "openshift-origin-on-eucalyptus-3-1"},
		{"accents", "Überprüfung für Ángel", "uberprufung-fur-angel"},
		{"apostrophes", "Nurse's and nurse’s", "nurses-and-nurses"},
		{"signs at both ends", " --(hello!) ", "hello"},
		{"nothing to keep", "日本語 …", ""},
		{"too long", strings.Repeat("word ", 30), strings.TrimSuffix(strings.Repeat("word-", 12), "-")},
		{"too long, one word", strings.Repeat("a", 100), strings.Repeat("a", 60)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := hackfest.Slug(tt.title); got != tt.want {
				t.Errorf("Slug(%q) = %q, want %q", tt.title, got, tt.want)
			}
		})
	}
}

func TestSessionSlugOfAnUnreadableTitleIsTheDate(t *testing.T) {
	t.Parallel()
	day := time.Date(2012, 8, 2, 23, 0, 0, 0, time.UTC)
	if got := hackfest.SessionSlug(day, "日本語"); got != "2012-08-02" {
		t.Errorf("got %q", got)
	}
}

func TestRefAtIsBelowAllRefsOfItsTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2012, 8, 2, 19, 0, 0, 123e6, time.UTC)
	r := hackfest.RefAt(at)
	if !r.Time().Equal(at) {
		t.Errorf("time part %s, want %s", r.Time(), at)
	}
	if before := hackfest.RefAt(at.Add(-time.Millisecond)); before.Compare(r) >= 0 {
		t.Errorf("%s is not below %s", before, r)
	}
	if !hackfest.RefAt(time.Time{}).IsZero() {
		t.Error("a time before 1970 is not the zero ref")
	}
}
