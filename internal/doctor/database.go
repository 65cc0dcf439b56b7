package doctor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/postgres"
	"github.com/eucalyptus/hackfest/internal/store"
)

const dbCheck = "database"

// databaseAnswer is how long Postgres may take for all we ask.
const databaseAnswer = 10 * time.Second

// database examines the Postgres that the portal uses.
func (e *examination) database(ctx context.Context) []Finding {
	if e.wrong("DATABASE_URL") {
		return nil
	}
	url := e.chosen.DatabaseURL
	if url == "" {
		var done []Finding
		if url, done = e.privatePostgres(ctx); url == "" {
			return done
		}
	}
	ctx, cancel := context.WithTimeout(ctx, databaseAnswer)
	defer cancel()
	asked := e.Now()
	x, err := store.Examine(ctx, url)
	if err != nil {
		return []Finding{unreachable(err)}
	}
	list := serverFindings(x.Server, x.Role)
	list = append(list, extensionFindings(x.Extensions, x.Role)...)
	list = append(list, schemaFindings(x.Schema, x.Role)...)
	if x.SetAside > 0 {
		list = append(list, Finding{
			dbCheck, Warning, fmt.Sprintf("Postgres refused what came of %d lines; they are in the table set_aside.", x.SetAside),
			"Look at its column error, and report it: this should never happen.",
		})
	}
	if e.has(e.chosen.Roles.Bot) {
		list = append(list, e.botLock(x.Bot))
	}
	return append(list, clock(x.Server.Clock, asked, e.Now()))
}

// privatePostgres finds the Postgres of the data directory. Without a URL there
// is nothing more to ask.
func (e *examination) privatePostgres(ctx context.Context) (url string, done []Finding) {
	if e.chosen.DataDir == "" || e.wrong("HACKFEST_DATA_DIR") {
		return "", nil
	}
	dir := filepath.Join(e.chosen.DataDir, "postgres")
	s, err := postgres.Look(ctx, dir)
	switch {
	case errors.Is(err, postgres.ErrMissing):
		return "", []Finding{{
			dbCheck, Problem, fmt.Sprintf("DATABASE_URL is not set, and there is no Postgres %d or newer on this machine to run a private one.", postgres.MinMajor),
			"Set DATABASE_URL to a server you have, or install Postgres (Debian, Ubuntu: apt-get install postgresql).",
		}}
	case err != nil:
		message, advice, _ := strings.Cut(plainly(err), ". ")
		if advice == "" {
			advice = "Set DATABASE_URL to use a server that runs already, or run this as the user who runs the portal."
		}
		return "", []Finding{{dbCheck, Problem, "DATABASE_URL is not set, and a private Postgres cannot be used: " + strings.TrimSuffix(message, ".") + ".", advice}}
	case s.Running:
		return s.URL, nil
	case s.Made:
		return "", []Finding{{dbCheck, OK, fmt.Sprintf("A private Postgres %s in %s, which hackfest serve starts. More can be said while it runs.", s.Install.Version, dir), ""}}
	}
	return "", []Finding{{
		dbCheck, OK,
		fmt.Sprintf("DATABASE_URL is not set: hackfest serve will make a private Postgres %s in %s.", s.Install.Version, dir), "",
	}}
}

// plainly is what to tell of an error that is for people, or else all of it.
func plainly(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return strings.Join(strings.Fields(f.Message), " ")
	}
	return reason(err)
}

// Codes of Postgres that say why it does not let us in.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	codePassword  = "28P01"
	codeAuth      = "28000"
	codeNoSuch    = "3D000"
	codeFull      = "53300"
	codeStarting  = "57P03"
	codeForbidden = "42501"
)

// unreachable explains why there is no connection.
func unreachable(err error) Finding {
	f := Finding{Check: dbCheck, Status: Problem}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		f.Message = "Postgres answers: " + pg.Message + "."
		switch pg.Code {
		case codePassword:
			f.Advice = "Correct user and password in DATABASE_URL, or set the password: alter role NAME password '…'."
		case codeAuth:
			f.Advice = "Create the role (createuser NAME), or let it in from this machine in pg_hba.conf and reload Postgres."
		case codeNoSuch:
			f.Advice = "Create it: createdb --owner=ROLE --encoding=UTF8 --template=template0 NAME"
		case codeFull:
			f.Advice = "Raise max_connections, or find out who holds so many: select * from pg_stat_activity."
		case codeStarting:
			f.Advice = "Try again when it has started; it may be recovering from a crash."
		case codeForbidden:
			f.Advice = "Grant it: grant connect, create on database NAME to ROLE."
		default:
			f.Advice = "See Postgres' own log for more (code " + pg.Code + ")."
		}
		return f
	}
	f.Message = "Postgres cannot be reached: " + reason(err) + "."
	f.Advice = "Correct host and port in DATABASE_URL, or start Postgres there and let it listen (listen_addresses)."
	if strings.Contains(err.Error(), "TLS") || strings.Contains(err.Error(), "x509") {
		f.Message = "There is no encrypted connection to Postgres: " + lastPart(err) + "."
		f.Advice = "Set ssl = on at the server, name its authority with sslrootcert=FILE in DATABASE_URL, or, on this machine alone, write sslmode=disable."
	}
	return f
}

// lastPart is the innermost part of a wrapped error's text.
func lastPart(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, ": "); at >= 0 {
		text = text[at+2:]
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "\n", " "))
}

func serverFindings(s store.ServerFacts, r store.RoleFacts) []Finding {
	var list []Finding
	add := func(status Status, message, advice string) {
		list = append(list, Finding{dbCheck, status, message, advice})
	}
	if s.Major < postgres.MinMajor {
		add(Problem, fmt.Sprintf("This is Postgres %s; the schema needs %d or newer.", s.Version, postgres.MinMajor), "Upgrade it, or use another server.")
	}
	if s.Encoding != "UTF8" {
		add(Problem, fmt.Sprintf("The database %q keeps text as %s, which cannot hold what people write.", r.Database, s.Encoding),
			"Make another one: createdb --owner=ROLE --encoding=UTF8 --template=template0 NAME")
	}
	if s.ReadOnly {
		add(Problem, "This Postgres takes no writes: it is a standby, or default_transaction_read_only is on.", "Connect to the primary: target_session_attrs=read-write in DATABASE_URL, with all hosts in it.")
	}
	if !s.Fsync {
		add(Problem, "Postgres runs with fsync = off: with the power goes what it has stored.", "Set fsync = on and reload Postgres.")
	}
	if s.SynchronousCommit == "off" {
		add(Warning, "Postgres runs with synchronous_commit = off: a crash takes the last edits.", "Set synchronous_commit = on, for this role at least: alter role NAME set synchronous_commit = on.")
	}
	const few = 15 // the pool, the listener and the lock of one process
	if s.Free < few {
		add(Warning, fmt.Sprintf("Only %d more connections are free; a process of the portal takes up to %d.", max(0, s.Free), few), "Raise max_connections, or write pool_max_conns=5 into DATABASE_URL.")
	}
	if len(list) == 0 {
		add(OK, fmt.Sprintf("Postgres %s, database %q as role %q, UTF8.", s.Version, r.Database, r.Name), "")
	}
	return list
}

func extensionFindings(missing []store.MissingExtension, r store.RoleFacts) []Finding {
	var list []Finding
	for _, x := range missing {
		switch {
		case !x.Available:
			list = append(list, Finding{
				dbCheck, Problem, "The server does not have the extension " + x.Name + ".",
				"Install Postgres' additional modules there (Debian: in postgresql; Fedora: postgresql-contrib).",
			})
		case !r.Super && !(x.Trusted && r.MakesAnything):
			list = append(list, Finding{
				dbCheck, Problem, fmt.Sprintf("The extension %s is missing, and role %q may not make it.", x.Name, r.Name),
				fmt.Sprintf("As a superuser, in database %q: create extension %s; or: grant create on database %s to %s.", r.Database, x.Name, r.Database, r.Name),
			})
		}
	}
	return list
}

func schemaFindings(s store.SchemaFacts, r store.RoleFacts) []Finding {
	var list []Finding
	if r.Owner != "" && !r.Owns {
		return []Finding{{
			dbCheck, Problem, fmt.Sprintf("The tables belong to role %q, not to %q.", r.Owner, r.Name),
			fmt.Sprintf("Connect as that role, or give them over: reassign owned by %s to %s; (needs both roles).", r.Owner, r.Name),
		}}
	}
	if !r.MakesTables {
		list = append(list, Finding{
			dbCheck, Problem, fmt.Sprintf("Role %q may not make tables in database %q.", r.Name, r.Database),
			fmt.Sprintf("Make it the owner: alter database %s owner to %s.", r.Database, r.Name),
		})
	}
	switch {
	case s.Newer > 0:
		list = append(list, Finding{
			"schema", Problem, fmt.Sprintf("The schema is of a newer version of the program: it has migration %d.", s.Newer),
			"Run the newer program again, or restore the backup from before the upgrade.",
		})
	case len(s.Pending) == s.Known:
		list = append(list, Finding{"schema", Warning, "The database is empty.", "hackfest serve makes the schema at its start; hackfest migrate does it now."})
	case len(s.Pending) > 0:
		list = append(list, Finding{
			"schema", Warning, fmt.Sprintf("%d of %d migrations are pending; the first is %s.", len(s.Pending), s.Known, s.Pending[0]),
			"hackfest serve applies them at its start; hackfest migrate does it now.",
		})
	default:
		list = append(list, Finding{"schema", OK, fmt.Sprintf("All %d migrations are applied.", s.Known), ""})
	}
	return list
}

// botLock says who is the bot of this database, of which there is one at most.
func (e *examination) botLock(h *store.BotHolder) Finding {
	const check = "bot's lock"
	switch {
	case h == nil && e.portal.leader:
		return Finding{check, Warning, "The portal that runs here has lost the lock; it asks for it again.", "Look again in a minute, and at the portal's log."}
	case h == nil:
		return Finding{check, OK, "Free.", ""}
	case e.portal.leader:
		return Finding{check, OK, "Held by the portal that runs here.", ""}
	}
	return Finding{
		check, Problem, fmt.Sprintf("Another program is the bot of this database: %s.", h),
		"Stop it before you start this one: two bots never speak. A program that was killed lets go within half a minute.",
	}
}

// clock compares the clocks; the answer was given between asked and answered.
func clock(theirs, asked, answered time.Time) Finding {
	const (
		check   = "clock"
		some    = 2 * time.Second
		serious = time.Minute
	)
	ours := asked.Add(answered.Sub(asked) / 2)
	off := theirs.Sub(ours)
	side := "behind"
	if off < 0 {
		side = "ahead of"
	}
	f := Finding{
		check, OK, fmt.Sprintf("Within %s of Postgres' clock.", some),
		"",
	}
	if off.Abs() > some {
		f = Finding{
			check, Warning, fmt.Sprintf("This machine's clock is %s %s that of Postgres.", off.Abs().Round(time.Second), side),
			"Let a time service keep both (timedatectl set-ntp true).",
		}
		if off.Abs() > serious {
			f.Status = Problem
		}
	}
	return f
}
