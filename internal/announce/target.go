package announce

import (
	"strings"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// stages are the stages of targets in the order in which people want to hear of
// them.
var stages = []hackfest.TargetStage{
	hackfest.StageTrying, hackfest.StagePlanned, hackfest.StageNotes, hackfest.StageWorks, hackfest.StageIdea, hackfest.StageParked,
}

// targets answers !targets.
func targets(a asked) []string {
	var entries []string
	for _, stage := range stages {
		for _, t := range a.Targets {
			if t.Stage == stage {
				entries = append(entries, cut(clean(t.Name), maxTitle/2)+" ("+strings.ToLower(stage.Label())+")")
			}
		}
	}
	if len(entries) == 0 {
		return []string{"There are no targets yet. " + a.base + "/targets"}
	}
	return pack("Targets: ", entries, a.base+"/targets", false, a.lines, a.size)
}

// target answers !target name.
func target(a asked) []string {
	if a.Arg == "" {
		return targets(a)
	}
	t, refusal := a.target()
	if refusal != "" {
		return []string{refusal}
	}
	begin := "Target " + cut(clean(t.Name), maxTitle) + ": " + strings.ToLower(t.Stage.Label()) + " since " + t.StagedAt.UTC().Format("2 Jan 2006") + ". "
	end := a.base + "/targets/" + t.Slug
	sentence := cut(clean(t.Sentence), max(a.size-len(begin)-len(end)-len(" · "), 0))
	if sentence == "" {
		return []string{begin + end}
	}
	return []string{begin + sentence + " · " + end}
}

// target finds the target that is asked for: by its name or slug, else the only
// one whose name begins like that, else the only one that has it in its name.
// Without one there is a sentence for the asker, which does not repeat what they
// wrote.
func (a asked) target() (hackfest.Target, string) {
	want, slug := strings.ToLower(a.Arg), hackfest.Slug(a.Arg)
	for _, like := range []func(name, tslug string) bool{
		func(name, tslug string) bool { return name == want || tslug == slug },
		func(name, _ string) bool { return strings.HasPrefix(name, want) },
		func(name, tslug string) bool {
			return strings.Contains(name, want) || slug != "" && strings.Contains(tslug, slug)
		},
	} {
		var found []hackfest.Target
		for _, t := range a.Targets {
			if like(strings.ToLower(clean(t.Name)), t.Slug) {
				found = append(found, t)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], ""
		default:
			var names []string
			for _, t := range found {
				names = append(names, cut(clean(t.Name), maxTitle/2))
			}
			return hackfest.Target{}, pack("Which one: ", names, a.base+"/targets", false, 1, a.size)[0]
		}
	}
	return hackfest.Target{}, "There is no target of that name. !targets lists them: " + a.base + "/targets"
}

// Suggested tells somebody on IRC what became of their idea, as one line. again
// says that it was on the board already. base is the portal's URL without a slash at
// the end; "" leaves the address without it.
func Suggested(t hackfest.Target, again bool, base string) string {
	begin, end := "On the board as an idea: ", base+"/targets/"+t.Slug
	if again {
		begin, end = "On the board already ("+strings.ToLower(t.Stage.Label())+"): ", "you are counted among those who want it · "+end
	}
	return fit(begin, t.Name, end)
}

// Works is the draft of the news that a target works, with notes or without,
// since a session: the zero Session is none. base is the portal's address.
func Works(t hackfest.Target, s hackfest.Session, base string) hackfest.News {
	url := base + "/targets/" + t.Slug
	name := t.Name
	if room := hackfest.MaxNewsTitle - len(" works, with notes"); utf8.RuneCountInString(name) > room {
		name = string([]rune(name)[:room-1]) + "…"
	}
	n := hackfest.News{
		Title: name + " works", TargetSlug: t.Slug, SessionSlug: s.Slug, State: hackfest.NewsDraft,
		Outlets: []hackfest.Outlet{hackfest.OutletSite}, Summary: t.Sentence,
	}
	if t.Stage == hackfest.StageNotes {
		n.Title += ", with notes"
	}
	body := markdownText(t.Sentence)
	if s.Slug != "" {
		body += "\n\nIt came that far in [" + markdownText(s.Title) + "](" + base + "/sessions/" + s.Slug + ") on " + s.StartsAt.UTC().Format("2 January 2006") + "."
	}
	n.Body = strings.TrimSpace(body + "\n\nHow it got there, what to prepare and what was learned: [" + markdownText(t.Name) + "](" + url + ").")
	return n
}

// markdownText is text with what Markdown would read as a mark escaped.
func markdownText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`).Replace(text)
}
