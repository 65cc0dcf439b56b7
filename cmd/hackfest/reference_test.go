package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/ircbot"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/settings"
)

var update = flag.Bool("update", false, "rewrite docs/commands.md and docs/settings.md")

// docs is the folder of the manual.
const docs = "../../docs"

// The references are made from the program itself: make gen writes them anew.
func TestReferencesAreUpToDate(t *testing.T) {
	for name, want := range map[string]string{"commands.md": commandsReference(t), "settings.md": settingsReference()} {
		path := filepath.Join(docs, name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := os.ReadFile(path); err != nil || string(have) != want {
			t.Errorf("%s is not what the program says (%v); run make gen", name, err)
		}
	}
}

const madeFrom = "<!-- Made from the program by \"make gen\"; changes here are lost. -->\n\n"

// commandsReference is docs/commands.md.
func commandsReference(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# Commands\n\n" + madeFrom)
	b.WriteString("What `hackfest --help` and `hackfest COMMAND --help` say, and what people type in a channel.\n\n")
	b.WriteString("    hackfest COMMAND [--flag VALUE …]\n\n")
	b.WriteString("The exit status is 0 when all went well, 1 when it did not, 2 for a wrong flag or setting, unless a command says otherwise. ")
	b.WriteString("Standard output holds what was asked for, standard error everything else. SIGTERM and Ctrl-C end each command.\n")
	for _, n := range model(t).Children {
		writeCommand(&b, n)
	}
	writeMeetingCommands(&b)
	writeQuestions(&b)
	writePrivateCommands(&b)
	return b.String()
}

func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := newParser(t.Context(), &commands{}, streams{out: new(bytes.Buffer), err: new(bytes.Buffer)})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func writeCommand(b *strings.Builder, n *kong.Node) {
	if n.Hidden {
		return
	}
	fmt.Fprintf(b, "\n## hackfest %s\n\n%s\n", n.Path(), n.Help)
	if n.Detail != "" {
		fmt.Fprintf(b, "\n%s\n", markdown(n.Detail))
	}
	var rows []string
	for _, p := range n.Positional {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", p.Summary(), cell(p.Help)))
	}
	flags := n.Flags
	if d := n.DefaultCmd; d != nil {
		flags = append(slices.Clone(flags), d.Flags...)
	}
	var shared []string
	for _, f := range flags {
		switch {
		case f.Hidden || f.Name == "help":
		case len(f.Envs) > 0 && len(strings.Fields(f.Help)) > 0:
			shared = append(shared, "`--"+f.Name+"`")
		default:
			rows = append(rows, fmt.Sprintf("| `%s` | %s |", flagUsage(f), cell(f.Help)))
		}
	}
	if len(rows) > 0 {
		fmt.Fprintf(b, "\n| | |\n|---|---|\n%s\n", strings.Join(rows, "\n"))
	}
	if len(shared) > 0 {
		fmt.Fprintf(b, "\n[Settings](settings.md) as flags: %s.\n", strings.Join(shared, ", "))
	}
	for _, c := range n.Children {
		writeCommand(b, c)
	}
}

func flagUsage(f *kong.Flag) string {
	if f.IsBool() {
		return "--" + f.Name
	}
	return "--" + f.Name + " " + f.FormatPlaceHolder()
}

// markdown makes a help text's indented lines into a block of code.
func markdown(help string) string {
	var out []string
	code := false
	for line := range strings.SplitSeq(strings.TrimRight(help, "\n"), "\n") {
		indented := strings.HasPrefix(line, "  ")
		if indented && !code && len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, "")
		}
		if indented {
			line = "  " + line
		} else if code && line != "" {
			out = append(out, "")
		}
		code = indented
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// cell keeps text inside a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func writeMeetingCommands(b *strings.Builder) {
	b.WriteString(`
## In a meeting

Typed in a channel where the bot is, at the beginning of a line. A meeting begins with ` + "`#startmeeting`" + `, which anybody may
type, and ends with ` + "`#endmeeting`" + `. Some commands are for chairs: whoever began the meeting, and whom they name with ` + "`#chair`" + `.
A line that begins with ` + "`[off]`" + ` is not kept.

| command | does | for |
|---|---|---|
`)
	for _, c := range meeting.Commands() {
		usage := "#" + c.Name
		if c.Arg != "" {
			usage += " " + c.Arg
		}
		text := strings.ToUpper(c.Help[:1]) + c.Help[1:] + "."
		for _, a := range c.Aliases {
			text += " Also `#" + a + "`."
		}
		who := "everybody"
		if c.Chairs {
			who = "chairs"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", cell(usage), cell(text), who)
	}
	b.WriteString(strings.ReplaceAll(meetingManners, `"`, "`"))
}

func writeQuestions(b *strings.Builder) {
	b.WriteString("\n## Asking the bot\n\nTyped in a channel where it is, at the beginning of a line, or said to it alone.\n\n| command | does | for |\n|---|---|---|\n")
	for _, c := range announce.Commands() {
		who := "everybody"
		if c.Ops {
			who = "operators, chairs"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", strings.TrimSpace("!"+c.Name+" "+c.Args), cell(c.Help), who)
	}
	b.WriteString(strings.ReplaceAll(botManners, `"`, "`"))
}

// botManners is what no row of that table can say.
const botManners = `
To the bot alone, questions may be asked without the "!"; what is to be done cannot.

It answers in one line or two, and not more often than a server bears: who asks too much at a time is not answered, and is told so when
something was to be done. Times are in the zone of who asks, if services know them by an account that is theirs on the portal and they have
chosen a zone there; in a channel only if everybody may see it. Others read them in the session's zone. All times are in UTC as well.

"!coming" and "!regrets" need no account: the nick answers. Of a nick that somebody has proven to be theirs services must say so too. While the
database is away the bot says that it cannot promise anything, and nothing is half done.

"!quiet" may be said by operators of the channel, by chairs of the meeting there, and by maintainers and chairs of a series whom services
know by the account that is theirs on the portal. It outlasts a restart.

What the bot says unasked is chosen for each channel under Admin, Channels: announcements, of which sessions, whether the topic shows the next
session, whether newcomers are greeted, and whether hackfests are held there at all. Where none are, who speaks of the hackfest from two hours
before it to its end is told where it is, at most once in ten minutes. Who speaks in a meeting and never did before is greeted in one line, once.
In the topic the bot only changes what it put there itself, between "|" signs, when the next session is another one; a part that
somebody took out comes back with the next session, not before.
`

func writePrivateCommands(b *strings.Builder) {
	b.WriteString(`
## To the bot alone

As in ` + "`/msg hackbot signin`" + `. What is said so is neither logged nor kept. What can be asked in channels can be asked
there as well.

| command | does |
|---|---|
`)
	for _, c := range ircbot.PrivateCommands() {
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.TrimSpace(c.Name+" "+c.Args), cell(c.Help))
	}
}

// meetingManners is what no row of the table can say; its quotation marks become
// those of code.
const meetingManners = `
A chair who mistypes a command is told so privately, once for each word.

### Agenda and actions

A meeting of a planned session begins with its agenda and with the actions that earlier meetings left open, which are numbered. "#next"
takes the first item that is left, and so does "#topic" with the words of an item; "#undo" of that topic gives the item back. "#done 1, 3",
"#carry 2" and "#drop 4" are for chairs and for whoever owns those actions; the last one counts, so "#carry" takes back a "#done".

An action is due on the day that follows "due" in it: "due 2026-12-01", "due today", "due tomorrow", "due friday" (the next one, never
today), "due 1 dec", "due December 1st, 2026". Days are those of the session's time zone. The words go, and the date stands beside the
action instead. A date that does not exist is answered privately, and the text stays as it was.

### Without a command

| line | does | for |
|---|---|---|
| "s/old/new/" | Replace old in the newest item that has it; "\/" is a slash. Nothing is answered; the minutes say what could not be corrected. | who noted the item, chairs |
| "present+", "present+ ann, bob" | Say that you, or others, are there. | everybody |
| "present-", "present- ann" | Take it back, also of somebody who spoke. | everybody |
| "regrets+", "regrets+ ann" | Say that you, or others, cannot be there. | everybody |
| "regrets-", "regrets- ann" | Take it back. | everybody |

### Off the record

Of a line that begins with "[off]", and of the rest of a line from "[off]" on, only the time is kept. After "#off" that holds for
everything that is said, until a chair says "#on", the time given is over or the meeting ends; the bot says when it begins and when it
ends. Nothing said meanwhile is a command, and nobody is counted for it. The minutes tell from when to when it was.

### Votes

    <ann> #startvote Ship it on Friday?
    <ann> #startvote Which colour? red, light blue, dark green
    <bob> #vote light blue

The question ends at its question mark. Options have commas between them and may have several words; without any they are yes, no
and abstain. There are at most 20, of at most 60 characters: that fits a few lines of a channel, and a longer list is for a poll.
Case, width, formatting and letters of other scripts that look the same make no other option. While a vote has the options yes and
no, "+1", "-1", "+0", "-0" and "0" alone on a line are votes too.

One vote is open at a time. A person has one vote, and the last counts. A person is a services account where there is one, with all
its clients, and else a nick with all it was changed to; logging in and out changes nothing. Who comes back under a nick that was
seen with an account votes after logging in to it. A bot has no vote.

The option with most votes is the result. A tie is no decision, and so is a vote without votes or below its quorum. Abstaining counts
towards the quorum and never wins. "#voters" and "#quorum" hold from then on, for the open vote as well. "#undo" takes back the newest
vote: an open one while nobody has voted, and one that has ended together with its result.

After "#secretvote" the next vote is cast by private message to the bot, as "#vote OPTION" or "#vote #channel OPTION". While it is open
only the number of votes is known, afterwards the count, and never a name. What is said openly then is not counted.

### Who speaks next

| line | does | for |
|---|---|---|
| "q+", "q+ to say that it works" | Stand in the queue, with what you want to say. | everybody |
| "q+ ann, bob" | Put people who are here into it. | everybody |
| "q-", "q- later" | Leave it; go to its end. | everybody |
| "q?" | Show it. | everybody |
| "q- ann", "q= ann, bob", "q= none" | Take somebody out; make it anew; empty it. | chairs |
| "ack ann" | Give ann the word and take ann out. Of somebody who does not wait it is talk. | chairs |

### As at W3C

Where the channel's settings allow it, lines that begin like these, in any case, are commands as well:

| line | is |
|---|---|
| "ACTION: bob to file it" | "#action" |
| "RESOLVED: …", "RESOLUTION: …" | "#agreed", for chairs |
| "Topic: …" | "#topic", for chairs |
| "PROPOSED: …" | "#idea"; a "+1" to it is talk, and "RESOLVED: …" or a vote says what became of it |
`

// setting is one row of the reference.
type setting struct {
	name, flag, help, unset string
	secret                  bool
}

type settingGroup struct {
	title string
	list  []setting
}

// settingGroups reads the tags of the settings.
func settingGroups() []settingGroup {
	own := settingGroup{title: "The portal"}
	var groups []settingGroup
	given := reflect.TypeFor[settings.Given]()
	for f := range given.Fields() {
		if !f.Anonymous {
			own.list = append(own.list, settingOf(f))
			continue
		}
		g := settingGroup{title: groupTitles[f.Name]}
		if g.title == "" {
			panic("groupTitles lacks " + f.Name)
		}
		for inner := range f.Type.Fields() {
			g.list = append(g.list, settingOf(inner))
		}
		groups = append(groups, g)
	}
	return append([]settingGroup{own}, groups...)
}

var groupTitles = map[string]string{"Database": "Database, files and log", "Operating": "Operating", "Mailing": "Mail", "Hub": "GitHub"}

// unset is how the help writes what holds when nothing is said.
var unset = regexp.MustCompile(`^(.*?)(?: \(([^()]*)\)|; empty: ([^.]*))\.$`)

func settingOf(f reflect.StructField) setting {
	name := f.Tag.Get("name")
	if name == "" {
		name = regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(f.Name, "$1-$2")
	}
	s := setting{name: f.Tag.Get("env"), flag: "--" + strings.ToLower(name) + " " + f.Tag.Get("placeholder"), help: f.Tag.Get("help"), unset: "nothing"}
	_, s.secret = f.Tag.Lookup("secret")
	if m := unset.FindStringSubmatch(s.help); m != nil {
		s.help, s.unset = m[1]+".", m[2]+m[3]
	}
	return s
}

// settingsReference is docs/settings.md.
func settingsReference() string {
	var b strings.Builder
	b.WriteString("# Settings\n\n" + madeFrom + settingsIntroduction)
	for _, g := range settingGroups() {
		fmt.Fprintf(&b, "\n## %s\n\n| setting | flag | what it is | if it is not set |\n|---|---|---|---|\n", g.title)
		for _, s := range g.list {
			secret := ""
			if s.secret {
				secret = " A secret."
			}
			fmt.Fprintf(&b, "| `%s` | `%s` | %s%s | %s |\n", s.name, s.flag, cell(s.help), secret, cell(s.unset))
		}
	}
	b.WriteString(networksIntroduction)
	for _, v := range settings.NetworkVariables() {
		secret := ""
		if v.Secret {
			secret = " A secret."
		}
		fmt.Fprintf(&b, "| `HACKFEST_IRC_<NAME>_%s` | %s%s | %s |\n", v.Kind, cell(v.Help), secret, cell(v.Unset))
	}
	b.WriteString(networksEnd)
	return b.String()
}

const settingsIntroduction = `What is about the machine rather than the community is set by environment variables. Each has a flag as well, which wins over it.
An empty variable is the same as one that is not set. ` + "`hackfest serve`" + ` and ` + "`hackfest doctor`" + ` name every mistake at once, each with its variable.

A secret can be in a file: ` + "`DATABASE_URL_FILE`" + ` names one that holds ` + "`DATABASE_URL`" + `, and so for every setting that is called a secret here.
Only one of the two may be set. A line break at the end of the file does not count.
`

const networksIntroduction = `
## IRC networks

` + "`HACKFEST_IRC`" + ` holds one URL for each network, separated by blanks:

    irc[s]://[nick@]host[:port]/channel,channel?name=libera&account=hackbot

- ` + "`ircs`" + ` is encrypted, on port 6697 unless the URL says otherwise; ` + "`irc`" + ` is not, on port 6667.
- The nick is ` + "`hackbot`" + ` unless the URL says otherwise.
- Channels are written without their first ` + "`#`" + `: ` + "`eucalyptus`" + ` is #eucalyptus, ` + "`%23%23linux`" + ` is ##linux.
- ` + "`name`" + ` is what the network is called in addresses of logs and in the variables below; without it, the last but one part of the host:
  ` + "`libera`" + ` for irc.libera.chat.
- ` + "`account`" + ` is the bot's account with the network's services. Without it, and without a certificate, the bot does not log in.

Each network has variables of its own. ` + "`<NAME>`" + ` is its name in upper case, with ` + "`_`" + ` for ` + "`-`" + `; it and the underscore after it may be left out
when there is exactly one network. A secret never goes to another network than the one it is named for.

| setting | what it is | if it is not set |
|---|---|---|
`

const networksEnd = `
For two networks:

    HACKFEST_IRC='ircs://hackbot@irc.libera.chat/eucalyptus?account=hackbot ircs://irc.oftc.net/eucalyptus,eucalyptus-devel'
    HACKFEST_IRC_LIBERA_PASSWORD_FILE=/etc/hackfest/libera-password
    HACKFEST_IRC_LIBERA_SASL=required
    HACKFEST_IRC_OFTC_CERT=/etc/hackfest/oftc.pem
    HACKFEST_IRC_OFTC_KEY=/etc/hackfest/oftc.pem
`
