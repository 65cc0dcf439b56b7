package hackfest

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Ref identifies one line of a channel log for ever. It is a ULID: its first 48
// bits are milliseconds since 1970 in UTC, so refs sort by time. Pages, JSON
// and anchors show it as 26 lower-case Crockford characters; only SQL keeps it
// as a uuid. The zero Ref is no line.
type Ref [16]byte

// ParseRef reads the 26 characters of a ref, in either case. Anything else is a
// fault.NotFound, since a ref that cannot be read names no line.
func ParseRef(s string) (Ref, error) {
	u, err := ulid.ParseStrict(strings.ToUpper(s))
	if err != nil {
		return Ref{}, fault.New(fault.NotFound, "There is no such line.")
	}
	return Ref(u), nil
}

// RefAt returns the lowest ref whose time part is t, for finding lines by time.
// Times before 1970 give the zero Ref.
func RefAt(t time.Time) Ref {
	var u ulid.ULID
	if ms := t.UnixMilli(); ms > 0 {
		_ = u.SetTime(min(uint64(ms), ulid.MaxTime())) // cannot be too large
	}
	return Ref(u)
}

// String returns the 26 lower-case Crockford characters of r.
func (r Ref) String() string { return strings.ToLower(ulid.ULID(r).String()) }

// IsZero reports whether r names no line.
func (r Ref) IsZero() bool { return r == Ref{} }

// Compare orders refs as they were given out: -1, 0 or 1.
func (r Ref) Compare(other Ref) int { return ulid.ULID(r).Compare(ulid.ULID(other)) }

// Next returns the ref right above r; no line has it.
func (r Ref) Next() Ref {
	for i := len(r) - 1; i >= 0; i-- {
		if r[i]++; r[i] != 0 {
			break
		}
	}
	return r
}

// Time returns the instant in r's time part, in UTC and to the millisecond. It
// is when the line was received (or, imported, said), never what to show.
func (r Ref) Time() time.Time { return ulid.Time(ulid.ULID(r).Time()).UTC() }

// MarshalText writes r as String does; the zero Ref is the empty text.
func (r Ref) MarshalText() ([]byte, error) {
	if r.IsZero() {
		return nil, nil
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (r *Ref) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*r = Ref{}
		return nil
	}
	parsed, err := ParseRef(string(text))
	*r = parsed
	return err
}

// Value gives r to Postgres as a uuid; the zero Ref is null.
func (r Ref) Value() (driver.Value, error) {
	if r.IsZero() {
		return nil, nil
	}
	x := hex.EncodeToString(r[:])
	return strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-"), nil
}

// Scan reads a uuid column; null is the zero Ref.
func (r *Ref) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*r = Ref{}
		return nil
	case [16]byte:
		*r = v
		return nil
	case string:
		raw, err := hex.DecodeString(strings.ReplaceAll(v, "-", ""))
		if err == nil && len(raw) == len(r) {
			copy(r[:], raw)
			return nil
		}
	}
	return fmt.Errorf("hackfest: cannot read %T as a ref", src)
}

// ItemID identifies an item, topic or vote of a meeting: the line that made it
// and its number among what that line made. It does not depend on the item's
// place, so undoing and redacting never break a link.
type ItemID struct {
	Ref Ref
	N   int
}

// String returns the ref, a dot and the number, as in "01hv….1".
func (i ItemID) String() string { return i.Ref.String() + "." + strconv.Itoa(i.N) }

// MarshalText writes i as String does.
func (i ItemID) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (i *ItemID) UnmarshalText(text []byte) error {
	ref, n, ok := strings.Cut(string(text), ".")
	r, err := ParseRef(ref)
	if err != nil {
		return err
	}
	num, err := strconv.Atoi(n)
	if !ok || err != nil {
		return fault.New(fault.NotFound, "There is no such item.")
	}
	*i = ItemID{Ref: r, N: num}
	return nil
}
