package recipe

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/yamltext"
)

// setting is a line at the top level of a cloud-config with one plain value.
var setting = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_-]*):[ \t]+("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[A-Za-z0-9_/][^\n#:{}\[\],&*!|>'"%@]*?)[ \t]*(#.*)?\r?$`)

// words are values that are no text although nothing is quoted.
var words = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|null|~|[-+]?[0-9][0-9_]*(\.[0-9]*)?(e[-+]?[0-9]+)?|0x[0-9a-f]+|0o[0-7]+)$`)

var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// cloudVariables are the settings of a cloud-config.
func cloudVariables(source string) []Variable {
	var list []Variable
	at, hint := 0, ""
	lines := strings.SplitAfter(source, "\n")
	for i, line := range lines {
		start := at
		at += len(line)
		text := strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(text, "#") {
			if hint = trimmed(text); text == "#cloud-config" {
				hint = ""
			}
			continue
		}
		m := setting.FindStringSubmatchIndex(text)
		above := hint
		if hint = ""; m == nil || i+1 < len(lines) && strings.TrimLeft(lines[i+1], " \t") != lines[i+1] && strings.TrimSpace(lines[i+1]) != "" {
			continue
		}
		v := Variable{Name: text[m[2]:m[3]], Hint: above, from: start + m[4], to: start + m[5]}
		raw := text[m[4]:m[5]]
		v.plain = raw[0] != '"' && raw[0] != '\''
		if m[6] >= 0 {
			v.Hint = trimmed(text[m[6]:m[7]])
		}
		value, ok := scalars(v.Name + ": " + raw)[v.Name]
		if !ok {
			continue
		}
		v.Default = value
		if list = append(list, v); len(list) == maxVariables {
			break
		}
	}
	return list
}

// scalars are the settings at the top level of a document that are one value; nil
// when it is no mapping or cannot be read.
func scalars(source string) map[string]string {
	top, err := mapping(source)
	if err != nil {
		return nil
	}
	list := map[string]string{}
	for _, x := range top.Values {
		if _, known := list[x.Key.GetToken().Value]; known {
			return nil // which of them counts, parsers do not agree on
		}
		if s, ok := x.Value.(ast.ScalarNode); ok {
			list[x.Key.GetToken().Value] = s.GetToken().Value
		}
	}
	return list
}

// maxTokens is how many tokens of YAML a cloud-config has at most; a cloud takes
// 16 KB of it, which are fewer.
const maxTokens = 10000

// mapping reads the one document of source, which has to be a mapping.
func mapping(source string) (*ast.MappingNode, error) {
	f, err := yamltext.Parse(source, maxTokens)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The file is no YAML that can be read: %s.", err)
	}
	if len(f.Docs) != 1 {
		return nil, fault.New(fault.Invalid, "A cloud-config is one YAML document.")
	}
	switch top := f.Docs[0].Body.(type) {
	case *ast.MappingNode:
		return top, nil
	case *ast.MappingValueNode:
		return &ast.MappingNode{Values: []*ast.MappingValueNode{top}}, nil
	}
	return nil, fault.New(fault.Invalid, "A cloud-config is a list of settings with their names.")
}

// renderCloud puts values into a cloud-config, and reads back that they are there.
func renderCloud(source string, list []Variable, values map[string]string) (string, error) {
	var set []Variable
	want := map[string]string{}
	for _, v := range list {
		value, given := values[v.Name]
		if value = strings.ReplaceAll(value, "\r\n", "\n"); !given || value == v.Default {
			continue
		}
		typed := v.plain && words.MatchString(v.Default) && words.MatchString(value)
		was := v.Default
		want[v.Name] = value
		if v.Default = quoteYAML(value); typed || v.plain && !words.MatchString(was) && !words.MatchString(value) && plainText.MatchString(value) {
			v.Default = value
		}
		set = append(set, v)
	}
	text := splice(source, set, "")
	if err := CheckCloudConfig(text); err != nil {
		return "", err
	}
	if len(want) > 0 {
		got := scalars(text)
		for name, value := range want {
			if got[name] != value {
				return "", fault.On(FieldPrefix+name, "This value cannot be put into the file.")
			}
		}
	}
	return text, nil
}

// CheckCloudConfig says what is wrong with a cloud-config; nil is nothing that can
// be seen without running it.
func CheckCloudConfig(source string) error {
	first, _, _ := strings.Cut(source, "\n")
	if strings.TrimRight(first, " \t\r") != "#cloud-config" {
		return fault.New(fault.Invalid, "A cloud-config begins with the line #cloud-config.")
	}
	_, err := mapping(source)
	return err
}
