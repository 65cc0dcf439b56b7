package meeting

import (
	"strings"
	"testing"
	"time"
)

func TestCutDue(t *testing.T) {
	t.Parallel()
	friday := time.Date(2012, 8, 10, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ name, text, rest, due, wrong string }{
		{"ISO", "bob to do it due 2012-12-01", "bob to do it", "2012-12-01", ""},
		{"ISO with slashes, short", "x due 2012/9/1", "x", "2012-09-01", ""},
		{"past", "x due 2012-08-01", "x", "2012-08-01", ""},
		{"no such day", "x due 2012-02-30", "", "", "2012-02-30"},
		{"no such month", "x due 2012-13-01", "", "", "2012-13-01"},
		{"no such year", "x due 9999-01-01", "", "", "9999-01-01"},
		{"to be read in two ways", "x due 1/12", "", "", "1/12"},
		{"with dots", "x due 1.12.2012, then y", "", "", "1.12.2012"},
		{"a version", "x due 1.2rc3 being late", "", "", ""},
		{"today", "x due today", "x", "2012-08-10", ""},
		{"tomorrow", "x due TOMORROW", "x", "2012-08-11", ""},
		{"the same weekday", "x due friday", "x", "2012-08-17", ""},
		{"the next day's", "x due sat", "x", "2012-08-11", ""},
		{"the day before's", "x due Thursday", "x", "2012-08-16", ""},
		{"day and month", "x due 1 dec", "x", "2012-12-01", ""},
		{"month and day", "x due dec 1", "x", "2012-12-01", ""},
		{"with all there is", "x due 1st of December, 2013", "x", "2013-12-01", ""},
		{"the other way round", "x due December 2nd, 2013", "x", "2013-12-02", ""},
		{"a number that is no year", "x due dec 1 2 people", "x 2 people", "2012-12-01", ""},
		{"today without a year", "x due 10 aug", "x", "2012-08-10", ""},
		{"yesterday without a year", "x due 9 aug", "x", "2013-08-09", ""},
		{"29 February without a year", "x due 29 feb", "x", "2016-02-29", ""},
		{"29 February in another", "x due 29 feb 2013", "", "", "29 feb 2013"},
		{"31 November", "x due 31 nov", "", "", "31 nov"},
		{"day 0", "x due 0 nov", "", "", "0 nov"},
		{"only a month", "x due may", "", "", ""},
		{"English", "the failure is due to DNS", "", "", ""},
		{"in due course", "in due course, bob", "", "", ""},
		{"a number of things", "3 bugs due 3 days ago", "", "", ""},
		{"part of a word", "the residue friday", "", "", ""},
		{"the second due", "due to DNS, x due friday", "due to DNS, x", "2012-08-17", ""},
		{"a wrong one and a right one", "x due 2012-02-30 due 2012-03-01", "x due 2012-02-30", "2012-03-01", ""},
		{"by", "x due by friday", "x", "2012-08-17", ""},
		{"on", "x due on friday!", "x", "2012-08-17", ""},
		{"colon", "x, due: friday", "x", "2012-08-17", ""},
		{"in brackets", "x (due friday) y", "x y", "2012-08-17", ""},
		{"at the end of brackets", "x (see mail, due friday) y", "x (see mail) y", "2012-08-17", ""},
		{"first", "due friday: bob to do it", "bob to do it", "2012-08-17", ""},
		{"alone", "due friday", "due friday", "2012-08-17", ""},
		{"alone in brackets", "(due friday)", "(due friday)", "2012-08-17", ""},
		{"in the middle", "bob, due friday, to do it", "bob, to do it", "2012-08-17", ""},
		{"letters of other scripts before it", "Ünal İ to do it due friday", "Ünal İ to do it", "2012-08-17", ""},
		{"at the end", "x due", "", "", ""},
		{"only dots behind it", "x due ...", "", "", ""},
		{"nothing", "", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rest, due, wrong := cutDue(tt.text, friday)
			got := ""
			if !due.IsZero() {
				got = due.Format(time.DateOnly)
			}
			want := tt.rest
			if want == "" {
				want = tt.text
			}
			if rest != want || got != tt.due || wrong != tt.wrong {
				t.Errorf("got %q, %q, %q", rest, got, wrong)
			}
			if h, m, s := due.Clock(); h+m+s != 0 || due.Location() != time.UTC {
				t.Errorf("%v is not midnight in UTC", due)
			}
		})
	}
}

// However often it is corrected, an item stays of a size that can be shown.
func TestCorrectionsDoNotGrowForEver(t *testing.T) {
	t.Parallel()
	s := applyAll(State{}, "<ann> #startmeeting T\n<ann> #info x")
	for range 20 {
		for _, l := range fuzzLines("<ann> s/x/"+strings.Repeat("long", 100)+" x/", start) {
			s, _ = Apply(s, l)
		}
	}
	if n := len(s.Items[0].Text); n < 400 || n > longestItem {
		t.Errorf("%d bytes", n)
	}
	if len(s.Problems) == 0 {
		t.Error("nobody is told")
	}
}

func FuzzCutDue(f *testing.F) {
	for _, text := range []string{"bob (due 1st of dec, 2013) to do it", "due", "due 2012-02-30.", "x due on 29 feb", "due\u00a0friday", "due due due friday"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rest, due, wrong := cutDue(text, start.Truncate(24*time.Hour))
		switch {
		case len(rest) > len(text):
			t.Errorf("%q became %q", text, rest)
		case due.IsZero() && rest != text:
			t.Errorf("%q lost words without a date: %q", text, rest)
		case !due.IsZero() && wrong != "":
			t.Errorf("%q has the date %v and %q is wrong", text, due, wrong)
		case !due.IsZero() && !knownYear(due.Year()):
			t.Errorf("%q is due %v", text, due)
		}
	})
}

func FuzzCorrection(f *testing.F) {
	for _, text := range []string{"s/a/b/", `s/a\/b/c`, "s//x/", "s/a/b/c", `s/\//\\/`, "s/a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if old, _, ok := correction(text); ok && old == "" {
			t.Errorf("%q replaces nothing", text)
		}
	})
}
