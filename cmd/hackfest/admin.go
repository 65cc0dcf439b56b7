package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/settings"
	"github.com/eucalyptus/hackfest/web"
)

// adminCommand is hackfest admin.
type adminCommand struct {
	User       adminUser       `cmd:"" help:"Make accounts, give roles, suspend, make sign-in links."`
	Token      adminToken      `cmd:"" help:"Make tokens for the API."`
	Repository adminRepository `cmd:"" help:"Say which repositories on GitHub are kept in step."`
	Routes     adminRoutes     `cmd:"" help:"List everything the web server answers, and who may."`
}

// Help is what follows the flags.
func (adminCommand) Help() string {
	return `Whoever may run it on the server may do anything: it asks no questions and knows no password.`
}

// adminUser is hackfest admin user.
type adminUser struct {
	Add       adminUserAdd       `cmd:"" help:"Make an account and print a link that signs in, once, within 24 hours."`
	List      adminUserList      `cmd:"" help:"List all accounts."`
	Role      adminUserRole      `cmd:"" help:"Give somebody a role."`
	Suspend   adminUserSuspend   `cmd:"" help:"Sign somebody out everywhere and let them in no more."`
	Unsuspend adminUserUnsuspend `cmd:"" help:"Let somebody in again."`
	Link      adminUserLink      `cmd:"" help:"Print a link that signs somebody in, once, within 24 hours."`
}

// Help is what follows the flags.
func (adminUser) Help() string {
	return `It works on the portal's database, on DATABASE_URL or the private one in the data directory, whether the
portal runs or not; run it as the user who runs the portal. What it does acts at once, and is kept in the
audit log.

The first admin of a new portal:
  hackfest admin user add NAME --role admin`
}

// atPortal is what commands need that work on the portal's database.
type atPortal struct {
	BaseURL string `help:"Where people reach the portal, without a path (http:// and the listening address)." env:"HACKFEST_BASE_URL" placeholder:"URL"`
	Listen  string `hidden:"" env:"HACKFEST_LISTEN"`
	settings.Database
}

// keeper is who does what was asked for.
func (p atPortal) keeper(s streams) (app.Keeper, error) { return p.keeperAt(s, "") }

// keeperAt is who does what was asked for, with GitHub's API at api; "" is where
// it is for everybody.
func (p atPortal) keeperAt(s streams, api string) (app.Keeper, error) {
	return p.keeperWith(s, settings.Hub{GitHubAPI: api})
}

// keeperWith is who does what was asked for, and reaches GitHub as hub says.
func (p atPortal) keeperWith(s streams, hub settings.Hub) (app.Keeper, error) {
	given := settings.Given{Database: quiet(p.Database), BaseURL: p.BaseURL, Listen: p.Listen, Hub: hub}
	chosen, err := given.Settings(settings.OS())
	if err != nil {
		return app.Keeper{}, err
	}
	if chosen.BaseURL == "" {
		chosen.BaseURL = settings.LocalURL("127.0.0.1:8080")
	}
	now, err := app.Clock()
	return app.Keeper{Settings: chosen, Log: app.NewLog(s.err, chosen.JSONLog, chosen.LogLevel), Now: now, User: app.UserOf()}, err
}

type adminUserAdd struct {
	Name   string      `arg:"" help:"What they are called on the portal."`
	Role   person.Role `help:"member, maintainer or admin." enum:"member,maintainer,admin" required:""`
	Chairs []string    `help:"Slug of a series that they chair; may be given more than once." placeholder:"SERIES"`
	atPortal
}

// Run makes the account.
func (c adminUserAdd) Run(ctx context.Context, s streams) error {
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	link, err := k.Add(ctx, c.Name, c.Role, c.Chairs)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, link)
	return err
}

type adminUserLink struct {
	Name string `arg:"" help:"What they are called on the portal."`
	atPortal
}

// Run prints a link.
func (c adminUserLink) Run(ctx context.Context, s streams) error {
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	link, err := k.Link(ctx, c.Name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, link)
	return err
}

type adminUserRole struct {
	Name string      `arg:"" help:"What they are called on the portal."`
	Role person.Role `arg:"" help:"member, maintainer or admin." enum:"member,maintainer,admin"`
	atPortal
}

// Run gives the role.
func (c adminUserRole) Run(ctx context.Context, s streams) error {
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	before, err := k.SetRole(ctx, c.Name, c.Role)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s is %s; before: %s\n", plain(c.Name), c.Role, before)
	return err
}

type adminUserSuspend struct {
	Name string `arg:"" help:"What they are called on the portal."`
	atPortal
}

// Run suspends.
func (c adminUserSuspend) Run(ctx context.Context, s streams) error {
	return suspend(ctx, s, c.atPortal, c.Name, true)
}

type adminUserUnsuspend struct {
	Name string `arg:"" help:"What they are called on the portal."`
	atPortal
}

// Run lets somebody in again.
func (c adminUserUnsuspend) Run(ctx context.Context, s streams) error {
	return suspend(ctx, s, c.atPortal, c.Name, false)
}

func suspend(ctx context.Context, s streams, p atPortal, name string, to bool) error {
	k, err := p.keeper(s)
	if err != nil {
		return err
	}
	changed, err := k.Suspend(ctx, name, to)
	if err != nil {
		return err
	}
	state := map[bool]string{true: "suspended", false: "not suspended"}[to]
	if !changed {
		state += ", as before"
	}
	_, err = fmt.Fprintf(s.out, "%s is %s\n", plain(name), state)
	return err
}

type adminUserList struct{ atPortal }

// Run lists the accounts.
func (c adminUserList) Run(ctx context.Context, s streams) error {
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	list, err := k.People(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tSINCE\tLAST SEEN\tCHAIRS\tON IRC")
	for _, a := range list {
		role, seen := string(a.Role), "-"
		if a.Suspended() {
			role += ", suspended"
		}
		if !a.SeenAt.IsZero() {
			seen = a.SeenAt.Format(time.DateOnly)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", plain(a.Name), role, a.CreatedAt.UTC().Format(time.DateOnly), seen,
			cmp.Or(strings.Join(a.Chairs, " "), "-"), plain(cmp.Or(strings.Join(a.Names, ", "), "-")))
	}
	return w.Flush()
}

type adminRoutes struct{}

// Help is what follows the flags.
func (adminRoutes) Help() string {
	return `One line each: method, path, what one must be allowed to do for it, and who is. It needs no database.`
}

// Run prints the inventory.
func (adminRoutes) Run(s streams) error {
	server := &web.Server{Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	for _, r := range server.Inventory() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Method, r.Pattern, r.Action, person.Who(r.Action))
	}
	return w.Flush()
}
