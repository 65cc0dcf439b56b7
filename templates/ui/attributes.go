package ui

import "github.com/a-h/templ"

// current marks the choice that is shown now.
func current(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}
