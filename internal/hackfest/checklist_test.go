package hackfest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

func TestReadiness(t *testing.T) {
	t.Parallel()
	must, may := hackfest.CheckItem{ID: 1, Mandatory: true}, hackfest.CheckItem{ID: 2}
	also := hackfest.CheckItem{ID: 3, Mandatory: true}
	at := time.Date(2012, 8, 1, 12, 0, 0, 0, time.UTC)
	tick := func(who string, item hackfest.CheckItemID, state hackfest.CheckState, minute int) hackfest.CheckTick {
		return hackfest.CheckTick{Who: who, Item: item, State: state, At: at.Add(time.Duration(minute) * time.Minute)}
	}
	for _, tt := range []struct {
		name  string
		items []hackfest.CheckItem
		coming,
		ticks string
		want string // ready, then well/bad of each item, then what each lacks
	}{
		{"nobody comes", []hackfest.CheckItem{must}, "", "ann 1 well", "0 | 0/0 |"},
		{"nothing is to be prepared", nil, "ann", "", "1 | | ann[]"},
		{"nobody looked", []hackfest.CheckItem{must}, "ann bob", "", "0 | 0/0 | ann[1] bob[1]"},
		{"one is ready", []hackfest.CheckItem{must}, "ann bob", "ann 1 well", "1 | 1/0 | ann[] bob[1]"},
		{"a warning is not well", []hackfest.CheckItem{must}, "ann", "ann 1 aspirin", "0 | 0/1 | ann[1]"},
		{"what could not be looked at is not bad", []hackfest.CheckItem{must}, "ann", "ann 1 unknown", "0 | 0/0 | ann[1]"},
		{"what is good to have keeps nobody back", []hackfest.CheckItem{must, may}, "ann", "ann 1 well,ann 2 dead", "1 | 1/0 0/1 | ann[]"},
		{"who does not come is not counted", []hackfest.CheckItem{must}, "ann", "bob 1 well", "0 | 0/0 | ann[1]"},
		{"all of several", []hackfest.CheckItem{must, also}, "ann bob", "ann 1 well,ann 3 well,bob 1 well", "1 | 2/0 1/0 | ann[] bob[3]"},
		{"the last word counts", []hackfest.CheckItem{must}, "ann", "ann 1 splint,ann 1 well", "1 | 1/0 | ann[]"},
		{"of an item that is no more", []hackfest.CheckItem{must}, "ann", "ann 9 well", "0 | 0/0 | ann[1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var ticks []hackfest.CheckTick
			for n, text := range strings.FieldsFunc(tt.ticks, func(r rune) bool { return r == ',' }) {
				var who, state string
				var item hackfest.CheckItemID
				if _, err := fmt.Sscan(text, &who, &item, &state); err != nil {
					t.Fatal(err)
				}
				ticks = append(ticks, tick(who, item, hackfest.CheckState(state), n))
			}
			slices.Reverse(ticks) // the order in which they come is no matter
			r := hackfest.ReadinessOf(tt.items, strings.Fields(tt.coming), ticks)
			var items, people []string
			for _, i := range r.Items {
				items = append(items, fmt.Sprintf("%d/%d", i.Well, i.Bad))
			}
			for _, p := range r.People {
				if p.Ready != (len(p.Missing) == 0) {
					t.Errorf("%s is ready: %t, and lacks %v", p.Who, p.Ready, p.Missing)
				}
				people = append(people, p.Who+fmt.Sprint(p.Missing))
			}
			got := strings.Join(strings.Fields(fmt.Sprintf("%d | %s | %s", r.Ready, strings.Join(items, " "), strings.Join(people, " "))), " ")
			if got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestPreflightMatches(t *testing.T) {
	t.Parallel()
	items := []hackfest.CheckItem{{ID: 7}, {ID: 8, Check: &hackfest.Check{Key: "euca2ools"}}, {ID: 9, Check: &hackfest.Check{Key: "euca2ools"}}}
	p := hackfest.Preflight{Results: []hackfest.CheckResult{
		{Key: "7", State: hackfest.CheckWell}, {Key: "euca2ools", State: hackfest.CheckSplint, Note: "2.0"}, {Key: "none", State: hackfest.CheckWell}, {Key: "", State: hackfest.CheckDead},
	}}
	ticks, unknown := p.Matches(items, "person/1")
	var got []string
	for _, x := range ticks {
		got = append(got, fmt.Sprint(x.Item, x.State, x.Note, x.Who, x.Via))
	}
	want := []string{"7 wellperson/1nurse", "8 splint2.0person/1nurse", "9 splint2.0person/1nurse"}
	for n := range want {
		want[n] = strings.ReplaceAll(want[n], " ", "")
	}
	for n := range got {
		got[n] = strings.ReplaceAll(got[n], " ", "")
	}
	if !slices.Equal(got, want) || !slices.Equal(unknown, []string{"none", ""}) {
		t.Errorf("%q, unknown %q", got, unknown)
	}
}

func TestCheckEdit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ö", 301)
	command := hackfest.Check{Kind: hackfest.CheckCommand, Name: "euca-version", Severity: hackfest.Splint}
	for _, tt := range []struct {
		name string
		edit hackfest.CheckEdit
		bad  string // field
		text string
		key  string
	}{
		{"one line of it", hackfest.CheckEdit{Text: "  a\n b  "}, "", "a b", ""},
		{"nothing", hackfest.CheckEdit{Text: " \n"}, "text", "", ""},
		{"too much", hackfest.CheckEdit{Text: long}, "text", "", ""},
		{"as much as may be", hackfest.CheckEdit{Text: long[2:]}, "", long[2:], ""},
		{"too much advice", hackfest.CheckEdit{Text: "a", Advice: long}, "advice", "", ""},
		{"a check is called what the item says", hackfest.CheckEdit{Text: "Euca2ools 2.1 or newer", Check: &command}, "", "Euca2ools 2.1 or newer", "euca2ools-2-1-or-newer"},
		{"in another script", hackfest.CheckEdit{Text: "磁盘空间", Check: &command}, "", "磁盘空间", "check"},
		{"a check without what it needs", hackfest.CheckEdit{Text: "a", Check: &hackfest.Check{Kind: hackfest.CheckPort, Severity: hackfest.Splint}}, "port", "", ""},
		{"no such kind", hackfest.CheckEdit{Text: "a", Check: &hackfest.Check{Kind: "magic", Severity: hackfest.Splint}}, "kind", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.edit.Tidy()
			if tt.bad != "" {
				if all := fault.All(err); len(all) == 0 || all[0].Field != tt.bad {
					t.Fatalf("%v, want something about %s", err, tt.bad)
				}
				return
			}
			if err != nil || got.Text != tt.text {
				t.Fatalf("%q, %v", got.Text, err)
			}
			if tt.key != "" && (got.Check.Key != tt.key || got.Check.Title != tt.text) {
				t.Errorf("check %+v", got.Check)
			}
		})
	}
	if command.Key != "" || command.Title != "" {
		t.Error("what was given is changed")
	}
}
