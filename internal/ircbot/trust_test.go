package ircbot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// A command counts when a person says it to the whole channel, and has the rights
// of whom the server names as its author. Each try follows a meeting begun by ann,
// who is logged in; mal is there too.
func TestWhoseCommandsCount(t *testing.T) {
	t.Parallel()
	server := testirc.Script(t, testirc.ScriptOptions{
		Caps:     []string{"account-tag", "batch", "echo-message", "extended-join", "message-tags", "server-time"},
		ISupport: "CASEMAPPING=rfc1459 CHANTYPES=#& STATUSMSG=@+ BOT=B",
	})
	w := newWorld(t, on("test", server.Addr, "#euca[1]"))
	b := w.start()
	peer := server.Peer()
	now := func() string { return time.Now().UTC().Format("time=2006-01-02T15:04:05.000Z") }
	ann := "account=ann :ann!a@h "
	peer.Send("@"+now()+";"+ann+"PRIVMSG #euca[1] :#startmeeting Trust", "@"+now()+" :mal!m@h JOIN #euca[1] * :Mal")
	for _, try := range []string{
		":hackbot!bot@host.example PRIVMSG #euca[1] :#topic evil, our own echo",
		ann + "NOTICE #euca[1] :#topic evil, a notice",
		ann + "PRIVMSG #euca[1] :\x01ACTION #topic evil, an action\x01",
		ann + "PRIVMSG #euca[1] :\x01VERSION #topic evil, a CTCP\x01",
		":irc.script.example PRIVMSG #euca[1] :#topic evil, by the server",
		":irc.script.example NOTICE #euca[1] :#topic evil, by the server",
		ann + "PRIVMSG hackbot :#topic evil, hidden in private",
		ann + "PRIVMSG @#euca[1] :#topic evil, hidden from most",
		ann + "PRIVMSG +#euca[1] :#topic evil, hidden from some",
		ann + "PRIVMSG #else :#topic evil, elsewhere",
		ann + "PRIVMSG #euca[2] :#topic evil, elsewhere",
		ann + "TAGMSG #euca[1] :#topic evil, of tags alone",
		"bot;" + ann + "PRIVMSG #euca[1] :#topic evil, of a bot",
		":mal!m@h PRIVMSG #euca[1] :#topic evil",
		"account=mal :ann!m@h PRIVMSG #euca[1] :#topic evil, with another account",
		"+account=ann :mal!m@h PRIVMSG #euca[1] :#topic evil, with a tag of a client's",
		"+draft/account=ann;+typing=active :mal!m@h PRIVMSG #euca[1] :#topic evil, with a tag of a client's",
		ann + "PRIVMSG #euca[1] :\u200b#topic evil, behind what nobody sees",
		ann + "PRIVMSG #euca[1] :\ufeff#topic evil, behind what nobody sees",
		ann + "PRIVMSG #euca[1] : #topic evil, behind a blank",
		ann + "PRIVMSG #euca[1] :\u2068#topic evil, behind a turn of direction",
		ann + "PRIVMSG #euca[1] :\uff03topic evil, wide",
		ann + "PRIVMSG #euca[1] :#t\u200bopic evil, with what nobody sees in it",
		ann + "PRIVMSG #euca[1] :#t\u043epic evil, with a letter like another",
		ann + "PRIVMSG #euca[1] :[off] #topic evil, hidden off the record",
		"batch=h;" + ann + "PRIVMSG #euca[1] :#topic evil, from long ago",
	} {
		tags := ";"
		if strings.HasPrefix(try, ":") {
			tags = " "
		}
		if strings.HasPrefix(try, "batch") {
			peer.Send(":irc.script.example BATCH +h chathistory #euca[1]")
		}
		peer.Send("@" + now() + tags + try)
	}
	peer.Send(
		":irc.script.example BATCH -h",
		"@time=2012-08-10T18:00:00.000Z;"+ann+"PRIVMSG #euca[1] :#topic evil, older than we are",
		"@"+now()+";"+ann+"PRIVMSG #EUCA{1} :#topic In other letters",
		"@"+now()+";"+ann+"PRIVMSG #euca[1] :\x02#\x0304info\x0f In colours",
		"@"+now()+";"+ann+"PRIVMSG #euca[1] :#endmeeting",
	)
	w.eventually("the end", func() bool {
		w.stored(b)
		m := w.meetings("test", "#euca{1}")
		return len(m) == 1 && !m[0].EndedAt.IsZero()
	})
	m := w.meetings("test", "#euca{1}")[0]
	topics, err := w.Topics(t.Context(), person.PublicViewer, m.Ref, hackfest.Ref{})
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, topic := range topics {
		titles = append(titles, topic.Title)
	}
	if !slices.Equal(titles, []string{"", "In other letters"}) || !slices.Equal(w.items(m.Ref), []string{"info ann In colours"}) {
		t.Errorf("topics %q, items %q", titles, w.items(m.Ref))
	}
	if all, err := w.Meetings(t.Context(), person.Viewer{ID: 1, Role: person.Member}, store.MeetingFilter{}); err != nil || len(all) != 1 {
		t.Errorf("%d meetings, %v", len(all), err)
	}
	log := w.log("test", "#euca{1}")
	if count(log, "hidden") > 0 || count(log, "elsewhere") > 0 || len(w.grep("hidden")) > 0 || len(w.grep("elsewhere")) > 0 {
		t.Errorf("what was not for all is logged:\n%s", strings.Join(log, "\n"))
	}
	if count(log, "evil") < 15 {
		t.Errorf("the tries did not come:\n%s", strings.Join(log, "\n"))
	}
}
