// Package export writes a whole community into a folder, as files that a person
// can read and another program can parse, and brings such a folder into an empty
// portal. What leaves, and by which names rows refer to each other, the store
// decides; this package keeps the files, their manifest and the minutes beside
// them. It starts nothing and reads no clock.
package export

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/store"
)

// Format names this version of the folder. A change that a reader could stumble
// over gets a new number.
const Format = "hackfest.export/1"

// manifestName is the file that lists all others.
const manifestName = "manifest.json"

// Manifest says what an export holds.
type Manifest struct {
	Format  string    `json:"format"`
	Program string    `json:"program"` // version that wrote it
	Schema  int64     `json:"schema"`  // number of the newest migration of the database
	MadeAt  time.Time `json:"made_at"`
	Private bool      `json:"private"` // made with --with-private
	Tables  []Table   `json:"tables"`  // those that others refer to first
	Files   []File    `json:"files"`   // all but the manifest; those of one table follow each other
}

// Table is one table of an export.
type Table struct {
	Name   string   `json:"name"`
	About  string   `json:"about"`
	Key    string   `json:"key"` // fields by which others name its rows; "" is the number of the row, from 1 on
	Fields []string `json:"fields"`
	Rows   int64    `json:"rows"`
}

// File is one file of an export.
type File struct {
	Path   string `json:"path"`            // in the folder, with slashes
	Table  string `json:"table,omitempty"` // whose rows it holds; "" is none
	Rows   int64  `json:"rows,omitempty"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal
}

// Rows returns how many rows of a table the export holds.
func (m Manifest) Rows(table string) int64 {
	for _, t := range m.Tables {
		if t.Name == table {
			return t.Rows
		}
	}
	return 0
}

// Options say how an export is made.
type Options struct {
	Dir     string // the folder; it comes to be when all is written
	Replace bool   // an earlier export may be there
	Private bool   // with mail addresses and the like; see the README of the export
	Now     time.Time
	Program string // version of this program
	// Progress is told how much of all is done, of the step that is under way;
	// nil is not.
	Progress func(step string, done, all int64)
}

func (o Options) progress(step string, done, all int64) {
	if o.Progress != nil {
		o.Progress(step, done, all)
	}
}

// tables are what the store says of its tables, as the manifest has it.
func tables(list []store.ExportedTable) []Table {
	out := make([]Table, len(list))
	for i, t := range list {
		out[i] = Table(t)
	}
	return out
}
