package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// Write exports all of st into a folder. Nothing is there, or what was there
// before, when it fails or ctx ends.
func Write(ctx context.Context, st *store.Store, o Options) (m Manifest, err error) {
	f, err := begin(o)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.discard()) }()
	err = st.Export(ctx, o.Private, func(x *store.Exporting) error {
		list, err := x.Tables(ctx)
		if err != nil {
			return err
		}
		m = Manifest{
			Format: Format, Program: o.Program, Schema: x.Schema, MadeAt: o.Now.UTC().Truncate(time.Second), Private: o.Private,
			Tables: tables(list),
		}
		w := writer{folder: f, x: x, o: o}
		for _, t := range list {
			w.all += t.Rows
		}
		for _, t := range list {
			if err := w.table(ctx, t); err != nil {
				return err
			}
		}
		return w.minutes(ctx, m.Rows("meetings"))
	})
	if err != nil {
		return m, err
	}
	if err := f.write("README.md", readme(m)); err != nil {
		return m, err
	}
	m.Files = f.files
	return m, f.finish(m)
}

// writer writes the tables of an export.
type writer struct {
	folder    *folder
	x         *store.Exporting
	o         Options
	done, all int64 // rows
}

// often is after how many rows progress is told.
const often = 1000

// table writes one table: into one file, or, lines of channel logs, into one for
// each month of each channel.
func (w *writer) table(ctx context.Context, t store.ExportedTable) error {
	var now *file
	var err error
	if t.Name != linesTable { // there, though it may be empty
		if now, err = w.folder.create(t.Name+".jsonl", t.Name); err != nil {
			return err
		}
	}
	err = w.x.Rows(ctx, t.Name, func(row store.ExportedRow) error {
		if path := linesPath(row); t.Name == linesTable && (now == nil || now.Path != path) {
			if now != nil {
				if err := now.close(); err != nil {
					return err
				}
			}
			if now, err = w.folder.create(path, t.Name); err != nil {
				return err
			}
		}
		if w.done++; w.done%often == 0 {
			w.o.progress("exporting", w.done, w.all)
		}
		return now.row(row.JSON)
	})
	if now != nil {
		err = errors.Join(err, now.close())
	}
	w.o.progress("exporting", w.done, w.all)
	return err
}

// linesTable is the table that goes into many files.
const linesTable = "lines"

// linesPath is the file of a line.
func linesPath(row store.ExportedRow) string {
	return "lines/" + escape(row.Network) + "/" + escape(strings.TrimPrefix(row.Channel, "#")) + "/" + row.Month.Format("2006-01") + ".jsonl"
}

// minutes writes the minutes of all meetings that are over, in four forms, those
// for members in a folder of their own.
func (w *writer) minutes(ctx context.Context, all int64) error {
	n := int64(0)
	return w.x.Minutes(ctx, func(m store.ExportedMinutes) error {
		zone, err := time.LoadLocation(m.Zone)
		if err != nil {
			zone = time.UTC
		}
		o := minutes.Options{Zone: zone}
		var asJSON, asHTML bytes.Buffer
		enc := json.NewEncoder(&asJSON)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(m.Minutes); err != nil {
			return err
		}
		if err := templates.MinutesDocument(m.Minutes, o).Render(ctx, &asHTML); err != nil {
			return err
		}
		path := "minutes/"
		if m.Hidden {
			path = "minutes-for-members/"
		}
		path += m.StartedAt.UTC().Format("2006") + "/" + m.Session + "/" + m.ID.String()
		for _, form := range []struct {
			ext  string
			text []byte
		}{
			{".txt", []byte(minutes.Text(m.Minutes, o))},
			{".md", []byte(minutes.Markdown(m.Minutes, o))},
			{".json", asJSON.Bytes()},
			{".html", asHTML.Bytes()},
		} {
			if err := w.folder.write(path+form.ext, form.text); err != nil {
				return err
			}
		}
		if n++; n%10 == 0 || n == all {
			w.o.progress("minutes", n, all)
		}
		return nil
	})
}
