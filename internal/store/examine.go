package store

import (
	"context"
	"io/fs"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/eucalyptus/hackfest/migrations"
)

// extensions are what the schema is built on, as the first migration makes them.
var extensions = []string{"btree_gist", "btree_gin", "pg_trgm", "unaccent"}

// Examination is what there is to know about a database before it is used. All
// of it is read; nothing is changed.
type Examination struct {
	Server     ServerFacts
	Role       RoleFacts
	Extensions []MissingExtension // that are needed and not there
	Schema     SchemaFacts
	SetAside   int        // lines whose effects were refused
	Bot        *BotHolder // nil: nobody is the bot of this database
}

// ServerFacts are about the whole server.
type ServerFacts struct {
	Version           string    // "15.13"
	Major             int       // 15
	Clock             time.Time // UTC, by the server's clock, at the moment of the question
	Encoding          string    // of the database; we need UTF8
	ReadOnly          bool      // a standby, or told to take no writes
	Fsync             bool      // off: what was committed may be lost with the power
	SynchronousCommit string    // on, or how far commits are waited for
	Free              int       // connections that are not taken, for programs without privileges
}

// RoleFacts are about whom we are connected as.
type RoleFacts struct {
	Name          string
	Database      string
	Super         bool
	MakesTables   bool   // may create tables in the schema that is searched first
	MakesAnything bool   // may create in the database, extensions among others
	Owner         string // of the tables that are there; "" while there are none
	Owns          bool   // is, or may act as, that owner
}

// MissingExtension is one of Postgres' that the schema needs.
type MissingExtension struct {
	Name      string
	Available bool // the server has its files
	Trusted   bool // an owner of the database may make it; otherwise a superuser must
}

// SchemaFacts are about the migrations.
type SchemaFacts struct {
	Known   int      // migrations of this program, River's among them
	Pending []string // of these, what is still to be applied
	Newer   int64    // the highest version that a newer program applied; 0 for none
}

// Examine connects to the database at url and looks at it. The error is that of
// the connection, or of a question that should have been answered.
func Examine(ctx context.Context, url string) (Examination, error) {
	var e Examination
	conn, err := connect(ctx, url, "hackfest doctor")
	if err != nil {
		return e, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is left to lose
	for _, look := range []func(context.Context, *pgx.Conn) error{
		e.Server.read, e.Role.read, e.readExtensions, e.Schema.read, e.readSetAside,
		func(ctx context.Context, conn *pgx.Conn) (err error) {
			e.Bot, err = botHolder(ctx, conn)
			return err
		},
	} {
		if err := look(ctx, conn); err != nil {
			return e, classify(err, "database")
		}
	}
	return e, nil
}

// read asks for the clock by its full name: here the clock is what is asked for.
func (f *ServerFacts) read(ctx context.Context, conn *pgx.Conn) error {
	const q = `
		select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major,
			pg_catalog.clock_timestamp() as clock, pg_encoding_to_char(d.encoding)::text as encoding,
			pg_is_in_recovery() or current_setting('transaction_read_only')::bool as read_only,
			current_setting('fsync')::bool as fsync, current_setting('synchronous_commit') as synchronous_commit,
			current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
				- (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as free
		from pg_database d where d.datname = current_database()`
	rows, _ := conn.Query(ctx, q)
	var err error
	*f, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ServerFacts])
	return err
}

func (f *RoleFacts) read(ctx context.Context, conn *pgx.Conn) error {
	const q = `
		select current_user::text as name, current_database()::text as database, r.rolsuper as super,
			coalesce(has_schema_privilege(current_schema(), 'create'), false) as makes_tables,
			has_database_privilege(current_database(), 'create') as makes_anything,
			coalesce(pg_get_userbyid(c.relowner)::text, '') as owner,
			coalesce(pg_has_role(c.relowner, 'member'), true) as owns
		from pg_roles r
		left join pg_class c on c.oid = to_regclass('goose_db_version')
		where r.rolname = current_user`
	rows, _ := conn.Query(ctx, q)
	var err error
	*f, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[RoleFacts])
	return err
}

func (e *Examination) readExtensions(ctx context.Context, conn *pgx.Conn) error {
	const q = `
		select n.name, v.name is not null as available, coalesce(v.trusted, false) as trusted
		from unnest($1::text[]) n(name)
		left join pg_available_extensions a on a.name = n.name
		left join pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
		where not exists (select from pg_extension x where x.extname = n.name)
		order by n.name`
	rows, _ := conn.Query(ctx, q, extensions)
	var err error
	e.Extensions, err = pgx.CollectRows(rows, pgx.RowToStructByName[MissingExtension])
	return err
}

// read compares what was applied with what this program has. It asks the table
// itself: goose would make it.
func (f *SchemaFacts) read(ctx context.Context, conn *pgx.Conn) error {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return err
	}
	applied, err := appliedVersions(ctx, conn)
	if err != nil {
		return err
	}
	f.Known = len(files)
	var newest int64
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return err
		}
		newest = max(newest, version)
		if !slices.Contains(applied, version) {
			f.Pending = append(f.Pending, file)
		}
	}
	if len(applied) > 0 && slices.Max(applied) > newest {
		f.Newer = slices.Max(applied)
	}
	return f.readRivers(ctx, conn)
}

// readRivers is the same for the tables of River.
func (f *SchemaFacts) readRivers(ctx context.Context, conn *pgx.Conn) error {
	const q = `select version from river_migration`
	r, err := riverMigrator(nil)
	if err != nil {
		return err
	}
	there, err := readable(ctx, conn, "river_migration")
	if err != nil {
		return err
	}
	var applied []int64
	if there {
		rows, _ := conn.Query(ctx, q)
		if applied, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
			return err
		}
	}
	for _, m := range r.AllVersions() {
		f.Known++
		if !slices.Contains(applied, int64(m.Version)) {
			f.Pending = append(f.Pending, "river: "+m.Name)
		}
	}
	return nil
}

// appliedVersions are the migrations in the database; none without a schema, or
// where the role may not read it.
func appliedVersions(ctx context.Context, conn *pgx.Conn) ([]int64, error) {
	const q = `select version_id from goose_db_version where is_applied`
	if there, err := readable(ctx, conn, "goose_db_version"); err != nil || !there {
		return nil, err
	}
	rows, _ := conn.Query(ctx, q)
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func (e *Examination) readSetAside(ctx context.Context, conn *pgx.Conn) error {
	if there, err := readable(ctx, conn, "set_aside"); err != nil || !there {
		return err
	}
	n, err := (&Store{db: conn}).SetAside(ctx)
	e.SetAside = n
	return err
}

// readable reports whether there is such a table and we may read it.
func readable(ctx context.Context, conn *pgx.Conn, table string) (yes bool, err error) {
	const q = `select coalesce(has_table_privilege(to_regclass($1::text), 'select'), false)`
	err = conn.QueryRow(ctx, q, table).Scan(&yes)
	return yes, err
}
