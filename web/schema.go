package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// schema is a JSON Schema (draft 2020-12), as far as the API needs one.
type schema struct {
	Ref         string     `json:"$ref,omitempty"`
	Type        string     `json:"type,omitempty"`
	Format      string     `json:"format,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	Enum        []string   `json:"enum,omitempty"`
	Minimum     *int       `json:"minimum,omitempty"`
	Maximum     *int       `json:"maximum,omitempty"`
	Default     any        `json:"default,omitempty"`
	AnyOf       []*schema  `json:"anyOf,omitempty"`
	Const       *string    `json:"const,omitempty"`
	Items       *schema    `json:"items,omitempty"`
	Properties  properties `json:"properties,omitempty"`
	Required    []string   `json:"required,omitempty"`
	Closed      *bool      `json:"additionalProperties,omitempty"` // false: there is nothing besides
	Description string     `json:"description,omitempty"`
}

// property is one field of an object.
type property struct {
	name string
	is   *schema
}

// properties are the fields of an object in the order in which people read them.
type properties []property

// MarshalJSON writes the fields as one JSON object, in order.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		text, err := json.Marshal(f.is)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", f.name, text)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// refPattern is what the id of a line looks like.
const refPattern = "^[0-9a-hjkmnp-tv-z]{26}$"

// known are the types that JSON shows as something else than their fields.
var known = map[reflect.Type]schema{
	reflect.TypeFor[hackfest.Ref]():    {Type: "string", Pattern: refPattern},
	reflect.TypeFor[hackfest.ItemID](): {Type: "string", Pattern: strings.TrimSuffix(refPattern, "$") + `\.[0-9]+$`},
	reflect.TypeFor[minutes.Time]():    *orEmpty(&schema{Type: "string", Format: "date-time"}),
	reflect.TypeFor[minutes.Date]():    *orEmpty(&schema{Type: "string", Format: "date"}),
}

// orEmpty is a schema for what may also be the empty string.
func orEmpty(s *schema) *schema {
	empty := ""
	return &schema{AnyOf: []*schema{s, {Const: &empty}}}
}

// schemas makes the schemas of Go types; those of structs get a name and are
// referred to.
type schemas map[string]*schema

// of is the schema of a type.
func (m schemas) of(t reflect.Type) *schema {
	if s, ok := known[t]; ok {
		return &s
	}
	switch t.Kind() {
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &schema{Type: "integer"}
	case reflect.Slice:
		return &schema{Type: "array", Items: m.of(t.Elem())}
	case reflect.Struct:
		return m.named(t)
	case reflect.Pointer: // or null
		return &schema{AnyOf: []*schema{m.of(t.Elem()), {Type: "null"}}}
	}
	panic("no schema for " + t.String()) // a mistake in the table of operations, seen by every test
}

// schemaName is what the schema of a struct is called: Session for apiSession.
func schemaName(t reflect.Type) string {
	name := strings.TrimPrefix(t.Name(), "api")
	return strings.ToUpper(name[:1]) + name[1:]
}

// named refers to the schema of a struct.
func (m schemas) named(t reflect.Type) *schema {
	name := schemaName(t)
	if _, made := m[name]; !made {
		s := &schema{}
		m[name] = s // before its fields, which may be of the same type
		*s = *m.object(t)
	}
	return &schema{Ref: "#/components/schemas/" + name}
}

// object is the schema of a struct by its tags: json, is and about.
func (m schemas) object(t reflect.Type) *schema {
	closed := false
	s := &schema{Type: "object", Closed: &closed}
	for f := range t.Fields() {
		if f.Anonymous { // as encoding/json has it
			part := m.object(f.Type)
			s.Properties, s.Required = append(s.Properties, part.Properties...), append(s.Required, part.Required...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := m.of(f.Type)
		if is := f.Tag.Get("is"); is != "" {
			field = kindOf(is)
		}
		if field.Ref == "" {
			field.Description = f.Tag.Get("about")
		}
		s.Properties = append(s.Properties, property{name, field})
		if options != "omitempty" {
			s.Required = append(s.Required, name)
		}
	}
	return s
}

// kindOf is the schema of a string that is more than that: what a tag "is" says.
// A question mark after it allows the empty string too.
func kindOf(is string) *schema {
	name, optional := strings.CutSuffix(is, "?")
	s := &schema{Type: "string"}
	switch name {
	case "instant":
		s.Format = "date-time"
	case "date":
		s.Format = "date"
	case "uri":
		s.Format = "uri"
	default:
		s.Enum = strings.Split(name, "|")
	}
	if optional {
		return orEmpty(s)
	}
	return s
}

// words says what a field is, for the page.
func (s *schema) words() string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case len(s.AnyOf) > 0 && s.AnyOf[1].Const != nil:
		return s.AnyOf[0].words() + ", or empty"
	case len(s.AnyOf) > 0:
		return s.AnyOf[0].words() + " or " + s.AnyOf[1].words()
	case s.Type == "array":
		return "list of " + s.Items.words()
	case len(s.Enum) > 0:
		return strings.Join(s.Enum, ", ")
	case s.Format == "date-time":
		return "RFC 3339, UTC"
	case s.Format == "date":
		return "YYYY-MM-DD"
	case s.Format == "uri":
		return "address"
	case s.Pattern != "":
		return "id"
	case s.Type == "boolean":
		return "true or false"
	case s.Type == "integer":
		return "number"
	}
	return "text"
}
