package ircnet_test

import (
	"slices"
	"testing"

	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// What is for one person alone reaches them, and nobody who has their nick by
// then.
func TestSecret(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{Caps: []string{"extended-join", "account-tag"}}, nil)
	if !n.TellsAccounts() {
		t.Error("accounts are told here")
	}
	peer.Send(":ann!x@h JOIN #hackfest annacc :Ann", ":bob!x@h JOIN #hackfest otheracc :Bob", ":bob!x@h PRIVMSG #hackfest :here")
	h.text("here")
	n.Secret(ircnet.Source{Nick: "ann", Account: "annacc"}, "for ann")
	n.Secret(ircnet.Source{Nick: "bob", Account: "bobacc"}, "for bob, who is gone")
	n.Secret(ircnet.Source{Nick: "carl"}, "for carl")
	n.Notice("bob", "the last")
	peer.ExpectText("NOTICE bob :the last")
	got := peer.Received()
	for text, want := range map[string]bool{"NOTICE ann :for ann": true, "NOTICE carl :for carl": true, "NOTICE bob :for bob, who is gone": false} {
		if slices.ContainsFunc(got, testirc.Has(text)) != want {
			t.Errorf("%q: sent %v", text, !want)
		}
	}
}
