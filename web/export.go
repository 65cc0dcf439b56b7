package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// How much of an export is read at once, and how long that may take.
const (
	exportLines = 500
	exportTime  = 30 * time.Second
)

// exportSchema names this version of the file.
const exportSchema = "hackfest.person/1"

// exportMe answers GET /settings/export: all that the portal knows of somebody,
// as one JSON object. It is written while it is read, so that a long history
// needs no more memory than a short one; a failure half-way cuts it off, and no
// program takes that for whole.
func (s *Server) exportMe(w http.ResponseWriter, r *http.Request) {
	x := &export{Server: s, r: r, rc: http.NewResponseController(w)}
	about, err := x.about()
	if err != nil {
		s.page(func(http.ResponseWriter, *http.Request) error { return err })(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="hackfest-`+s.Now().UTC().Format(time.DateOnly)+`.json"`)
	h.Set("Cache-Control", "no-store")
	x.out = bufio.NewWriterSize(w, 32<<10)
	if err := x.write(about); err != nil {
		s.logFailure(r, err)
		panic(http.ErrAbortHandler) // the reader must not think it is whole
	}
}

// export is one export under way.
type export struct {
	*Server
	r   *http.Request
	rc  *http.ResponseController
	out *bufio.Writer
}

// step runs fn with its own time, for the store and for the reader.
func (x *export) step(fn func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(x.r.Context(), exportTime)
	defer cancel()
	_ = x.rc.SetWriteDeadline(time.Now().Add(exportTime + pageTime)) // a test's recorder has none
	return fn(ctx)
}

// exported is what an export begins with: what is small.
type exported struct {
	Schema    string           `json:"schema"`
	At        string           `json:"at"`
	From      string           `json:"from"` // the portal's address
	Account   exportedAccount  `json:"account"`
	Names     []exportedName   `json:"names"`
	Signins   []exportedSignin `json:"signins"`
	Tokens    []exportedToken  `json:"tokens"`
	Sessions  []string         `json:"sessions"` // addresses of those they spoke in
	Answers   []exportedAnswer `json:"answers"`
	Lessons   []apiLesson      `json:"lessons"`
	Actions   []exportedAction `json:"actions"`
	Privilege []exportedAct    `json:"privileged_acts"`
}

type exportedAccount struct {
	Name          string   `json:"name"`
	Role          string   `json:"role"`
	Chairs        []string `json:"chairs"`
	Since         string   `json:"since"`
	Zone          string   `json:"zone"`
	ZoneShown     bool     `json:"zone_shown"`
	Listed        bool     `json:"listed"`
	Unnamed       bool     `json:"unnamed"`
	Mail          string   `json:"mail"`
	MailConfirmed string   `json:"mail_confirmed_at"`
	HasPassword   bool     `json:"has_password"`
}

type exportedName struct {
	Kind    string `json:"kind"`
	Network string `json:"network"`
	Value   string `json:"value"`
	Proven  string `json:"proven_at"`
	Since   string `json:"since"`
	Until   string `json:"until"`
	Number  int64  `json:"number,omitempty"` // GitHub's, of an account there
}

type exportedSignin struct {
	Since   string `json:"since"`
	Seen    string `json:"seen_at"`
	Ends    string `json:"ends_at"`
	Address string `json:"address"`
	Agent   string `json:"agent"`
}

type exportedToken struct {
	Name   string         `json:"name"`
	Prefix string         `json:"prefix"`
	Scopes []person.Scope `json:"scopes"`
	Made   string         `json:"made_at"`
	Used   string         `json:"used_at"`
	Ends   string         `json:"ends_at"`
}

type exportedAction struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Owners  []string `json:"owners"`
	State   string   `json:"state"`
	At      string   `json:"at"`
	Session string   `json:"session"`
}

type exportedAnswer struct {
	Session string `json:"session"` // slug; "" for a whole series
	Series  string `json:"series"`
	Answer  string `json:"answer"`
	Nick    string `json:"nick"`
	Needs   string `json:"needs"`
	First   bool   `json:"first_visit"`
	Via     string `json:"via"`
	At      string `json:"at"`
	Changed string `json:"changed_at"`
	Removed string `json:"removed_at"`
	Ended   string `json:"ended_at"`
}

type exportedAct struct {
	At      string          `json:"at"`
	Via     string          `json:"via"`
	Action  string          `json:"action"`
	Object  string          `json:"object"`
	Refused bool            `json:"refused"`
	Before  json.RawMessage `json:"before,omitempty"`
	After   json.RawMessage `json:"after,omitempty"`
	Address string          `json:"address"`
}

type exportedLine struct {
	Network string `json:"network"`
	Channel string `json:"channel"`
	apiLine
}

// most is how many sessions, lessons, actions and acts an export holds at most of
// each: more than anybody has.
const exportMost = 10_000

// about reads everything but the lines.
func (x *export) about() (e exported, err error) {
	err = x.step(func(ctx context.Context) error {
		a, v := actorOf(x.r), viewerOf(x.r)
		e = exported{Schema: exportSchema, At: stamp(x.Now()), From: x.BaseURL}
		set, err := x.Store.Settings(ctx, a.ID)
		if err != nil {
			return err
		}
		account, err := x.Store.AccountByID(ctx, a.ID)
		if err != nil {
			return err
		}
		e.Account = exportedAccount{
			Name: set.Name, Role: string(a.Role), Chairs: account.Chairs, Since: stamp(set.CreatedAt), Zone: set.Zone, ZoneShown: set.ZoneShown,
			Listed: set.Listed, Unnamed: set.Unnamed, Mail: set.Mail, MailConfirmed: stamp(set.MailProvenAt), HasPassword: set.HasPassword,
		}
		if err := x.access(ctx, a.ID, &e); err != nil {
			return err
		}
		return x.deeds(ctx, v, &e)
	})
	return e, err
}

// access reads by what somebody is known and let in.
func (x *export) access(ctx context.Context, id person.ID, e *exported) error {
	names, err := x.Store.Identities(ctx, id)
	if err != nil {
		return err
	}
	e.Names = collect(names, func(d person.Identity) exportedName {
		return exportedName{string(d.Kind), d.Network, d.Value, stamp(d.ProvenAt), stamp(d.Since), stamp(d.Until), 0}
	})
	if g, err := x.Store.GitHubLogin(ctx, id); err != nil {
		return err
	} else if g.ID != 0 {
		e.Names = append(e.Names, exportedName{Kind: string(person.GitHubUser), Value: g.Login, Number: g.ID, Proven: stamp(g.Since), Since: stamp(g.Since)})
	}
	signins, err := x.Store.Signins(ctx, id, auth.IdleTime, x.Now().UTC())
	if err != nil {
		return err
	}
	e.Signins = collect(signins, func(i person.Signin) exportedSignin {
		return exportedSignin{stamp(i.CreatedAt), stamp(i.SeenAt), stamp(i.ExpiresAt), i.Address, i.Agent}
	})
	tokens, err := x.Store.Tokens(ctx, id)
	e.Tokens = collect(tokens, func(t person.Token) exportedToken {
		return exportedToken{t.Name, t.Prefix, t.Scopes, stamp(t.CreatedAt), stamp(t.UsedAt), stamp(t.ExpiresAt)}
	})
	return err
}

// deeds reads what somebody did, lines left out.
func (x *export) deeds(ctx context.Context, v person.Viewer, e *exported) error {
	sessions, err := x.Store.Attended(ctx, v, v.ID, exportMost)
	if err != nil {
		return err
	}
	e.Sessions = collect(sessions, func(s hackfest.Session) string { return x.BaseURL + templates.SessionURL(s.Slug) })
	answers, err := x.Store.AnswersOf(ctx, v, exportMost)
	if err != nil {
		return err
	}
	e.Answers = collect(answers, func(a hackfest.GivenRSVP) exportedAnswer {
		return exportedAnswer{
			a.Session, a.Series, string(a.Answer), a.Nick, a.Needs, a.FirstVisit, a.Via, stamp(a.CreatedAt), stamp(a.ChangedAt), stamp(a.RemovedAt), stamp(a.EndedAt),
		}
	})
	lessons, err := x.Store.Lessons(ctx, v, store.LessonFilter{Person: v.ID, Limit: exportMost})
	if err != nil {
		return err
	}
	e.Lessons = collect(lessons, x.apiLesson)
	actions, err := x.Store.Actions(ctx, v, store.ActionFilter{Person: v.ID, Limit: exportMost})
	if err != nil {
		return err
	}
	e.Actions = collect(actions, func(a hackfest.Action) exportedAction {
		return exportedAction{a.ID.String(), a.Text, a.Owners, string(a.State), stamp(a.At), a.SessionSlug}
	})
	acts, err := x.Store.ActsOf(ctx, v.ID, exportMost)
	e.Privilege = collect(acts, func(a person.AuditEntry) exportedAct {
		return exportedAct{stamp(a.At), string(a.Via), a.Action, a.Object, a.Refused, a.Before, a.After, a.Address}
	})
	return err
}

// collect turns each of list into a T; the result is never nil, so that it is []
// in JSON.
func collect[S, T any](list []S, one func(S) T) []T { return itemsOf(list, one).Items }

// write writes what was read, then the lines, in steps.
func (x *export) write(e exported) error {
	begin, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return err
	}
	begin = begin[:len(begin)-2] // the end of the object and the line before it
	fmt.Fprintf(x.out, "%s,\n \"lines\": [", begin)
	var after hackfest.Ref
	for first := true; ; {
		var n int
		err := x.step(func(ctx context.Context) error {
			lines, err := x.Store.SpokenLines(ctx, viewerOf(x.r), after, exportLines)
			if n = len(lines); n > 0 {
				after = lines[n-1].Ref
			}
			for _, l := range lines {
				if err != nil {
					break
				}
				var text []byte
				if text, err = json.Marshal(exportedLine{l.Network, l.Channel, lineOf(l)}); err != nil {
					break
				}
				if !first {
					_ = x.out.WriteByte(',') // Flush tells
				}
				first = false
				fmt.Fprintf(x.out, "\n  %s", text)
			}
			if err != nil {
				return err
			}
			return x.out.Flush()
		})
		if err != nil {
			return err
		}
		if n < exportLines {
			break
		}
	}
	_, _ = x.out.WriteString("\n ]\n}\n")
	return x.out.Flush()
}
