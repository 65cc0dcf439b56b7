package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// setAside copies damaged, which is at off in seg, to a file in the folder
// aside.
func (s *Spool) setAside(seg *segment, off int64, damaged []byte) Aside {
	name := filepath.Base(seg.path)
	a := Aside{Segment: name, Offset: off, Bytes: int64(len(damaged))}
	a.File = filepath.Join(s.dir, asideName, fmt.Sprintf("%s-%d.bad", name, off))
	a.New, a.Err = writeAside(a.File, damaged)
	if a.New {
		s.o.Log.Error("damaged bytes in the spool were kept aside", "segment", name, "offset", off, "bytes", a.Bytes, "file", a.File)
	}
	return a
}

// writeAside makes the file path of data and reports whether it is new.
func writeAside(path string, data []byte) (bool, error) {
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(data)) {
		return false, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("spool: keep aside: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return false, fmt.Errorf("spool: keep aside: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return false, fmt.Errorf("spool: keep aside: %w", err)
	}
	return true, nil
}
