package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set by the build: -ldflags "-X main.version=1.2.3".
var version = "dev"

// zoneinfo is where machines keep their zone database.
const zoneinfo = "/usr/share/zoneinfo"

// versionCommand is hackfest version.
type versionCommand struct{}

// Run prints four lines.
func (versionCommand) Run(s streams) error {
	_, err := fmt.Fprintf(s.out, "hackfest  %s\ncommit    %s\ngo        %s %s/%s\ntzdata    %s\n",
		version, commit(), strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH, tzdata(zoneinfo))
	return err
}

// commit is the revision the program was built from, with a star when files
// were changed since.
func commit() string {
	info, _ := debug.ReadBuildInfo()
	revision, star := "unknown", ""
	if info != nil {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				star = "*"
			}
		}
	}
	return revision + star
}

// tzdata says which release of the zone database is used: the machine's in dir
// where there is one, else the one in the program.
func tzdata(dir string) string {
	for _, name := range []string{"+VERSION", "version", "tzdata.zi"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		line, _, _ := strings.Cut(string(text), "\n")
		if release := strings.TrimSpace(strings.TrimPrefix(line, "# version")); release != "" && len(release) < 20 {
			return release + " (" + dir + ")"
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "UTC")); err == nil {
		return "of unknown release (" + dir + ")"
	}
	return "built in, as of Go " + strings.TrimPrefix(runtime.Version(), "go")
}
