package nurse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// lookCPU looks for a flag of the processor. Where no flag says that it can run
// guests, as on ARM, it can when KVM has registered its device: that it does once
// it found what it needs.
func lookCPU(ctx context.Context, c hackfest.Check) finding {
	wanted := []string{c.Name}
	if c.Name == "" {
		wanted = []string{"vmx", "svm"}
	}
	list, err := cpu.InfoWithContext(ctx)
	if err != nil || len(list) == 0 {
		return finding{unknown, "this system does not say what its processor can do"}
	}
	for _, flag := range wanted {
		if slices.Contains(list[0].Flags, strings.ToLower(flag)) {
			return finding{well, strings.ToLower(flag) + " is there"}
		}
	}
	if c.Name == "" && kvmRuns() {
		return finding{well, "no flag says so, but KVM runs on it"}
	}
	if len(list[0].Flags) == 0 {
		return finding{unknown, "this processor tells no flags"}
	}
	return finding{ill, "no " + strings.Join(wanted, " and no ") + " among the flags of the processor"}
}

// kvmRuns reports whether the kernel lists the device of KVM. The file /dev/kvm
// proves nothing: anybody can make one.
func kvmRuns() bool {
	text, err := os.ReadFile("/proc/misc")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[1] == "kvm" {
			return true
		}
	}
	return false
}

const mib = 1 << 20

// lookMemory compares the memory with what is needed. A machine keeps a part for
// itself before anybody can see it: a sixteenth less will do.
func lookMemory(ctx context.Context, c hackfest.Check) finding {
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return finding{unknown, "the system does not say how much memory there is"}
	}
	total, of := m.Total, ""
	if limit := memoryLimit("/sys/fs/cgroup/"); limit > 0 && limit < total {
		total, of = limit, " for this container"
	}
	return enough(total, uint64(c.Least)*mib*15/16, c.Least, of)
}

// memoryLimit is how many bytes of memory a container has by its control groups,
// whose version 2 or 1 stands at dir; 0 when there is no limit, or none that can
// be seen.
func memoryLimit(dir string) uint64 {
	for _, file := range []string{"memory.max", "memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(dir + file)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
			return n // else it is "max"
		}
	}
	return 0
}

// lookDisk looks how much can still be written. A path that is not there yet is
// judged by where it would be made; but a home directory is there, and for whoever
// runs this to write to.
func lookDisk(ctx context.Context, c hackfest.Check) finding {
	path, err := home(cmp.Or(c.Path, "/"))
	if err != nil {
		return finding{unknown, err.Error()}
	}
	if inHome(c.Path) {
		dir, _ := home("~")
		switch err := syscall.Access(dir, writable); {
		case errors.Is(err, fs.ErrNotExist):
			return finding{ill, "the home directory is not there"}
		case errors.Is(err, fs.ErrPermission):
			return finding{ill, "the home directory is not for this user to write to"}
		}
	}
	at := path
	for {
		_, err := os.Stat(at)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			return finding{unknown, hidden(path, err)}
		}
		at = filepath.Dir(at)
	}
	if errors.Is(syscall.Access(at, writable), syscall.EROFS) {
		return finding{ill, at + " is mounted to be read only"}
	}
	u, err := disk.UsageWithContext(ctx, at)
	if err != nil {
		return finding{unknown, hidden(at, err)}
	}
	return enough(u.Free, uint64(c.Least)*mib, c.Least, " free at "+at)
}

// enough compares what there is with what is needed, in bytes; least is what is
// needed as it was asked for, in MiB.
func enough(have, need uint64, least int64, of string) finding {
	note := size(have) + of
	if have < need {
		return finding{ill, note + ", " + size(uint64(least)*mib) + " are needed"}
	}
	return finding{well, note}
}

// size writes bytes as people read them.
func size(n uint64) string {
	if n >= 1024*mib {
		return strconv.FormatFloat(float64(n)/(1024*mib), 'f', 1, 64) + " GiB"
	}
	return strconv.FormatUint(n/mib, 10) + " MiB"
}

// other names of systems and processors.
var (
	systemNames = map[string]string{"rhel": "redhat", "ol": "oracle", "amzn": "amazon", "macos": "darwin"}
	archNames   = map[string]string{"amd64": "x86_64", "x86-64": "x86_64", "arm64": "aarch64", "i386": "i686"}
)

func standard(names map[string]string, name string) string {
	name = strings.ToLower(name)
	if other, ok := names[name]; ok {
		return other
	}
	return name
}

func lookOS(ctx context.Context, c hackfest.Check) finding {
	name, version := system(ctx)
	if name == "" {
		return finding{unknown, "the system does not say what it is"}
	}
	seen := strings.TrimSpace(name + " " + version)
	if standard(systemNames, name) != standard(systemNames, c.Name) {
		return finding{ill, "this is " + seen}
	}
	return versioned(seen, version, c.Version)
}

// system is the name and the release of the system; both "" when it does not say.
// One that descends from Debian is taken for it unless its own file is asked.
func system(ctx context.Context) (name, version string) {
	name, _, version, err := host.PlatformInformationWithContext(ctx)
	if err != nil {
		return "", ""
	}
	if name != "debian" {
		return name, version
	}
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return name, version
	}
	return descended(string(text), name, version)
}

// descended is the name and the release in an os-release file, when they are not
// those of the system named.
func descended(release, name, version string) (string, string) {
	is := map[string]string{}
	for line := range strings.Lines(release) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		is[key] = strings.Trim(value, `"'`)
	}
	if is["ID"] == "" || is["ID"] == name {
		return name, version
	}
	return is["ID"], is["VERSION_ID"]
}

func lookArch(_ context.Context, c hackfest.Check) finding {
	arch, err := host.KernelArch()
	switch {
	case err != nil:
		return finding{unknown, "the system does not say what processor it has"}
	case standard(archNames, arch) != standard(archNames, c.Name):
		return finding{ill, "this is " + arch}
	}
	return finding{well, arch}
}

// lookModule looks for a module of the Linux kernel: loaded, built in, or at
// least there to be loaded.
func lookModule(_ context.Context, c hackfest.Check) finding {
	return module("/sys/module/", "/lib/modules/", c.Name)
}

// module looks for one where the kernel shows those that are loaded, and in the
// lists that come with each kernel: many that are built in stand in those only.
func module(loaded, lists, name string) finding {
	name = strings.ReplaceAll(name, "-", "_")
	if strings.ContainsAny(name, "/.") {
		return finding{ill, "that is no name of a module"}
	}
	if _, err := os.Stat(loaded); err != nil {
		return finding{unknown, "no kernel shows its modules here, in /sys/module"}
	}
	if _, err := os.Stat(loaded + name); err == nil {
		return finding{well, "loaded"}
	}
	release, err := host.KernelVersion()
	if err != nil {
		return finding{unknown, "the system does not say which kernel it runs"}
	}
	builtIn, err := listed(lists+release+"/modules.builtin", name)
	if builtIn {
		return finding{well, "built into the kernel"}
	}
	if there, _ := listed(lists+release+"/modules.dep", name); there {
		return finding{ill, "not loaded, but there: modprobe " + name}
	}
	if err != nil {
		return finding{unknown, "not loaded; whether it is built in nothing says here, in /lib/modules/" + release}
	}
	return finding{ill, "not loaded, and not among the modules of kernel " + release}
}

// listed reports whether a list of modules has one of that name.
func listed(file, name string) (bool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(string(text)) {
		path, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		base, _, _ := strings.Cut(filepath.Base(path), ".ko")
		if strings.ReplaceAll(base, "-", "_") == name {
			return true, nil
		}
	}
	return false, nil
}

// writable is W_OK of access(2).
const writable = 2

// inHome reports whether path begins with the home directory.
func inHome(path string) bool { return path == "~" || strings.HasPrefix(path, "~/") }

// home puts the home directory in the place of a ~ at the beginning.
func home(path string) (string, error) {
	if !inHome(path) {
		return path, nil
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("HOME is not set, so nothing says where the home directory is")
	}
	return filepath.Join(dir, path[1:]), nil
}

// tilde is text with a ~ in the place of the home directory dir, which often tells
// the name of who works here. Where nothing is set, it is the one that the system
// knows of.
func tilde(text, dir string) string {
	if dir == "" {
		if who, err := user.Current(); err == nil {
			dir = who.HomeDir
		}
	}
	dir = filepath.Clean(dir)
	if dir == "." || dir == "/" {
		return text
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, dir)
		b.WriteString(before)
		switch {
		case !found:
			return b.String()
		case after == "" || strings.ContainsAny(after[:1], "/ ,:;"):
			b.WriteByte('~')
		default:
			b.WriteString(dir) // the beginning of another name
		}
		text = after
	}
}

// hidden says why something could not be looked at.
func hidden(path string, err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission) && os.Geteuid() == 0:
		return path + " is not to be seen, even by root"
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("%s is not for this user to see; root may", path)
	}
	return fmt.Sprintf("%s cannot be looked at", path)
}
