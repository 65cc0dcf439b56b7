package minutes

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

const removed = "removed by marlow, 15 Aug 2012"

// wordy is the full meeting with one secret in every place that has words.
func wordy(t testing.TB) Minutes {
	t.Helper()
	m := full(t)
	id := m.Topics[1].ID
	m.Title, m.Name = "About hunter2", "hunter2"
	m.Topics[1].Title = "hunter2 again"
	m.Topics[1].Items[0].Text, m.Topics[1].Items[0].URL = "hunter2 here", "https://hunter2.example"
	m.Topics[1].Items[0].Owners = []string{"hunter2"}
	m.Votes = []Vote{{ID: hackfest.ItemID{Ref: id.Ref, N: 7}, Question: "hunter2?", Options: []Option{
		{Option: "hunter2", Count: 2, Voters: []string{"ann", "bob"}}, {Option: "no", Voters: []string{}},
	}, Result: "hunter2"}}
	m.Lessons = []Lesson{{ID: hackfest.ItemID{Ref: id.Ref, N: 8}, LineID: id.Ref, Text: "never say hunter2"}}
	m.Issues = append(m.Issues, Issue{"hunter2/secrets", 17})
	m.Diagnostics = append(slices.Clone(m.Diagnostics), "ann: nothing holds hunter2")
	m.Present[0].Alias = "hunter2"
	return m
}

func asJSON(t testing.TB, m Minutes) string {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRemoveReachesEveryWordAndCanBeUndone(t *testing.T) {
	t.Parallel()
	m := wordy(t)
	before := asJSON(t, m)
	r := Removal{
		Lines: []hackfest.Ref{m.Topics[1].ID.Ref}, Entries: []hackfest.ItemID{m.Topics[1].Items[0].ID},
		Words: []string{"hunter2", "see hunter2/secrets#17"}, Mark: removed, Title: "Meeting in #eucalyptus-devel", Names: []string{"another", "hunter2"},
	}
	taken := m.Remove(r)
	for name, text := range map[string]string{
		"JSON": asJSON(t, m), "text": Text(m, Options{}), "Markdown": Markdown(m, Options{}),
	} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("the %s still has it", name)
		}
		if !strings.Contains(strings.Join(strings.Fields(text), " "), removed) {
			t.Errorf("the %s has no mark", name)
		}
	}
	item := m.Topics[1].Items[0]
	if !item.Redacted || item.Nick == "" || item.At.IsZero() || !m.Topics[1].Redacted || m.Votes[0].Options[0].Count != 2 {
		t.Errorf("more was taken than words: %+v", item)
	}
	if again := m.Remove(r); len(again) > 0 {
		t.Errorf("removed again, it took %v", again)
	}
	if err := m.PutBack(taken); err != nil {
		t.Fatal(err)
	}
	if got := asJSON(t, m); got != before {
		t.Errorf("put back is\n%s\nand was\n%s", got, before)
	}
}

func TestRemoveLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	m := full(t)
	before := asJSON(t, m)
	if taken := m.Remove(Removal{Lines: []hackfest.Ref{{1}}, Words: []string{"not said there"}, Mark: removed}); len(taken) > 0 {
		t.Errorf("took %v", taken)
	}
	if asJSON(t, m) != before {
		t.Error("it changed all the same")
	}
	first := m.Topics[0].Items[0].ID
	m.Remove(Removal{Entries: []hackfest.ItemID{first}, Mark: removed})
	n := 0
	for _, i := range m.Items {
		if i.Redacted {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d items are redacted instead of one", n)
	}
}

// The engine's state is a value that others hold too.
func TestRemoveDoesNotReachIntoTheEngine(t *testing.T) {
	t.Parallel()
	st := meeting.State{Problems: []string{"hunter2 is nobody"}}
	m := FromState(st)
	m.Remove(Removal{Words: []string{"hunter2"}, Mark: removed})
	if st.Problems[0] != "hunter2 is nobody" || m.Diagnostics[0] != removed {
		t.Errorf("the state says %q, the minutes %q", st.Problems, m.Diagnostics)
	}
}

func TestPutBackRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	m := full(t)
	if err := m.PutBack(Taken{"title": json.RawMessage(`{`)}); err == nil {
		t.Error("no error")
	}
}
