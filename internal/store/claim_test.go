package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// code makes a code for somebody on the test's network.
func (w world) code(id person.ID, code string) []byte {
	w.t.Helper()
	w.must(w.AddClaim(w.t.Context(), []byte(code), id, network, aug2, aug2.Add(10*time.Minute)))
	return []byte(code)
}

// say has somebody say a code to the bot.
func (w world) say(hash []byte, nick, account string, at time.Time) (person.Claimed, error) {
	w.t.Helper()
	return w.UseClaim(w.t.Context(), hash, person.Claimant{Network: network, Nick: nick, Account: account}, at)
}

func (w world) claimed(hash []byte, nick, account string, proven, others string) {
	w.t.Helper()
	got, err := w.say(hash, nick, account, aug2)
	w.must(err)
	words := func(list []person.IdentityKind) string {
		var s []string
		for _, k := range list {
			s = append(s, string(k))
		}
		return strings.Join(s, " ")
	}
	if words(got.Proven) != proven || words(got.Others) != others {
		w.t.Errorf("%s (%s): proven %q, others' %q; want %q and %q", nick, account, words(got.Proven), words(got.Others), proven, others)
	}
}

func (w world) names(name string) string {
	w.t.Helper()
	a, err := w.Account(w.t.Context(), name)
	w.must(err)
	return strings.Join(a.Names, ", ")
}

func TestClaims(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	mel, ann := w.member("mel", person.Member), w.member("ann", person.Member)

	w.claimed(w.code(mel, "a"), "mel[m]", "melacc", "account nick", "")
	if a, err := w.ByAccount(ctx, network, "MelAcc"); err != nil || a.ID != mel {
		t.Error(a, err)
	}
	if got := w.names("mel"); got != "mel[m] on freenode, melacc on freenode" {
		t.Errorf("names %q", got)
	}
	w.claimed(w.code(mel, "again"), "mel[m]", "melacc", "account nick", "") // changes nothing
	if n := w.number("select count(*) from identities"); n != 2 {
		t.Errorf("%d identities", n)
	}

	// A nick proves nobody, whoever has it.
	if _, err := w.ByAccount(ctx, network, "mel[m]"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	// Another with that nick, however spelt, gets nothing.
	w.claimed(w.code(ann, "b"), "MEL{m}", "", "", "nick")
	w.claimed(w.code(ann, "c"), "mel[m]", "annacc", "account", "nick")
	w.claimed(w.code(ann, "d"), "ann", "melacc", "nick", "account")
	if got := w.names("ann"); got != "ann on freenode, annacc on freenode" {
		t.Errorf("names %q", got)
	}
	list, err := w.Claims(ctx)
	w.must(err)
	if len(list) != 3 || list[0].Person != "ann" || list[0].Holder != "mel" || list[0].Value != "MEL{m}" || list[1].Account != "annacc" || list[2].Kind != person.IRCAccount {
		t.Fatalf("contested %+v", list)
	}
	if a, err := w.ByAccount(ctx, network, "melacc"); err != nil || a.ID != mel {
		t.Error(a, err)
	}

	w.settle(list[1].ID, true)
	w.settle(list[2].ID, false)
	if got := w.names("ann") + "; " + w.names("mel"); got != "ann on freenode, annacc on freenode, mel[m] on freenode; melacc on freenode" {
		t.Errorf("names %q", got)
	}
	if _, err := w.SettleClaim(ctx, list[1].ID, true, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("settled twice: %v", err)
	}
	// What mel said before stays hers.
	if n := w.number("select count(*) from identities where value = 'mel[m]' and person_id = $1 and until is not null", mel); n != 1 {
		t.Errorf("%d former names", n)
	}
	w.must(w.Suspend(ctx, mel, aug2))
	if _, err := w.ByAccount(ctx, network, "melacc"); fault.KindOf(err) != fault.Forbidden {
		t.Error(err)
	}
}

func (w world) settle(id int64, give bool) {
	w.t.Helper()
	if _, err := w.SettleClaim(w.t.Context(), id, give, aug2.Add(time.Minute)); err != nil {
		w.t.Error(err)
	}
}

func TestCodesThatAreNoGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	mel := w.member("mel", person.Member)
	w.must(w.AddNetwork(ctx, "oftc", "", aug2))
	if err := w.AddClaim(ctx, []byte("x"), mel, "nowhere", aug2, aug2.Add(time.Minute)); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	w.must(w.AddClaim(ctx, []byte("oftc's"), mel, "oftc", aug2, aug2.Add(time.Hour)))
	replaced, hash := w.code(mel, "replaced"), w.code(mel, "good")
	for what, try := range map[string]func() (person.Claimed, error){
		"wrong":           func() (person.Claimed, error) { return w.say([]byte("wrong"), "mel", "", aug2) },
		"another network": func() (person.Claimed, error) { return w.say([]byte("oftc's"), "mel", "", aug2) },
		"replaced":        func() (person.Claimed, error) { return w.say(replaced, "mel", "", aug2) },
		"expired":         func() (person.Claimed, error) { return w.say(hash, "mel", "", aug2.Add(10*time.Minute)) },
	} {
		if _, err := try(); fault.KindOf(err) != fault.NotFound || err == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.claimed(hash, "mel", "", "nick", "")
	if _, err := w.say(hash, "mel", "", aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("twice: %v", err)
	}
	last := w.code(mel, "last")
	w.exec("update people set suspended_at = $1", aug2)
	if _, err := w.say(last, "mel", "", aug2); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("suspended: %v", err)
	}
	if got := w.names("mel"); !slices.Equal([]string{got}, []string{"mel on freenode"}) {
		t.Error(got)
	}
}
