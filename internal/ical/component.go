package ical

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// property is one content line.
type property struct {
	name   string            // in capitals
	params map[string]string // names in capitals
	value  string            // as written
}

// component is what stands between BEGIN and END.
type component struct {
	name       string // in capitals
	properties []property
	parts      []component
}

// first is the first property of that name.
func (c component) first(name string) (property, bool) {
	for _, p := range c.properties {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

// text is the value of the first TEXT of that name, "" without one.
func (c component) text(name string) string {
	p, _ := c.first(name)
	return strings.TrimSpace(unescape(p.value))
}

// all are the properties of that name.
func (c component) all(name string) []property {
	var list []property
	for _, p := range c.properties {
		if p.name == name {
			list = append(list, p)
		}
	}
	return list
}

// maxDepth is how deep components may lie in each other; RFC 5545 knows three
// levels.
const maxDepth = 8

// parse reads the calendar in data. What comes after its end is not read.
func parse(data string) (component, error) {
	stack := []component{{}}
	for _, line := range unfold(strings.ToValidUTF8(data, "\ufffd")) {
		p, ok := parseLine(line)
		if !ok {
			continue // RFC 5545 has no such line; others read on as well
		}
		top := len(stack) - 1
		switch p.name {
		case "BEGIN":
			if len(stack) > maxDepth {
				return component{}, fault.New(fault.Invalid, "This is no calendar: its parts lie too deep in each other.")
			}
			stack = append(stack, component{name: strings.ToUpper(strings.TrimSpace(p.value))})
		case "END":
			if top == 0 || stack[top].name != strings.ToUpper(strings.TrimSpace(p.value)) {
				return component{}, fault.New(fault.Invalid, "This is no calendar: it has END:%s where nothing of that name is open.", p.value)
			}
			done := stack[top]
			if stack = stack[:top]; top == 1 && done.name == "VCALENDAR" {
				return done, nil
			}
			stack[top-1].parts = append(stack[top-1].parts, done)
		default:
			stack[top].properties = append(stack[top].properties, p)
		}
	}
	if len(stack) > 1 {
		return component{}, fault.New(fault.Invalid, "The calendar is cut off: %s has no end.", stack[len(stack)-1].name)
	}
	return component{}, fault.New(fault.Invalid, "This is no calendar: it has no BEGIN:VCALENDAR.")
}

// parseLine reads one unfolded content line; false when it is none.
func parseLine(s string) (property, bool) {
	var p property
	quoted, start := false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted || c != ';' && c != ':':
		default:
			p.take(s[start:i])
			if start = i + 1; c == ':' {
				p.value = s[start:]
				return p, p.name != ""
			}
		}
	}
	return p, false
}

// take adds the name of the property, or a parameter.
func (p *property) take(s string) {
	if p.name == "" {
		p.name = strings.ToUpper(strings.TrimSpace(s))
		return
	}
	name, value, _ := strings.Cut(s, "=")
	if p.params == nil {
		p.params = map[string]string{}
	}
	p.params[strings.ToUpper(name)] = strings.Trim(value, `"`)
}
