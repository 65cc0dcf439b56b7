package auth

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Lengths of a password. There are no other rules about what is in it: length
// is what counts (NIST SP 800-63B section 5.1.1).
const (
	minPassword = 10   // characters
	maxPassword = 1024 // bytes
)

// usual are the parameters of new hashes: what OWASP asks for at least, with a
// third pass.
var usual = argon2id.Params{Memory: 19 << 10, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// atOnce is how many hashes are worked out at a time: each takes 19 MiB and one
// processor. Whoever comes then waits.
const atOnce = 2

// Passwords makes and compares hashes of passwords. Its methods may be called
// from any goroutine.
type Passwords struct {
	turns  chan struct{}
	decoy  string       // the hash that nobody's password has
	worked atomic.Int64 // hashes worked out so far
}

// NewPasswords prepares the hashing of passwords.
func NewPasswords() *Passwords {
	secret, _ := NewSecret()
	decoy, err := argon2id.CreateHash(secret, &usual)
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return &Passwords{turns: make(chan struct{}, atOnce), decoy: decoy}
}

// Worked is how many hashes were worked out so far.
func (p *Passwords) Worked() int64 { return p.worked.Load() }

// Hash is what is kept of a password, in PHC form. It is fault.Unavailable when
// ctx ends before it has its turn.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	done, err := p.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return argon2id.CreateHash(password, &usual)
}

// Matches reports whether password is the one that hash was made of. An empty
// hash, of somebody without a password or of nobody at all, takes as long to
// refuse as any other. It is fault.Unavailable when ctx ends before it has its
// turn.
func (p *Passwords) Matches(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = p.decoy
	}
	done, err := p.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if len(password) > maxPassword {
		password = "" // nobody's; it takes as long
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	return match && known && password != "", err
}

// turn waits until few enough others are at work.
func (p *Passwords) turn(ctx context.Context) (done func(), err error) {
	select {
	case p.turns <- struct{}{}:
		p.worked.Add(1)
		return func() { <-p.turns }, nil
	case <-ctx.Done():
		return nil, &fault.Error{Kind: fault.Unavailable, Message: "Many people sign in at this moment. Please try again.", Err: ctx.Err()}
	}
}

// CheckPassword says in words what is wrong with a new password of somebody
// called name; nil when nothing is. The fault is on the field "password".
func CheckPassword(password, name string) error {
	plain := strings.ToLower(strings.Join(strings.Fields(password), ""))
	var message string
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		message = "The password holds signs that cannot be kept."
	case utf8.RuneCountInString(password) < minPassword:
		message = "A password has at least ten characters; a few words make a good one."
	case len(password) > maxPassword:
		message = "A password has at most a thousand characters."
	case name != "" && strings.Trim(plain, "0123456789!?.-_") == strings.ToLower(name), plain == strings.ToLower(name):
		message = "The name itself is the first that anybody would try. Choose something else."
	case slices.Contains(commonest, plain) || allSame(plain):
		message = "That is one of the first passwords anybody would try. Choose something else."
	default:
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Field: "password", Message: message}
}

// allSame reports whether s is one sign again and again.
func allSame(s string) bool { return s != "" && strings.Trim(s, s[:1]) == "" }

// commonest are those among the most used passwords that are long enough to be
// taken otherwise, and what people here would think of first.
var commonest = []string{
	"1234567890", "0123456789", "12345678910", "123456789012", "1234567891", "0987654321", "9876543210", "1122334455",
	"1234554321", "1234512345", "123123123123", "147258369010", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5",
	"q1w2e3r4t5y6", "qwertyuiop", "qwertyuiop123", "qwerty12345", "qwerty123456", "qwerty1234567890", "asdfghjkl1", "asdfghjkl;",
	"zxcvbnm123", "qazwsxedcrfv", "password12", "password123", "password1234", "password12345", "passwordpassword", "passw0rd123",
	"p@ssw0rd123", "p@ssword123", "letmein123", "letmeinplease", "iloveyou12", "iloveyou123", "iloveyou1234", "welcome123",
	"welcome1234", "administrator", "admin12345", "admin123456", "adminadmin", "changeme123", "changemenow", "abcdefghij",
	"abcdefghijkl", "abc1234567", "abcd123456", "football123", "baseball123", "superman123", "sunshine123", "princess123",
	"dragon12345", "monkey12345", "michael123", "jennifer123", "charlie123", "correcthorsebatterystaple", "hackfest123", "hackfest1234",
	"hackfesthackfest", "eucalyptus", "eucalyptus1", "eucalyptus123", "ircircirc1", "freenode123", "secret12345", "supersecret",
	"supersecret1", "testtest12", "testtesttest", "test123456", "computer123", "internet123", "trustno1trustno1", "whatever123",
}
