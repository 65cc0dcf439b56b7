package export

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
)

// readManifest reads what dir says of itself.
func readManifest(dir string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return m, fault.New(fault.Invalid, "%s is no export: it has no %s.", dir, manifestName)
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, damaged(manifestName, jsonLine(text, err), "it is no JSON: %v", err)
	}
	if m.Format != Format {
		return m, fault.New(fault.Invalid, "%s: an export of format %q; this version reads %q.", manifestName, m.Format, Format)
	}
	return m, nil
}

// damaged says what is wrong with a file of an export; line 0 is all of it.
func damaged(path string, line int64, format string, args ...any) error {
	where := path
	if line > 0 {
		where = fmt.Sprintf("%s, line %d", path, line)
	}
	return fault.New(fault.Invalid, "%s: %s. Nothing was imported.", where, fmt.Sprintf(format, args...))
}

// jsonLine is the line in which text stops being JSON.
func jsonLine(text []byte, err error) int64 {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return int64(bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))) + 1
	}
	return 0
}

// Read brings the export in dir into st, which has to be empty: all of it, or
// nothing when anything is wrong. Every file is compared with the manifest
// before the first row is looked at. progress is told how far it came; it may be
// nil.
func Read(ctx context.Context, st *store.Store, dir string, progress func(step string, done, all int64)) (Manifest, error) {
	m, err := readManifest(dir)
	if err != nil {
		return m, err
	}
	r := reader{dir: dir, Manifest: m, tell: Options{Progress: progress}}
	schema, err := st.SchemaVersion(ctx)
	if err != nil {
		return m, err
	}
	if m.Schema > schema {
		return m, fault.New(fault.Invalid,
			"The export is newer than this program: hackfest %s wrote it, with schema %d, and this one knows %d. Import it with that version or a newer one.",
			m.Program, m.Schema, schema)
	}
	if err := r.verify(ctx); err != nil {
		return m, err
	}
	return m, st.Import(ctx, func(x *store.Importing) error { return r.load(ctx, x) })
}

// reader reads an export.
type reader struct {
	Manifest
	dir       string
	tell      Options
	done, all int64 // bytes
}

// verify compares each file with the manifest.
func (r *reader) verify(ctx context.Context) error {
	for _, f := range r.Files {
		r.all += f.Bytes
	}
	for _, f := range r.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.verifyFile(f); err != nil {
			return err
		}
		r.done += f.Bytes
		r.tell.progress("verifying", r.done, r.all)
	}
	return nil
}

// verifyFile says how a file differs from what the manifest says, and where, if
// that can be told.
func (r *reader) verifyFile(f File) error {
	if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
		return damaged(manifestName, 0, "it names %q, which is outside of the export", f.Path)
	}
	in, err := os.Open(r.path(f))
	if errors.Is(err, os.ErrNotExist) {
		return damaged(f.Path, 0, "it is in the manifest, and missing in the folder")
	}
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	sum := sha256.New()
	size, err := io.Copy(sum, in)
	if err != nil {
		return err
	}
	if size == f.Bytes && hex.EncodeToString(sum.Sum(nil)) == f.SHA256 {
		return nil
	}
	if f.Table != "" {
		if err := r.firstBroken(f); err != nil {
			return err
		}
	}
	if size != f.Bytes {
		return damaged(f.Path, 0, "it has %d bytes, and the manifest says %d", size, f.Bytes)
	}
	return damaged(f.Path, 0, "it was changed since it was written: its SHA-256 is not that of the manifest")
}

// firstBroken looks for the line at which a file of rows is damaged; without an
// error it is no line by itself.
func (r *reader) firstBroken(f File) error {
	n := int64(0)
	for text, err := range lines(r.path(f)) {
		n++
		if err != nil {
			return damaged(f.Path, n, "it ends in the middle of a line")
		}
		if err := json.Unmarshal(text, new(map[string]json.RawMessage)); err != nil {
			return damaged(f.Path, n, "it is damaged here: %v", err)
		}
	}
	if n < f.Rows {
		return damaged(f.Path, n+1, "it ends here, and the manifest says that it has %d lines", f.Rows)
	}
	return nil
}

func (r *reader) path(f File) string { return filepath.Join(r.dir, filepath.FromSlash(f.Path)) }

// lines reads the lines of a file. One that does not end is an error.
func lines(path string) func(yield func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		in, err := os.Open(path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer in.Close() //nolint:errcheck // it was only read
		b := bufio.NewReaderSize(in, 1<<16)
		var long []byte // a line that is longer than the buffer
		for {
			text, err := b.ReadSlice('\n')
			switch {
			case errors.Is(err, bufio.ErrBufferFull):
				long = append(long, text...)
				continue
			case errors.Is(err, io.EOF) && len(text)+len(long) == 0:
				return
			case err != nil:
				if errors.Is(err, io.EOF) {
					err = io.ErrUnexpectedEOF
				}
				yield(nil, err)
				return
			}
			if len(long) > 0 {
				text = append(long, text...)
				long = long[:0]
			}
			if !yield(text[:len(text)-1], nil) {
				return
			}
		}
	}
}

// load puts all tables in, in the order that the store wants.
func (r *reader) load(ctx context.Context, x *store.Importing) error {
	r.done, r.all = 0, 0
	for _, t := range r.Tables {
		if !slices.Contains(x.Tables(), t.Name) {
			return damaged(manifestName, 0, "it has a table %q that this version does not know", t.Name)
		}
		r.all += t.Rows
	}
	for _, table := range x.Tables() {
		n, err := x.Load(ctx, table, r.rows(ctx, table))
		if wrong, ok := errors.AsType[*store.RowError](err); ok {
			return r.name(wrong)
		}
		if err != nil {
			return err
		}
		if want := r.Manifest.Rows(table); n != want {
			return damaged(manifestName, 0, "it says that there are %d rows of %s, and there are %d", want, table, n)
		}
		r.done += n
		r.tell.progress("importing", r.done, r.all)
	}
	return nil
}

// rows are those of a table, from all its files.
func (r *reader) rows(ctx context.Context, table string) store.LoadedRows {
	return func(yield func([]byte, error) bool) {
		n := int64(0)
		for _, f := range r.Files {
			if f.Table != table {
				continue
			}
			for text, err := range lines(r.path(f)) {
				if n++; n%often == 0 {
					r.tell.progress("importing", r.done+n, r.all)
					if err == nil {
						err = ctx.Err()
					}
				}
				if !yield(text, err) || err != nil {
					return
				}
			}
		}
	}
}

// name says in which file and line a row is that cannot be taken.
func (r *reader) name(wrong *store.RowError) error {
	row := wrong.Row
	if row == 0 { // Postgres checked them all together
		return damaged(wrong.Table, 0, "%s", wrong.Why)
	}
	for _, f := range r.Files {
		if f.Table != wrong.Table {
			continue
		}
		if row <= f.Rows {
			return damaged(f.Path, row, "%s", wrong.Why)
		}
		row -= f.Rows
	}
	return damaged(wrong.Table, 0, "%s", wrong.Why)
}
