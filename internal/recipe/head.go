package recipe

import (
	"regexp"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// about is what a recipe says of itself in the comment at its top.
type about struct{ summary, smallest, ports, target string }

var (
	fact  = regexp.MustCompile(`^(?i)(ports|smallest|instance type|target)\s*:\s*(.+)$`)
	noise = regexp.MustCompile(`(?i)^(copyright|\(c\)|©|licen[cs]e|author|vim?:|-\*-|todo|fixme|redistribution|all rights|this (software|program) is|permission is|usage:|@|\$|https?:)`)
	done  = regexp.MustCompile(`[.!?](\s|$)`)
)

// headOf reads the comment at the top of a recipe: its first sentence, and lines
// like "Ports: 22, 53/udp", "Smallest: m1.xlarge" and "Target: openshift-origin".
// What cannot be read is as if it were not there.
func headOf(source string) about {
	var a about
	var paragraph []string
	over := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if line == "" && len(paragraph) == 0 {
			continue
		}
		text, comment := strings.CutPrefix(line, "#")
		if !comment {
			break
		}
		text = strings.TrimSpace(strings.Trim(text, "#=-*"))
		if strings.HasPrefix(line, "#!") || line == "#cloud-config" {
			continue
		}
		if m := fact.FindStringSubmatch(text); m != nil {
			a.note(strings.ToLower(m[1]), strings.TrimSuffix(strings.TrimSpace(m[2]), "."))
			over = over || len(paragraph) > 0
			continue
		}
		switch {
		case text == "" || noise.MatchString(text):
			over = over || len(paragraph) > 0
		case !over:
			paragraph = append(paragraph, text)
		}
	}
	a.summary = firstSentence(strings.Join(paragraph, " "))
	return a
}

// note keeps one fact, if it can be read.
func (a *about) note(name, value string) {
	switch name {
	case "ports":
		if p, err := hackfest.ParsePorts(value); err == nil {
			a.ports = p.String()
		}
	case "target":
		if hackfest.Slug(value) == value {
			a.target = value
		}
	default:
		x := hackfest.Recipe{Kind: hackfest.RecipeBash, Smallest: value}
		if x, err := x.Tidy(); err == nil {
			a.smallest = x.Smallest
		}
	}
}

// sentence is the first sentence of a read-me that is no heading.
func sentence(readme string) string {
	var paragraph []string
	lines := strings.Split(strings.ReplaceAll(readme, "\r\n", "\n"), "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		under := i+1 < len(lines) && len(lines[i+1]) > 2 && strings.Trim(lines[i+1], "=-~") == ""
		switch {
		case strings.HasPrefix(line, "#"), under, line != "" && strings.Trim(line, "=-~*") == "", strings.HasPrefix(line, "["), strings.HasPrefix(line, "!"), strings.HasPrefix(line, "<"):
			line = ""
		case noise.MatchString(line):
			line = ""
		}
		if line == "" {
			if len(paragraph) > 0 {
				break
			}
			continue
		}
		paragraph = append(paragraph, line)
	}
	return firstSentence(strings.Join(paragraph, " "))
}

// firstSentence is text up to its first full stop, cut between words.
func firstSentence(text string) string {
	const longest = 200 // characters
	text = strings.Join(strings.Fields(text), " ")
	if m := done.FindStringIndex(text); m != nil {
		text = text[:m[0]+1]
	}
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest])
		if i := strings.LastIndexByte(text, ' '); i > 0 {
			text = text[:i]
		}
		text += "…"
	}
	return text
}
