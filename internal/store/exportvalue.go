package store

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// exportType is how values of one type of Postgres are written as JSON and read
// again. Neither is asked about null.
type exportType struct {
	write func(v any) (any, error)          // what Postgres gave → what encoding/json takes
	read  func(raw []byte) (v any, e error) // JSON → what Postgres takes
	zero  string                            // JSON of nothing; "" for types that have none
}

// wallTime is RFC 3339 without a zone.
const wallTime = "2006-01-02T15:04:05.999999"

// exportTypes are the types that columns may have.
var exportTypes = map[string]exportType{
	"text":  {write: asIs, read: readAs[string], zero: `""`},
	"bool":  {write: asIs, read: readAs[bool], zero: "false"},
	"int4":  {write: asIs, read: readAs[int32], zero: "0"},
	"int8":  {write: asIs, read: readAs[int64], zero: "0"},
	"_text": {write: asIs, read: readAs[[]string], zero: "[]"},
	"jsonb": {
		write: func(v any) (any, error) { return json.RawMessage(v.(string)), nil },
		read:  func(raw []byte) (any, error) { return string(raw), nil },
	},
	"bytea": {
		write: func(v any) (any, error) { return base64.StdEncoding.EncodeToString(v.([]byte)), nil },
		read:  readAs[[]byte], // encoding/json reads base64
		zero:  "null",         // what is empty is not what is not there
	},
	"uuid": {
		write: func(v any) (any, error) { return hackfest.Ref(v.([16]byte)).String(), nil },
		read: func(raw []byte) (any, error) {
			text, err := readAs[string](raw)
			if err != nil {
				return nil, err
			}
			ref, err := hackfest.ParseRef(text.(string))
			return [16]byte(ref), err
		},
	},
	"timestamptz": {write: writeTime(time.RFC3339Nano), read: readTime(time.RFC3339Nano)},
	"timestamp":   {write: writeTime(wallTime), read: readTime(wallTime)},
	"date":        {write: writeTime(time.DateOnly), read: readTime(time.DateOnly)},
	"interval":    {write: writeInterval, read: readInterval},
}

func asIs(v any) (any, error) { return v, nil }

// readAs reads JSON into a T and nothing else.
func readAs[T any](raw []byte) (any, error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, fmt.Errorf("%s instead of %s", wrong.Value, wrong.Type)
		}
		return nil, err
	}
	return v, nil
}

func writeTime(layout string) func(v any) (any, error) {
	return func(v any) (any, error) {
		t, ok := v.(time.Time)
		if !ok { // Postgres knows infinity, and nothing of ours is
			return nil, fmt.Errorf("%v is no time", v)
		}
		return t.UTC().Format(layout), nil
	}
}

func readTime(layout string) func(raw []byte) (any, error) {
	return func(raw []byte) (any, error) {
		text, err := readAs[string](raw)
		if err != nil {
			return nil, err
		}
		t, err := time.Parse(layout, text.(string))
		if err != nil {
			return nil, fmt.Errorf("%q is not written as %s", text, layout)
		}
		return t.UTC(), nil
	}
}

// writeInterval writes a length of time as ISO 8601 has it: "PT2H30M". Months
// and days are kept apart from hours, as in Postgres.
func writeInterval(v any) (any, error) {
	i, ok := v.(pgtype.Interval)
	if !ok {
		return nil, fmt.Errorf("%v is no length of time", v)
	}
	text := "P"
	if i.Months != 0 {
		text += fmt.Sprintf("%dM", i.Months)
	}
	if i.Days != 0 {
		text += fmt.Sprintf("%dD", i.Days)
	}
	if i.Microseconds == 0 && text != "P" {
		return text, nil
	}
	text += "T"
	const minute, hour = 60_000_000, 3_600_000_000
	rest := i.Microseconds
	if n := rest / hour; n != 0 {
		text += fmt.Sprintf("%dH", n)
	}
	if n := rest % hour / minute; n != 0 {
		text += fmt.Sprintf("%dM", n)
	}
	if rest %= minute; rest != 0 || i.Microseconds == 0 {
		text += strconv.FormatFloat(float64(rest)/1e6, 'f', -1, 64) + "S"
	}
	return text, nil
}

var isoLength = regexp.MustCompile(`^P(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+(?:\.\d+)?)S)?)?$`)

func readInterval(raw []byte) (any, error) {
	text, err := readAs[string](raw)
	if err != nil {
		return nil, err
	}
	m := isoLength.FindStringSubmatch(text.(string))
	if m == nil || text == "P" {
		return nil, fmt.Errorf("%q is no length of time as PT2H30M", text)
	}
	var n [6]float64
	for i, part := range m[1:] {
		if part == "" {
			continue
		}
		if n[i], err = strconv.ParseFloat(part, 64); err != nil {
			return nil, err
		}
	}
	micros := math.Round((n[2]*3600 + n[3]*60 + n[4]) * 1e6)
	if math.Abs(n[0]) > math.MaxInt32 || math.Abs(n[1]) > math.MaxInt32 || math.Abs(micros) > 1<<53 {
		return nil, fmt.Errorf("%q is too long", text)
	}
	return pgtype.Interval{Months: int32(n[0]), Days: int32(n[1]), Microseconds: int64(micros), Valid: true}, nil
}

// jsonWriter writes values as JSON, with <, > and & as they are.
type jsonWriter struct {
	bytes.Buffer
	enc *json.Encoder
}

func newJSONWriter() *jsonWriter {
	w := &jsonWriter{}
	w.enc = json.NewEncoder(&w.Buffer)
	w.enc.SetEscapeHTML(false)
	return w
}

// put appends v, of a type that exportTypes knows; nil is null.
func (w *jsonWriter) put(typ string, v any) error {
	if v == nil {
		w.WriteString("null")
		return nil
	}
	x, err := exportTypes[typ].write(v)
	if err == nil {
		err = w.enc.Encode(x)
	}
	if err == nil {
		w.Truncate(w.Len() - 1) // the line break
	}
	return err
}
