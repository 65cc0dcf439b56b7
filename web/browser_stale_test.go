package web

import (
	"testing"

	"github.com/eucalyptus/hackfest/internal/testbrowser"
)

// slowFetch holds every answer back for as long as window.held is set.
const slowFetch = `(() => {
	const ask = window.fetch;
	window.held = true;
	window.fetch = async (...what) => {
		const answer = await ask(...what), text = await answer.text();
		window.answered = true;
		while (window.held) await new Promise(go => setTimeout(go, 20));
		return new Response(text, {status: answer.status});
	};
	return true;
})()`

// The page that follows a form was made before what the stream has brought
// meanwhile: it does not take the page back to then.
func TestBrowserStalePageDoesNotWin(t *testing.T) {
	t.Parallel()
	s, f := newLiveFloor(t)
	f.k.say("tessv", "#startmeeting AppScale")
	f.k.say("tessv", "#startvote Ship it? yes, no")
	b := testbrowser.New(t)
	enterAs(t, b, s, f.chair)
	b.Open(s.url + f.path)
	b.Until("the vote", testbrowser.Text("vote", "Ship it?"))
	testbrowser.Eval[bool](b, slowFetch)
	key := testbrowser.Eval[string](b, `document.querySelector("#queue [name=once]").value`)
	b.Click("#cast-yes")
	b.Until("the answer, made while the vote is open", `window.answered === true`)
	f.k.say("tessv", "#next")
	f.k.say("tessv", "#endvote") // what the stream brings, before the answer is shown
	b.Until("the end of the vote", testbrowser.Text("vote", "Last vote"))
	testbrowser.Eval[bool](b, `(window.held = false, true)`)
	b.Until("the answer", `document.getElementById("sent").textContent.trim() !== ""`)
	if !testbrowser.Eval[bool](b, testbrowser.Text("vote", "Last vote")) {
		t.Error("the vote is open again")
	}
	if !testbrowser.Eval[bool](b, testbrowser.Text("next", "Next: DNS inside the cluster")) {
		t.Error("the agenda went back")
	}
	if testbrowser.Eval[string](b, `document.querySelector("#queue [name=once]").value`) == key {
		t.Error("a form kept its key, and would count as sent before")
	}
}

// What is clicked while the answer to another form is on its way is sent after
// it, and a double click once.
func TestBrowserClicksWait(t *testing.T) {
	t.Parallel()
	s, f := newLiveFloor(t)
	f.k.say("tessv", "#startmeeting AppScale")
	f.k.say("tessv", "#startvote Ship it? yes, no")
	b := testbrowser.New(t)
	enterAs(t, b, s, f.chair)
	b.Open(s.url + f.path)
	b.Until("the vote", testbrowser.Text("vote", "Ship it?"))
	testbrowser.Eval[bool](b, slowFetch)
	b.Click("#cast-yes")
	b.Click("#cast-yes")
	b.Until("the first answer", `window.answered === true`)
	b.Click("#cast-no")
	f.commands(t, "#vote yes")
	testbrowser.Eval[bool](b, `(window.held = false, true)`)
	f.commands(t, "#vote no")
	b.Until("one vote, changed", testbrowser.Text("vote", "1 voted"))
	if got := f.k.carryOut(); len(got) > 0 {
		t.Errorf("sent besides: %q", got)
	}
}
