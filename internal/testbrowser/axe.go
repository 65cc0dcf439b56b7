package testbrowser

import (
	"errors"
	"sync"

	"github.com/eucalyptus/hackfest/internal/testnpm"
)

// axeCore are the rules by which pages are judged.
var axeCore = testnpm.File{
	Package: "axe-core@4.14.1", Path: "package/axe.min.js",
	Sum: "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
}

// axeScript is the script, read by the first tab that needs it.
var axeScript = sync.OnceValues(func() (string, error) {
	script, _, err := axeCore.Load()
	return string(script), err
})

// grave switches off the rules that find only what is moderate or minor, which
// judge would drop.
const grave = `axe._audit.rules.forEach(r => { if (r.impact === "moderate" || r.impact === "minor") r.enabled = false }), true`

// judge is a script that runs axe-core with options and returns its serious and
// critical findings as text.
func judge(options string) string {
	return `axe.run(document, {resultTypes: ["violations"], preload: false, ` + options + `}).then(found =>
	found.violations.filter(v => v.impact === "serious" || v.impact === "critical").flatMap(v => v.nodes.map(n =>
	v.id + " (" + v.impact + "): " + n.target.join(" ") + ": " + n.failureSummary.split("\n").slice(1).map(s => s.trim()).join("; ") + ": " + n.html.slice(0, 200))))`
}

// Axe returns what axe-core finds serious or critical on the page as it is seen
// now. Targets smaller than 24 by 24 pixels count (WCAG 2.2, 2.5.8). It needs
// script.
func (b *Tab) Axe() []string {
	b.t.Helper()
	return b.axe(judge(`rules: {"target-size": {enabled: true}}`))
}

// AxeColours is Axe for colours alone, for a page that Axe has seen in other
// ones: nothing else of what it judges depends on them.
func (b *Tab) AxeColours() []string {
	b.t.Helper()
	return b.axe(judge(`runOnly: ["color-contrast"]`))
}

func (b *Tab) axe(judge string) []string {
	b.t.Helper()
	script, err := axeScript()
	if errors.Is(err, testnpm.ErrMissing) {
		missing(b.t, "needs axe-core: "+err.Error())
	}
	must(b.t, err)
	if !Eval[bool](b, `!!window.axe`) {
		Eval[bool](b, script+"\n;"+grave)
	}
	return Eval[[]string](b, judge)
}
