package postgres

import (
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is the user Postgres runs as. The zero account is ourselves.
type account struct {
	name   string
	uid    uint32
	gid    uint32
	groups []uint32
}

// other reports whether a is somebody else than us.
func (a account) other() bool { return a.name != "" }

// credential is what makes a child run as a; nil if that is us.
func (a account) credential() *syscall.Credential {
	if !a.other() {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}
}

// own gives path to a.
func (a account) own(path string) error {
	if !a.other() {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// accountFor decides who runs the cluster in dir: we, unless we are root, whom
// Postgres refuses. Then it is the cluster's owner, so that a normal user's
// cluster stays theirs, or for a new one the user postgres, else nobody.
func accountFor(dir string) (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	names := []string{"postgres", "nobody"}
	if info, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid != 0 {
			u, err := user.LookupId(strconv.Itoa(int(uid)))
			if err != nil {
				return account{}, refuse("The cluster in %s belongs to user number %d, whom this machine does not know. "+
					"Give it to user postgres (chown -R postgres %s) and start again.", dir, uid, dir)
			}
			return accountOf(u)
		}
	}
	for _, name := range names {
		if u, err := user.Lookup(name); err == nil {
			return accountOf(u)
		}
	}
	return account{}, refuse("Postgres refuses to run as root, and this machine has neither a user postgres nor nobody. " +
		"Start hackfest as a normal user, or set DATABASE_URL.")
}

func accountOf(u *user.User) (account, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, err
	}
	a := account{name: u.Username, uid: uint32(uid), gid: uint32(gid)}
	ids, err := u.GroupIds()
	if err != nil {
		return a, nil // its own group is enough
	}
	for _, id := range ids {
		if n, err := strconv.ParseUint(id, 10, 32); err == nil {
			a.groups = append(a.groups, uint32(n))
		}
	}
	return a, nil
}

// reach checks that a may pass through every folder above dir, which exists.
// Access control lists are not looked at.
func (a account) reach(dir string) error {
	if !a.other() {
		return nil
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		info, err := os.Stat(up)
		if err != nil {
			return err
		}
		if !a.mayPass(info) {
			return refuse("Postgres refuses to run as root and runs as %s instead, to whom %s is closed. "+
				"Choose a data directory outside it with HACKFEST_DATA_DIR, or open it with chmod o+x %s.", a.name, up, up)
		}
		if up == filepath.Dir(up) {
			return nil
		}
	}
}

func (a account) mayPass(folder fs.FileInfo) bool {
	st := folder.Sys().(*syscall.Stat_t)
	perm := folder.Mode().Perm()
	switch {
	case st.Uid == a.uid:
		return perm&0o100 != 0
	case st.Gid == a.gid || slices.Contains(a.groups, st.Gid):
		return perm&0o010 != 0
	}
	return perm&0o001 != 0
}
