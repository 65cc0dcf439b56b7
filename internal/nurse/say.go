package nurse

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Nurse Euca's words for how a check ended.
var words = map[hackfest.CheckState]string{
	hackfest.CheckWell: "well", hackfest.CheckAspirin: "aspirin", hackfest.CheckSplint: "splint",
	hackfest.CheckDead: "dead", hackfest.CheckUnknown: "unseen",
}

// diagnoses end the report.
var diagnoses = map[State]string{
	Well: "Fit. Off you go, and drink enough.",
	Care: "Needs care. See to what is listed, then let me look again.",
	Dead: "Dead on arrival. No use to go on here before that is mended.",
}

// Say writes a report for people: what is wrong first, each with what to do.
func Say(w io.Writer, plan Plan, p hackfest.Preflight) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Nurse Euca looks at this machine (%s)", p.Machine)
	if plan.Title != "" {
		fmt.Fprintf(&b, ", before %s", oneLine(plan.Title))
	}
	b.WriteString(".\n\n")
	counts := map[hackfest.CheckState]int{}
	for _, state := range []hackfest.CheckState{hackfest.CheckDead, hackfest.CheckSplint, hackfest.CheckAspirin, hackfest.CheckUnknown, hackfest.CheckWell} {
		for i, r := range p.Results {
			if r.State == state {
				counts[state]++
				sayOne(&b, plan.Checks[i], r)
			}
		}
	}
	for _, text := range plan.ByHand {
		fmt.Fprintf(&b, "  %-8s %s\n", "by hand", oneLine(text))
	}
	fmt.Fprintf(&b, "\n%d of %d well", counts[hackfest.CheckWell], len(p.Results))
	for _, state := range []hackfest.CheckState{hackfest.CheckDead, hackfest.CheckSplint, hackfest.CheckAspirin, hackfest.CheckUnknown} {
		if counts[state] > 0 {
			fmt.Fprintf(&b, ", %d %s", counts[state], words[state])
		}
	}
	fmt.Fprintf(&b, ". %s\n", diagnoses[StateOf(p)])
	_, err := io.WriteString(w, b.String())
	return err
}

// oneLine is text without the ends of lines, of which a report makes its own: who
// wrote the checks shall not write results.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// sayOne writes one result. What is well needs no advice, and what was not seen
// may not either.
func sayOne(b *strings.Builder, c hackfest.Check, r hackfest.CheckResult) {
	fmt.Fprintf(b, "  %-8s %s: %s\n", words[r.State], strings.TrimSuffix(oneLine(c.Title), "."), oneLine(r.Note))
	if r.State == hackfest.CheckWell || r.State == hackfest.CheckUnknown {
		return
	}
	if c.Advice != "" {
		fmt.Fprintf(b, "           %s\n", oneLine(c.Advice))
	}
	if c.Why != "" {
		fmt.Fprintf(b, "           Why: %s\n", oneLine(c.Why))
	}
}

// SayPlan writes what would be looked at.
func SayPlan(w io.Writer, plan Plan) error {
	var b strings.Builder
	for _, c := range plan.Checks {
		fmt.Fprintf(&b, "  %-9s %-8s %s\n", c.Kind, c.Severity, oneLine(c.Title))
	}
	for _, text := range plan.ByHand {
		fmt.Fprintf(&b, "  %-9s %-8s %s\n", "by hand", "", oneLine(text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// document is a report for machines.
type document struct {
	State   State    `json:"state"`
	Title   string   `json:"title"`
	Machine string   `json:"machine"`
	At      string   `json:"at"` // RFC 3339, UTC
	Results []result `json:"results"`
	ByHand  []string `json:"by_hand"`
}

type result struct {
	hackfest.CheckResult
	Kind     hackfest.CheckKind `json:"kind"`
	Title    string             `json:"title"`
	Severity hackfest.Severity  `json:"severity"`
	Advice   string             `json:"advice,omitempty"`
	Why      string             `json:"why,omitempty"`
}

// SayJSON writes a report for machines, in the order of the checks.
func SayJSON(w io.Writer, plan Plan, p hackfest.Preflight) error {
	d := document{State: StateOf(p), Title: plan.Title, Machine: p.Machine, At: p.At.Format("2006-01-02T15:04:05Z"), Results: []result{}, ByHand: plan.ByHand}
	if d.ByHand == nil {
		d.ByHand = []string{}
	}
	for i, r := range p.Results {
		c := plan.Checks[i]
		d.Results = append(d.Results, result{CheckResult: r, Kind: c.Kind, Title: c.Title, Severity: c.Severity, Advice: c.Advice, Why: c.Why})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
