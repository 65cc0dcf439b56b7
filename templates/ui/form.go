package ui

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Form is what all forms have: what was typed, what is wrong with it, and the
// key by which a form that is sent twice is carried out once. The zero Form is
// one that nobody has sent yet.
type Form struct {
	Name   string     // sets the ids of its fields apart from other forms' on the page; "" for the only one
	Once   string     // the form's key; a page's forms each have their own
	Values url.Values // as typed; nil before it was sent
	Errors []FieldError
	Theirs url.Values // what somebody else has saved meanwhile; nil when nobody has
}

// FieldError says what is wrong with a field, or with all when Field is empty.
type FieldError struct{ Field, Message string }

// Field is one field of a form.
type Field struct {
	Name         string
	Label        string
	Hint         string // below the field; may be empty
	Value        string // when nothing was typed yet
	Type         string // of the input; "" is text
	Mode         string // inputmode; may be empty
	Autocomplete string // "" is off
	Max          int    // characters; zero is no limit
	Rows         int    // of an area
	Required     bool
	Go           bool     // its button is the one of the page
	Options      []Choice // of a list
}

// Choice is an entry of a list to choose from.
type Choice struct{ Value, Text string }

// value is what field f shows: what was typed, else what is saved.
func (f Form) value(d Field) string {
	if f.Values == nil {
		return d.Value
	}
	return f.Values.Get(d.Name)
}

// ticked reports whether the box of d is on.
func (f Form) ticked(d Field) bool {
	if f.Values == nil {
		return d.Value != ""
	}
	return f.Values.Get(d.Name) != ""
}

// among reports whether value is ticked among the boxes of d.
func (f Form) among(d Field, value string) bool {
	if f.Values == nil {
		return slices.Contains(strings.Split(d.Value, ","), value)
	}
	return slices.Contains(f.Values[d.Name], value)
}

// described are the attributes of a group of boxes.
func (f Form) described(d Field) templ.Attributes {
	if ids := f.describedBy(d); ids != "" {
		return templ.Attributes{"aria-describedby": ids}
	}
	return nil
}

// message is what is wrong with the field of that name; "" when nothing is.
func (f Form) message(name string) string {
	for _, e := range f.Errors {
		if e.Field == name {
			return e.Message
		}
	}
	return ""
}

// theirs is what somebody else saved in a field meanwhile; "" when they saved
// what was typed here as well.
func (f Form) theirs(d Field) string {
	if t := f.Theirs.Get(d.Name); t != f.value(d) {
		return t
	}
	return ""
}

// id is the id of a field's control.
func (f Form) id(name string) string {
	if f.Name != "" {
		name = f.Name + "-" + name
	}
	return "f-" + name
}

// describedBy names what stands below a field.
func (f Form) describedBy(d Field) string {
	ids := ""
	if d.Hint != "" {
		ids = f.id(d.Name) + "-h"
	}
	if f.message(d.Name) != "" {
		if ids != "" {
			ids += " "
		}
		ids += f.id(d.Name) + "-e"
	}
	return ids
}

// attributes are those of a field's control that are there only sometimes.
func (f Form) attributes(d Field) templ.Attributes {
	a := templ.Attributes{"autocomplete": cmp.Or(d.Autocomplete, "off")}
	if d.Required {
		a["required"] = true
	}
	if d.Max > 0 {
		a["maxlength"] = strconv.Itoa(d.Max)
	}
	if d.Mode != "" {
		a["inputmode"] = d.Mode
	}
	if f.message(d.Name) != "" {
		a["aria-invalid"] = "true"
	}
	if ids := f.describedBy(d); ids != "" {
		a["aria-describedby"] = ids
	}
	return a
}
