package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/eucalyptus/hackfest/internal/spool"
)

// What should be free in the data directory, in bytes.
const (
	mib       = 1 << 20
	tooLittle = 256 * mib // less than a full spool needs
	little    = 1024 * mib
)

// space is what is left of a file system.
type space struct {
	free     uint64 // bytes that we may use
	noFiles  bool   // no more files can be made, whatever is free
	readOnly bool
}

func spaceOf(dir string) (space, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return space{}, err
	}
	const readOnly = 1 // ST_RDONLY and MNT_RDONLY alike
	return space{
		free:     uint64(st.Bavail) * uint64(st.Bsize),
		noFiles:  st.Files > 0 && st.Ffree == 0,
		readOnly: uint64(st.Flags)&readOnly != 0,
	}, nil
}

const dataCheck = "data directory"

// dataDir looks whether the program can keep its files.
func (e *examination) dataDir(context.Context) []Finding {
	dir := e.chosen.DataDir
	if dir == "" || e.wrong("HACKFEST_DATA_DIR") {
		return nil
	}
	there, above := dir, false
	info, err := os.Stat(there)
	for errors.Is(err, fs.ErrNotExist) && there != "/" {
		there, above = filepath.Dir(there), true
		info, err = os.Stat(there)
	}
	switch {
	case err != nil:
		return []Finding{{dataCheck, Problem, fmt.Sprintf("%s cannot be looked at: %s.", dir, reason(err)), "Run this as the user who runs the portal, or choose another directory with HACKFEST_DATA_DIR."}}
	case !info.IsDir():
		return []Finding{{dataCheck, Problem, there + " is not a directory.", "Choose another directory with HACKFEST_DATA_DIR."}}
	}
	if f, bad := access(there, above, info); bad {
		return []Finding{f}
	}
	list := []Finding{e.room(dir, there)}
	if !above && info.Mode().Perm()&0o066 != 0 {
		list = append(list, Finding{
			dataCheck, Warning, fmt.Sprintf("%s can be read or written by other users (mode %04o).", dir, info.Mode().Perm()),
			"Close it: chmod go-rw " + dir,
		})
	}
	return list
}

// access says what is wrong with the rights of dir, which is the data directory
// or, above it, the one it will be made in.
func access(dir string, above bool, info fs.FileInfo) (f Finding, bad bool) {
	owner, me := int(info.Sys().(*syscall.Stat_t).Uid), os.Geteuid()
	const write, pass = 2, 1 // access(2)
	if err := syscall.Access(dir, write|pass); err != nil {
		what := dir + " cannot be written"
		if above {
			what = "The data directory does not exist, and " + dir + ", where it would be made, cannot be written"
		}
		return Finding{
			dataCheck, Problem, fmt.Sprintf("%s by %s: %s.", what, userName(me), reason(err)),
			fmt.Sprintf("Make it and give it to the user who runs the portal: install -d -m 700 -o %s DIRECTORY; or run this as that user.", userName(me)),
		}, true
	}
	if !above && owner != me {
		return Finding{
			dataCheck, Warning, fmt.Sprintf("%s belongs to %s, and this is %s; what the portal may do cannot be said.", dir, userName(owner), userName(me)),
			"Run hackfest doctor as the user who runs the portal.",
		}, true
	}
	return Finding{}, false
}

// room is how much is left for the data directory dir in there.
func (e *examination) room(dir, there string) Finding {
	s, err := e.space(there)
	left := size(s.free) + " free"
	switch {
	case err != nil:
		return Finding{dataCheck, Warning, fmt.Sprintf("How much is free in %s cannot be said: %s.", there, reason(err)), "Look with df."}
	case s.readOnly:
		return Finding{dataCheck, Problem, dir + " is on a file system that is mounted read-only.", "Mount it for writing, or choose another directory with HACKFEST_DATA_DIR."}
	case s.noFiles:
		return Finding{dataCheck, Problem, "The file system of " + dir + " has no room for more files.", "Remove what is not needed there (df -i), or choose another directory with HACKFEST_DATA_DIR."}
	case s.free < tooLittle:
		return Finding{dataCheck, Problem, fmt.Sprintf("%s has only %s; lines are lost when it is full.", dir, left), "Make room: 1 GiB is enough for the spool."}
	case s.free < little:
		return Finding{dataCheck, Warning, fmt.Sprintf("%s has only %s.", dir, left), "Make room: the spool may need 256 MiB, and a private Postgres grows."}
	}
	return Finding{dataCheck, OK, fmt.Sprintf("%s, %s.", dir, left), ""}
}

// spool looks at the lines that wait for Postgres.
func (e *examination) spool(context.Context) []Finding {
	const check = "spool"
	if e.chosen.DataDir == "" || e.wrong("HACKFEST_DATA_DIR") || !e.has(e.chosen.Roles.Bot) {
		return nil
	}
	dir := filepath.Join(e.chosen.DataDir, "spool")
	s, err := spool.Look(dir)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil // the data directory is at fault, and was named
	}
	if err != nil {
		return []Finding{{check, Problem, fmt.Sprintf("%s cannot be read: %s.", dir, reason(err)), "It must belong to the user who runs the portal: chown -R USER " + dir}}
	}
	if !s.Exists {
		return []Finding{{check, OK, "None yet; the bot makes it.", ""}}
	}
	var list []Finding
	if s.Aside > 0 {
		list = append(list, Finding{
			check, Warning, fmt.Sprintf("Damaged stretches of the spool were kept aside: %d in %s.", s.Aside, filepath.Join(dir, "aside")),
			"Lines may be missing. Check the disk (dmesg, smartctl); move the files away once you have looked.",
		})
	}
	// What is written stays a while after Postgres has it, in whole files.
	waiting := fmt.Sprintf("%s of at most %s, the oldest file %s old", size(uint64(s.Bytes)), size(uint64(s.MaxBytes)), age(e.Now().Sub(s.Oldest)))
	switch full := s.Bytes * 100 / s.MaxBytes; {
	case full >= 90:
		list = append(list, Finding{check, Problem, "Nearly full: " + waiting + ". When it is full, lines are lost.", "Bring Postgres back, and see in the log why lines are not stored."})
	case full >= 25:
		list = append(list, Finding{check, Warning, "Lines wait for Postgres: " + waiting + ".", "Bring Postgres back, and see in the log why lines are not stored."})
	case s.Bytes > 0 && !s.InUse:
		list = append(list, Finding{check, OK, "Not in use; what is in it (" + size(uint64(s.Bytes)) + ") is stored at the next start.", ""})
	default:
		list = append(list, Finding{check, OK, size(uint64(s.Bytes)) + " of at most " + size(uint64(s.MaxBytes)) + ".", ""})
	}
	return list
}

// size is a number of bytes for people.
func size(n uint64) string {
	switch {
	case n >= 10<<30:
		return strconv.FormatUint(n>>30, 10) + " GiB"
	case n >= mib:
		return strconv.FormatUint(n>>20, 10) + " MiB"
	}
	return strconv.FormatUint((n+1023)>>10, 10) + " KiB"
}

// age is a duration for people.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return strconv.Itoa(int(d.Hours()/24)) + " days"
	case d >= 2*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " hours"
	case d >= 2*time.Minute:
		return strconv.Itoa(int(d.Minutes())) + " minutes"
	}
	return strconv.Itoa(max(0, int(d.Seconds()))) + " seconds"
}
