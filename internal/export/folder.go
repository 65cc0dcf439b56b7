package export

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// folder is an export that is being written: beside the place where it will be,
// so that nobody ever finds half of one.
type folder struct {
	dir   string // where it will be
	work  string // where it is
	files []File
}

// begin makes a folder for o, or says why it cannot be.
func begin(o Options) (*folder, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if err := mayReplace(dir, o.Replace); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".partial-*") // 0700
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Message: "The export is written beside " + dir + " first, and that cannot be: name a folder in one that you may write to.", Err: err}
	}
	return &folder{dir: dir, work: work}, nil
}

// mayReplace refuses a dir with anything in it, but for an earlier export that
// may be replaced.
func mayReplace(dir string, replace bool) error {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fault.New(fault.Invalid, "%s is a file; an export is a folder.", dir)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) == 0 {
		return err
	}
	switch _, err := readManifest(dir); {
	case err != nil:
		return fault.New(fault.Conflict, "%s is not empty, and what is there is no export. Name another folder.", dir)
	case !replace:
		return fault.New(fault.Conflict, "%s holds an export already; --replace puts the new one in its place.", dir)
	}
	return nil
}

// create begins a file of the export. path is in the folder, with slashes.
func (f *folder) create(path, table string) (*file, error) {
	full := filepath.Join(f.work, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return nil, err
	}
	out, err := os.OpenFile(full, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	one := &file{File: File{Path: path, Table: table}, folder: f, out: out, sum: sha256.New()}
	one.w = bufio.NewWriterSize(io.MultiWriter(out, one.sum), 1<<16)
	return one, nil
}

// write makes a file of text.
func (f *folder) write(path string, text []byte) error {
	one, err := f.create(path, "")
	if err != nil {
		return err
	}
	_, err = one.w.Write(text)
	one.Bytes = int64(len(text))
	return errors.Join(err, one.close())
}

// finish writes the manifest and puts the folder where it belongs.
func (f *folder) finish(m Manifest) error {
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if err := f.write(manifestName, append(text, '\n')); err != nil {
		return err
	}
	old, err := os.MkdirTemp(filepath.Dir(f.dir), "."+filepath.Base(f.dir)+".old-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(old) //nolint:errcheck // what is left of it is in nobody's way
	aside := filepath.Join(old, "export")
	if err := os.Rename(f.dir, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(f.work, f.dir); err != nil {
		return errors.Join(err, os.Rename(aside, f.dir))
	}
	return nil
}

// discard removes what was written, unless it is finished.
func (f *folder) discard() error { return os.RemoveAll(f.work) }

// file is one file that is being written.
type file struct {
	File
	folder *folder
	out    *os.File
	sum    hash.Hash
	w      *bufio.Writer
}

// row appends one line.
func (f *file) row(text []byte) error {
	if _, err := f.w.Write(text); err != nil {
		return err
	}
	f.Rows++
	f.Bytes += int64(len(text)) + 1
	return f.w.WriteByte('\n')
}

// close completes a file. Those that hold rows are on disk then.
func (f *file) close() error {
	err := f.w.Flush()
	if err == nil && (f.Table != "" || f.Path == manifestName) {
		err = f.out.Sync()
	}
	if err := errors.Join(err, f.out.Close()); err != nil {
		return err
	}
	f.SHA256 = hex.EncodeToString(f.sum.Sum(nil))
	f.folder.files = append(f.folder.files, f.File)
	return nil
}

// escape is a name as one element of a path, readable and harmless on any disk.
func escape(name string) string {
	const hexits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '#' && i > 0, c == '.' && i > 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexits[c>>4])
			b.WriteByte(hexits[c&15])
		}
	}
	return b.String()
}
