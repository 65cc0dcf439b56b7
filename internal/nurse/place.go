package nurse

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// readMost is how much of a file is searched.
const readMost = 1 << 20

// lookFile looks whether a file or folder is there and, when asked, whether it
// holds some text. What else it holds nobody is told.
func lookFile(_ context.Context, c hackfest.Check) finding {
	path, err := home(c.Path)
	if err != nil {
		return finding{unknown, err.Error()}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return finding{ill, path + " is not there"}
	case err != nil:
		return finding{unknown, hidden(path, err)}
	case c.Value == "":
		return finding{well, path + " is there"}
	case !info.Mode().IsRegular(): // reading a pipe would wait, and a device may do anything
		return finding{ill, path + " is not a file"}
	case drains(path):
		return finding{unknown, path + " is emptied by reading it"}
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return finding{unknown, hidden(path, err)}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, readMost))
	switch {
	case err != nil:
		return finding{unknown, hidden(path, err)}
	case bytes.Contains(data, []byte(c.Value)):
		return finding{well, path + " says so"}
	case info.Size() > readMost:
		return finding{unknown, path + " does not say so in its first MiB, and is longer"}
	}
	return finding{ill, path + " does not say: " + c.Value}
}

// drains reports whether path is one of the kernel's that look like files and give
// what they hold to one reader only, for whom they wait.
func drains(path string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return slices.Contains([]string{"kmsg", "trace_pipe", "trace_pipe_raw"}, filepath.Base(path)) &&
		(strings.HasPrefix(path, "/proc/") || strings.HasPrefix(path, "/sys/"))
}

// lookEnv looks at a variable of the environment. Its value may be a secret and
// is never told.
func lookEnv(_ context.Context, c hackfest.Check) finding {
	value, set := os.LookupEnv(c.Name)
	switch {
	case !set || value == "" && c.Value == "":
		return finding{ill, c.Name + " is not set"}
	case c.Value != "" && value != c.Value:
		return finding{ill, c.Name + " is set to something else"}
	}
	return finding{well, c.Name + " is set"}
}
