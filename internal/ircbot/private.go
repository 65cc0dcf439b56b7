package ircbot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// People is what the bot asks and tells about who is who. *store.Store is the
// real one.
type People interface {
	// ByAccount returns whose services account that is. Nobody's is
	// fault.NotFound, that of somebody suspended fault.Forbidden.
	ByAccount(ctx context.Context, network, account string) (person.Account, error)
	// AddLink keeps a link that signs somebody in.
	AddLink(ctx context.Context, secretHash []byte, id person.ID, why person.LinkReason, made, expires time.Time) error
	// UseClaim uses up a code that proves who somebody is on IRC. One that is not
	// valid is fault.NotFound.
	UseClaim(ctx context.Context, codeHash []byte, c person.Claimant, now time.Time) (person.Claimed, error)
	// Unname leaves a nick out, by name, of who was at a meeting, or names it again.
	// What somebody asked for with an account only they take back; else it is
	// fault.Forbidden.
	Unname(ctx context.Context, network, nick, account string, on bool, now time.Time) error
}

const (
	maxLetters = 32              // requests that wait; more are not answered
	peopleFor  = 3 * time.Second // for the database to say who somebody is
)

// PrivateCommand is something people say to the bot alone to be known to the
// portal.
type PrivateCommand struct {
	Name string
	Args string
	Help string
	do   func(d *desk, ctx context.Context, l letter) string
}

// privateCommands are those there are. What is said with them, codes above all,
// is neither logged nor kept.
var privateCommands = []PrivateCommand{
	{"signin", "", "Sends a link that signs you in on the portal, once, if you are identified to services and the account is proven there to be yours.", (*desk).signin},
	{"claim", "CODE", "Proves that your services account and your nick are yours. The portal makes the code, on your page of settings.", (*desk).claim},
	{"unnamed", "[off]", "Leaves your nick out of who was at a meeting, in all minutes, of the past too: you are counted, not named. The log keeps what you said. With off you are named again.", (*desk).unnamed},
}

// PrivateCommands lists them, for the manual.
func PrivateCommands() []PrivateCommand { return slices.Clone(privateCommands) }

// desk answers who wants to be known to the portal. It is one goroutine, so that
// no network waits for Postgres.
type desk struct {
	bot     *Bot
	letters chan letter

	people, networks *allowance // run's alone
}

// letter is a request, with who made it.
type letter struct {
	command PrivateCommand
	arg     string // what stands behind the command; may be a secret
	link    *link
	from    ircnet.Source
}

func newDesk(b *Bot) *desk {
	return &desk{
		bot: b, letters: make(chan letter, maxLetters),
		people: newAllowance(10, 10*time.Second), networks: newAllowance(40, time.Second),
	}
}

// take takes what was said to the bot alone if it is for the desk. It never
// waits.
func (d *desk) take(l *link, from ircnet.Source, text string) bool {
	word, arg, _ := strings.Cut(strings.TrimSpace(irctext.Strip(text)), " ")
	word = strings.ToLower(strings.TrimPrefix(word, "!"))
	i := slices.IndexFunc(privateCommands, func(c PrivateCommand) bool { return c.Name == word })
	if i < 0 {
		return false
	}
	select {
	case d.letters <- letter{privateCommands[i], strings.TrimSpace(arg), l, from}:
	default:
		d.bot.Counters.Unanswered.Add(1)
	}
	return true
}

// run answers until ctx ends.
func (d *desk) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-d.letters:
			if !d.may(l, time.Now()) {
				d.bot.Counters.Unanswered.Add(1)
				continue
			}
			within, cancel := context.WithTimeout(ctx, peopleFor)
			answer := l.command.do(d, within, l)
			cancel()
			l.link.network.Secret(l.from, answer)
			d.bot.Counters.Said.Add(1)
		}
	}
}

// may reports whether l is to be answered, and counts it: by nick, and all of a
// network together, so that nobody tries codes.
func (d *desk) may(l letter, now time.Time) bool {
	who := l.link.name + " " + l.link.network.Casemapping().Fold(l.from.Nick)
	return l.link.network.Waiting() <= crowded && d.people.take(who, now) && d.networks.take(l.link.name, now)
}

// signin answers with a link, to somebody whose account is a person's. A nick
// proves nothing: anybody can have it tomorrow.
func (d *desk) signin(ctx context.Context, l letter) string {
	base := d.bot.cfg.BaseURL
	if l.from.Account == "" {
		return d.stranger(l)
	}
	a, err := d.bot.rec.ByAccount(ctx, l.link.name, l.from.Account)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return fmt.Sprintf("Nobody on the portal has proven to be %s on %s. Sign in at %s/signin another way, make a code at %s/settings, and say it here: claim CODE",
			l.from.Account, l.link.name, base, base)
	}
	if err != nil {
		return d.failed(err)
	}
	secret, hash := auth.NewSecret()
	now := d.bot.now()
	if err := d.bot.rec.AddLink(ctx, hash, a.ID, person.LinkByIRC, now, now.Add(auth.LinkTime)); err != nil {
		return d.failed(err)
	}
	return fmt.Sprintf("%s/signin/%s signs you in as %s, once, within 15 minutes. Show it to nobody.", base, secret, a.Name)
}

// stranger answers somebody of whom services say nothing.
func (d *desk) stranger(l letter) string {
	if !l.link.network.TellsAccounts() {
		return fmt.Sprintf("This network does not tell me who is identified to services, so I cannot know you. %s/signin has the other ways.", d.bot.cfg.BaseURL)
	}
	return "You are not identified to services, as far as I can see. Identify first, be in a channel where I am, then say it again. A nick alone proves nothing."
}

// claim makes the account and the nick of who says a good code theirs.
func (d *desk) claim(ctx context.Context, l letter) string {
	base := d.bot.cfg.BaseURL
	if l.arg == "" {
		return fmt.Sprintf("Say it with the code that %s/settings made for you: claim CODE", base)
	}
	done, err := d.bot.rec.UseClaim(ctx, auth.HashCode(l.arg), person.Claimant{Network: l.link.name, Nick: l.from.Nick, Account: l.from.Account}, d.bot.now())
	if err != nil {
		return d.failed(err)
	}
	d.bot.cfg.Log.Info("names on IRC claimed", "network", l.link.name, "nick", l.from.Nick, "account", l.from.Account,
		"person", done.Name, "proven", len(done.Proven), "contested", len(done.Others))
	names := map[person.IdentityKind]string{person.IRCAccount: "the account " + l.from.Account, person.IRCNick: "the nick " + l.from.Nick}
	var said []string
	if len(done.Proven) > 0 {
		said = append(said, fmt.Sprintf("On the portal, %s on %s now belongs to %s.", list(done.Proven, names), l.link.name, done.Name))
	}
	if len(done.Others) > 0 {
		said = append(said, fmt.Sprintf("But %s is somebody else's there and stays so; a maintainer sees that you asked.", list(done.Others, names)))
	}
	if l.from.Account == "" {
		why := "you are not identified to services"
		if !l.link.network.TellsAccounts() {
			why = "this network does not tell me who is identified"
		}
		said = append(said, "To sign in by IRC an account is needed, and "+why+".")
	}
	return strings.Join(said, " ")
}

// unnamed leaves who asks out of who was at a meeting, or names them again.
func (d *desk) unnamed(ctx context.Context, l letter) string {
	arg := strings.ToLower(l.arg)
	if arg != "" && arg != "on" && arg != "off" {
		return "Say unnamed, or unnamed off."
	}
	if err := d.bot.rec.Unname(ctx, l.link.name, l.from.Nick, l.from.Account, arg != "off", d.bot.now()); err != nil {
		return d.failed(err)
	}
	if arg == "off" {
		return fmt.Sprintf("You are named as %s again among who was at a meeting.", l.from.Nick)
	}
	return fmt.Sprintf("From now on %s is counted among who was at a meeting and not named, in older minutes too. The log keeps what was said; %s/privacy has more. To take it back: unnamed off",
		l.from.Nick, d.bot.cfg.BaseURL)
}

// list is names of the given kinds in words.
func list(kinds []person.IdentityKind, names map[person.IdentityKind]string) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = names[k]
	}
	return strings.Join(words, " and ")
}

// failed says why something was not done, and logs what is our fault. What was
// said is not in it.
func (d *desk) failed(err error) string {
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Forbidden, fault.Conflict, fault.Invalid:
		return fault.Message(err)
	case fault.Unavailable:
		return "The portal's database does not answer. Try again in a minute."
	}
	d.bot.cfg.Log.Error("somebody who wanted to be known was not answered", "err", err)
	return "Something went wrong on the portal's side. Try again later."
}
