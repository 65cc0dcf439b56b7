package nurse

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// bare is a name that is nothing but a name: no path and no option.
var bare = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+@:-]*$`)

// The version in what a command says of itself: numbers with dots between them, or
// else the first number.
var (
	dotted = regexp.MustCompile(`\d+(\.\d+)+[0-9A-Za-z.~]*`)
	number = regexp.MustCompile(`\b\d+\b`)
)

// versionIn is the version in the first line that holds a number, which is not the
// year of a copyright; "" is none.
func versionIn(said string) string {
	for line := range strings.Lines(said) {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "copyright") {
			continue
		}
		if v := cmp.Or(dotted.FindString(line), number.FindString(line)); v != "" {
			return v
		}
	}
	return ""
}

const (
	sayMost  = 64 << 10 // bytes that are read of what a command says
	askFor   = 2 * time.Second
	afterEnd = 200 * time.Millisecond // for what a command started to let go of its output
)

// packagers are the programs that know what is installed; the first one that is
// there is asked. Each prints the version of what is installed, or fails.
var packagers = []struct {
	program string
	args    []string // the name of the package follows
}{
	{"dpkg-query", []string{"--showformat=${db:Status-Status} ${Version}\n", "--show", "--"}},
	{"rpm", []string{"--query", "--queryformat", "installed %{VERSION}\n", "--"}},
	{"pacman", []string{"--query", "--"}},
	{"apk", []string{"list", "--installed", "--"}},
}

func lookPackage(ctx context.Context, c hackfest.Check) finding {
	if !bare.MatchString(c.Name) {
		return finding{ill, "that is no name of a package"}
	}
	for _, p := range packagers {
		path, err := exec.LookPath(p.program)
		if err != nil {
			continue
		}
		said, err := ask(ctx, path, append(p.args, c.Name)...)
		if _, no := errors.AsType[*exec.ExitError](err); err != nil && !no {
			return finding{unknown, p.program + " does not answer"}
		}
		if _, installed, ok := strings.Cut("\n"+said, "\ninstalled "); ok { // perhaps of one architecture of several
			said = "installed " + installed
		}
		state, version, _ := strings.Cut(strings.TrimSpace(said), " ")
		version, _, _ = strings.Cut(version, "\n")
		if err != nil || said == "" || p.program == "dpkg-query" && state != "installed" {
			return finding{ill, "not installed"}
		}
		if p.program == "apk" {
			version = strings.TrimPrefix(state, c.Name+"-")
		}
		return versioned(version, version, c.Version)
	}
	return finding{unknown, "none of dpkg, rpm, pacman and apk is here to ask"}
}

// lethal are commands that are not asked anything: an old one might take an
// unknown option for a yes.
var lethal = map[string]bool{
	"halt": true, "poweroff": true, "reboot": true, "shutdown": true, "init": true, "telinit": true, "kexec": true, "killall5": true,
	"pm-suspend": true, "pm-hibernate": true, "pm-suspend-hybrid": true,
}

// asks are how a command is asked for its version; a few know another way.
var (
	asks      = [][]string{{"--version"}, {"-V"}}
	otherAsks = map[string][][]string{
		"go": {{"version"}}, "openssl": {{"version"}}, "ssh": {{"-V"}}, "java": {{"-version"}}, "javac": {{"-version"}}, "awk": {{"-W", "version"}}, "mawk": {{"-W", "version"}},
	}
)

func lookCommand(ctx context.Context, c hackfest.Check) finding {
	if !bare.MatchString(c.Name) {
		return finding{ill, "that is no name of a command"}
	}
	path, err := exec.LookPath(c.Name)
	switch {
	case err != nil:
		return finding{ill, "not found in the path"}
	case c.Version == "":
		return finding{well, path}
	case lethal[c.Name]:
		return finding{unknown, c.Name + " is not asked for its version: it might take that for a yes"}
	}
	ways := asks
	if other, ok := otherAsks[c.Name]; ok {
		ways = other
	}
	for _, args := range ways {
		said, err := ask(ctx, path, args...)
		if errors.Is(err, context.DeadlineExceeded) {
			return finding{unknown, c.Name + " is here, but does not answer"}
		}
		if version := versionIn(said); err == nil && version != "" {
			return versioned(c.Name+" "+version, version, c.Version)
		}
	}
	return finding{unknown, c.Name + " is here, but does not say its version"}
}

// keepers are where those that keep several versions of a command have them: the
// variable that says so, and the folder of the home directory if none does. They
// read there, and do not answer without it.
var keepers = map[string]string{"RUSTUP_HOME": ".rustup", "CARGO_HOME": ".cargo", "PYENV_ROOT": ".pyenv", "RBENV_ROOT": ".rbenv", "ASDF_DATA_DIR": ".asdf"}

// surroundings are the environment of a command that is asked for its version. Its
// home is nowhere, so that it leaves nothing there.
func surroundings() []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=/dev/null", "LC_ALL=C"}
	for name, folder := range keepers {
		if dir, err := home(cmp.Or(os.Getenv(name), "~/"+folder)); err == nil {
			env = append(env, name+"="+dir)
		}
	}
	return env
}

// ask runs a program that changes nothing and returns what it says, errors last.
// It gets no input, no terminal, no home to leave something in, and not more than
// two seconds; after them the error is that of a context. What it started ends
// with it.
func ask(ctx context.Context, path string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = surroundings()
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel, cmd.WaitDelay = end, afterEnd
	var said, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &limited{&said, sayMost}, &limited{&wrong, sayMost}
	err := cmd.Run()
	if cmd.Process != nil {
		_ = end() // that nobody of it is left is well
	}
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, exec.ErrWaitDelay): // it has ended well, and what it started had not
		err = nil
	}
	return strings.TrimSpace(strings.TrimSpace(said.String()) + "\n\n" + wrong.String()), err
}

// limited keeps the first bytes of what is written and swallows the rest.
type limited struct {
	to   io.Writer
	left int
}

// Write keeps what there is room for.
func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.to.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// lookService asks whoever keeps the services of this machine: systemd, else a
// script in /etc/init.d, else the list of processes.
func lookService(ctx context.Context, c hackfest.Check) finding {
	if !bare.MatchString(c.Name) {
		return finding{ill, "that is no name of a service"}
	}
	if _, err := os.Stat("/run/systemd/system"); err == nil {
		if path, err := exec.LookPath("systemctl"); err == nil {
			return unit(ctx, path, c)
		}
	}
	if c.State == "enabled" {
		return finding{unknown, "systemd does not run this machine, and nobody else says what starts by itself"}
	}
	running, seen, err := serviceRuns(ctx, scripts, c.Name)
	switch {
	case err != nil:
		return finding{unknown, err.Error()}
	case seen == "" && c.State == "stopped":
		return finding{well, "there is no such service"}
	case seen == "":
		return finding{ill, "there is no such service: no unit, no script in /etc/init.d, no process of that name"}
	case running == (c.State != "stopped"):
		return finding{well, seen}
	}
	return finding{ill, seen}
}

// scripts is where those are that start and stop services without systemd.
const scripts = "/etc/init.d/"

// unit judges a unit of systemd.
func unit(ctx context.Context, systemctl string, c hackfest.Check) finding {
	said, err := ask(ctx, systemctl, "show", "--property=LoadState,ActiveState,UnitFileState", "--", c.Name)
	if err != nil {
		return finding{unknown, "systemd does not answer"}
	}
	is := map[string]string{}
	for line := range strings.Lines(said) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		is[key] = value
	}
	active := is["ActiveState"] == "active" || is["ActiveState"] == "reloading"
	seen := is["ActiveState"]
	if c.State == "enabled" {
		active, seen = strings.HasPrefix(is["UnitFileState"], "enabled"), is["UnitFileState"]
	}
	switch {
	case is["LoadState"] == "not-found" && c.State == "stopped":
		return finding{well, "there is no such service"}
	case is["LoadState"] == "not-found":
		return finding{ill, "there is no such service"}
	case active == (c.State != "stopped"):
		return finding{well, seen}
	}
	return finding{ill, "it is " + seen}
}

// serviceRuns reports whether a service runs where systemd does not, by its script
// in a folder or the list of processes. seen is "" when nothing of that name can
// be found; the error says why that proves nothing.
func serviceRuns(ctx context.Context, scripts, name string) (running bool, seen string, err error) {
	info, err := os.Stat(scripts + name)
	script := err == nil && info.Mode().Perm()&0o111 != 0
	if script {
		said, err := ask(ctx, scripts+name, "status")
		ended, no := errors.AsType[*exec.ExitError](err)
		switch {
		case err == nil:
			return true, "running", nil
		case no && ended.ExitCode() == 3 && !usage.MatchString(said): // LSB: it does not run
			return false, "stopped", nil
		}
	}
	list, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return false, "", errors.New("the system does not say what runs")
	}
	all := false
	for _, p := range list {
		all = all || p.Pid == 1
		have, err := p.NameWithContext(ctx)
		if err != nil || have != name && have != name+"d" {
			continue
		}
		if is, err := p.StatusWithContext(ctx); err != nil || !slices.Contains(is, process.Zombie) {
			return true, "a process " + have + " runs", nil
		}
	}
	switch {
	case script:
		return false, "", errors.New("its script in /etc/init.d does not say whether it runs")
	case !all:
		return false, "", errors.New("not all processes are for this user to see; root may")
	}
	return false, "", nil
}

// usage is what scripts say that do not know the question.
var usage = regexp.MustCompile(`(?i)\busage\b`)
