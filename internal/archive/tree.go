package archive

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Form is what an address of an old archive showed of a meeting.
type Form string

const (
	LogForm     Form = "log"
	MinutesForm Form = "minutes"
)

// OldPath is where something of a log was to be found in its archive.
type OldPath struct {
	Path string // below the root of the archive, with slashes, without one at the beginning
	Form Form
}

// Source is one log of a folder, in all the forms in which it is there.
type Source struct {
	Files   []string  // that hold the log, the best first; below the folder, with slashes
	Beside  []string  // minutes that were made of it
	Channel string    // by the names of its folders; "" when they do not tell
	Guessed bool      // Channel is only what the log's own name begins with
	Old     []OldPath // of an archive of meetings; none of a log that stands for itself
}

// Meeting reports whether s lies in an archive as a meeting bot keeps it, so that
// it is certainly a log.
func (s Source) Meeting() bool { return len(s.Old) > 0 }

// Left is a file that is no log, and why it is taken for none.
type Left struct{ Path, Why string }

// forms of a log as the meeting bots write it, the best first: JSON has dates
// and zones. The minutes lie beside it under the same name.
var (
	logForms     = []string{".log.json", ".log.txt", ".log.html"}
	minutesForms = []string{".moin.txt", ".html", ".txt", ".rst", ".mw", ".md", ".json"}
)

// Filed reports whether p may be the path of something in an archive of meetings,
// by its ending.
func Filed(p string) bool {
	_, log := cutForm(p, logForms)
	_, minutes := cutForm(p, minutesForms)
	return log != "" || minutes != ""
}

// dated is the name of what a meeting bot makes of one meeting, without the
// ending.
var dated = regexp.MustCompile(`^.+\.\d{4}-\d{2}-\d{2}([-T]\d{2}[.:]?\d{2}([.:]?\d{2})?)?$`)

// Sources sorts the files of a folder, whose own name is root: logs, in all their
// forms, and what else lies about.
func Sources(root string, files []string) ([]Source, []Left) {
	files = slices.Clone(files)
	slices.Sort(files)
	meetings := map[string]*Source{} // by path without the ending
	for _, f := range files {
		if stem, form := cutForm(f, logForms); form != "" && dated.MatchString(path.Base(stem)) {
			s := meetings[stem]
			if s == nil {
				s = &Source{}
				s.Channel, s.Guessed = channelOf(root, f, true)
				meetings[stem] = s
			}
			s.Files = append(s.Files, f)
			s.Old = append(s.Old, OldPath{f, LogForm})
		}
	}
	var list []*Source
	listed := map[*Source]bool{}
	var left []Left
	for _, f := range files {
		if stem, form := cutForm(f, logForms); form != "" && meetings[stem] != nil {
			if s := meetings[stem]; !listed[s] {
				listed[s] = true
				slices.SortStableFunc(s.Files, func(a, b string) int { return formRank(a) - formRank(b) })
				list = append(list, s)
			}
			continue
		}
		if stem, form := cutForm(f, minutesForms); form != "" && meetings[stem] != nil {
			s := meetings[stem]
			s.Beside = append(s.Beside, f)
			s.Old = append(s.Old, OldPath{f, MinutesForm})
			continue
		}
		if why := noLog(f); why != "" {
			left = append(left, Left{f, why})
			continue
		}
		s := &Source{Files: []string{f}}
		s.Channel, s.Guessed = channelOf(root, f, false)
		list = append(list, s)
	}
	sources := make([]Source, len(list))
	for i, s := range list {
		sources[i] = *s
	}
	return sources, left
}

func cutForm(name string, forms []string) (stem, form string) {
	for _, form := range forms {
		if stem, ok := strings.CutSuffix(name, form); ok && path.Base(stem) != "." && stem != "" {
			return stem, form
		}
	}
	return "", ""
}

func formRank(name string) int {
	_, form := cutForm(name, logForms)
	return slices.Index(logForms, form)
}

// noLog says why a file is no log by its name; "" for one that may be.
func noLog(name string) string {
	base := path.Base(name)
	if strings.HasPrefix(base, ".") {
		return "it is hidden"
	}
	switch ext := strings.ToLower(path.Ext(base)); ext {
	case ".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz":
		return "it is packed; unpack it first"
	case ".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".pdf", ".ics", ".xml", ".atom", ".rss", ".db", ".sqlite", ".pickle":
		return "it is no log by its name"
	}
	if strings.HasPrefix(strings.ToLower(base), "index.") {
		return "it is a list of others"
	}
	return ""
}

var year = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2})?)?$|^\d{2}$`)

// channelOf is the channel that the names on the way to a file tell: one that
// begins with "#"; for a meeting bot's, else, the folder that is no year, month or
// day, where folders lie as the bots lay them. A log that lies with all others
// begins with it, unless its meeting had a name; so that is a guess.
func channelOf(root, file string, meeting bool) (channel string, guessed bool) {
	base := unescaped(path.Base(file))
	var inside []string
	if dir := path.Dir(file); dir != "." {
		inside = strings.Split(dir, "/")
	}
	slices.Reverse(inside)
	names := append([]string{base}, inside...)
	names = append(names, path.Base(root))
	for k, name := range names {
		names[k] = unescaped(name)
		if strings.HasPrefix(names[k], "#") {
			return inName(names[k]), false
		}
	}
	if !meeting {
		return "", false
	}
	if len(inside) > 0 {
		for _, name := range names[1:] {
			if !year.MatchString(name) && strings.Trim(name, "./") != "" {
				return "#" + name, false
			}
		}
	}
	return "#" + inName(base), true
}

func unescaped(name string) string {
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

// inName is the channel at the beginning of a file's or folder's name.
func inName(name string) string {
	name = strings.TrimSuffix(name, ".log")
	if i := strings.IndexAny(name, " ,:\x07"); i > 0 {
		name = name[:i]
	}
	if m := dateAt.FindStringIndex(name); m != nil {
		name = strings.TrimRight(name[:m[0]], "._-")
	}
	for _, ext := range []string{".txt", ".html", ".json", ".log", ".weechatlog"} {
		name = strings.TrimSuffix(name, ext)
	}
	if strings.Trim(name, "#") == "" {
		return ""
	}
	return name
}

var dateAt = regexp.MustCompile(`\d{4}-?\d{2}(-?\d{2})?`)

// titles in which a meeting bot names the channel of what it made.
var titles = []*regexp.Regexp{
	regexp.MustCompile(`(?i)<title>\s*([#&+!][^\s,:<]+?)(?::| log| meeting|\s*<)`),
	regexp.MustCompile(`(?m)^([#&+!][^\s,:]+)(?:: | Meeting$)`),
}

// ChannelIn finds the channel in the head of minutes or of a log in HTML that a
// meeting bot made; "" when it does not tell.
func ChannelIn(head string) string {
	for _, t := range titles {
		if m := t.FindStringSubmatch(head); m != nil {
			return m[1]
		}
	}
	return ""
}
