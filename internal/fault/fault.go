// Package fault names the ways a request can fail, in terms the web pages, the
// IRC bot and the job runner all understand. Each of those maps a Kind to its
// own language in one place: web/errors.go to a status code, ircbot/reply.go to
// a line of text. It decides nothing and logs nothing.
package fault

import (
	"errors"
	"fmt"
)

// Kind is the class of a failure. The zero Kind is Internal, so an error nobody
// classified is treated as our bug.
type Kind uint8

const (
	Internal    Kind = iota // our bug; people see no detail, the log sees all
	Invalid                 // what was asked cannot be done as written
	NotFound                // no such thing, or not visible to this person
	Forbidden               // known person, but the role does not allow it
	Conflict                // somebody changed it first
	Unavailable             // Postgres, IRC or GitHub is away; trying later may work
	SignIn                  // nobody is signed in, and somebody has to be
)

// Error is a failure with a message that is safe to show to the person who
// caused it.
type Error struct {
	Kind    Kind
	Field   string // the form field or parameter at fault; "" when it is none
	Message string // for people: a full sentence, no internals
	Err     error  // for the log; may be nil
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return fmt.Sprintf("%s: %v", e.Message, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// New makes an Error of the given kind whose message is format filled in.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// On makes an Invalid Error about a form field or parameter.
func On(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// All lists the Errors in err: those joined by errors.Join, or the first in its
// chain. Forms join one for each field that is wrong.
func All(err error) []*Error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var list []*Error
		for _, e := range many.Unwrap() {
			list = append(list, All(e)...)
		}
		return list
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return []*Error{e}
	}
	return nil
}

// KindOf reports the Kind of the first *Error in err's chain, or Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Message is what to tell a person about err.
func Message(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind != Internal {
		return e.Message
	}
	return "Something went wrong on our side. It has been logged."
}
