package store

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// AddGitHubTry keeps that a browser is sent to GitHub.
func (s *Store) AddGitHubTry(ctx context.Context, t person.GitHubTry) error {
	const q = `
		insert into github_tries (state_hash, browser_hash, person_id, next, made_at, expires_at)
		values (@state, @browser, nullif(@person::bigint, 0), @next, @made, @expires)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"state": t.StateHash, "browser": t.BrowserHash, "person": t.PersonID, "next": clean(t.Next), "made": t.MadeAt, "expires": t.ExpiresAt,
	})
	return classify(err, "sign-in")
}

// Why a browser that comes back from GitHub is not believed. To one that is not
// the browser that went there, nothing is said of the try.
var (
	errOtherBrowser = fault.New(fault.Forbidden, "This sign-in with GitHub was not begun in this browser, or was begun anew since. Begin again here.")
	errTryUsed      = fault.New(fault.Conflict, "This answer of GitHub was used already. Begin again to sign in once more.")
	errTryExpired   = fault.New(fault.Conflict, "That took longer than ten minutes. Begin again.")
)

// UseGitHubTry uses up the try of the browser that comes back from GitHub, and
// returns it. That of another browser, and one that there never was, is
// fault.Forbidden; one that was used or has expired is fault.Conflict.
func (s *Store) UseGitHubTry(ctx context.Context, stateHash, browserHash []byte, now time.Time) (person.GitHubTry, error) {
	const q = `
		update github_tries set used_at = @now
		where state_hash = @state and browser_hash = @browser and used_at is null and expires_at > @now
		returning coalesce(person_id, 0), next, made_at, expires_at`
	t := person.GitHubTry{StateHash: stateHash, BrowserHash: browserHash}
	args := pgx.NamedArgs{"state": stateHash, "browser": browserHash, "now": now}
	rows, _ := s.db.Query(ctx, q, args)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&t.PersonID, &t.Next, &t.MadeAt, &t.ExpiresAt)
	})
	if err == nil && len(found) == 0 {
		err = s.whyNoTry(ctx, args)
	}
	return t, classify(err, "sign-in")
}

// whyNoTry says why there is no try to be used.
func (s *Store) whyNoTry(ctx context.Context, args pgx.NamedArgs) error {
	const q = `select used_at is not null from github_tries where state_hash = @state and browser_hash = @browser`
	rows, _ := s.db.Query(ctx, q, args)
	used, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	switch {
	case err != nil:
		return err
	case len(used) == 0:
		return errOtherBrowser
	case used[0]:
		return errTryUsed
	}
	return errTryExpired
}

// ByGitHub returns who linked an account on GitHub, and keeps what that is called
// now. Nobody is fault.NotFound, somebody suspended ErrSuspended.
func (s *Store) ByGitHub(ctx context.Context, g person.GitHubLogin) (person.Account, error) {
	const q = selectAccounts + `
		join identities d on d.person_id = p.id and d.kind = 'github' and d.value = @value and d.until is null and d.proven_at is not null`
	if err := s.renameGitHub(ctx, g); err != nil {
		return person.Account{}, err
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"value": strconv.FormatInt(g.ID, 10)})
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	if err == nil && a.Suspended() {
		return a, ErrSuspended
	}
	return a, classify(err, "account")
}

// renameGitHub keeps what an account on GitHub is called, and that no other is
// called so any more.
func (s *Store) renameGitHub(ctx context.Context, g person.GitHubLogin) error {
	const q = `
		update identities set shown = case when value = @value then @login else '' end
		where kind = 'github' and until is null
		  and (value = @value and shown <> @login or value <> @value and lower(shown) = lower(@login))`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"value": strconv.FormatInt(g.ID, 10), "login": clean(g.Login)})
	return classify(err, "login")
}

// GitHubLogin returns the account on GitHub that a person linked; the zero value
// when there is none.
func (s *Store) GitHubLogin(ctx context.Context, id person.ID) (person.GitHubLogin, error) {
	const q = `
		select value::bigint, shown, since from identities
		where person_id = @person and kind = 'github' and until is null and proven_at is not null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g person.GitHubLogin, err error) {
		err = row.Scan(&g.ID, &g.Login, &g.Since)
		g.Since = g.Since.UTC()
		return g, err
	})
	if err != nil || len(list) == 0 {
		return person.GitHubLogin{}, classify(err, "login")
	}
	return list[0], nil
}

// LinkGitHub makes an account on GitHub a person's, who signs in with it from then
// on. One that is another person's stays theirs, and somebody who linked another
// keeps that: both is fault.Conflict.
func (s *Store) LinkGitHub(ctx context.Context, id person.ID, g person.GitHubLogin, now time.Time) error {
	const find = `
		select person_id from identities
		where kind = 'github' and until is null and (value = @value or person_id = @person)
		order by value = @value desc limit 1`
	const q = `
		insert into identities (person_id, kind, value, shown, proven_at, since)
		values (@person, 'github', @value, @login, @now, @now)`
	args := pgx.NamedArgs{"person": id, "value": strconv.FormatInt(g.ID, 10), "login": clean(g.Login), "now": now}
	err := s.InTx(ctx, func(tx *Store) error {
		if err := tx.lockNames(ctx, "github"); err != nil {
			return err
		}
		if err := tx.renameGitHub(ctx, g); err != nil {
			return err
		}
		rows, _ := tx.db.Query(ctx, find, args)
		holders, err := pgx.CollectRows(rows, pgx.RowTo[person.ID])
		if err != nil {
			return err
		}
		has, err := tx.GitHubLogin(ctx, id)
		switch {
		case err != nil || has.ID == g.ID:
			return err
		case len(holders) > 0 && holders[0] != id:
			return fault.New(fault.Conflict, "%s on GitHub is linked with another account here. Sign in as that one to unlink it there.", g.Login)
		case len(holders) > 0:
			return fault.New(fault.Conflict, "You have linked %s already. Unlink that first to link %s.", orSomebody(has.Login), g.Login)
		}
		_, err = tx.db.Exec(ctx, q, args)
		return err
	})
	return classify(err, "login")
}

// orSomebody is a login for sentences, also where it is not known any more.
func orSomebody(login string) string {
	if login == "" {
		return "another account on GitHub"
	}
	return login
}

// UnlinkGitHub ends that somebody signs in with GitHub. With mails set the portal
// sends sign-in links by mail. Whoever had no other way to sign in keeps it, which
// is fault.Conflict; who linked none is fault.NotFound.
func (s *Store) UnlinkGitHub(ctx context.Context, id person.ID, mails bool, now time.Time) (person.GitHubLogin, error) {
	const ways = `
		select p.password_hash <> '' or (@mails and p.mail_proven_at is not null) or exists (
			select 1 from identities d
			where d.person_id = p.id and d.kind = 'account' and d.until is null and d.proven_at is not null)
		from people p where p.id = @person for update`
	const q = `
		update identities set until = greatest(@now, since + interval '1 microsecond')
		where person_id = @person and kind = 'github' and until is null
		returning value::bigint, shown, since`
	args := pgx.NamedArgs{"person": id, "mails": mails, "now": now}
	var g person.GitHubLogin
	err := s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, args)
		var err error
		g, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (g person.GitHubLogin, err error) {
			return g, row.Scan(&g.ID, &g.Login, &g.Since)
		})
		if err != nil {
			return err
		}
		rows, _ = tx.db.Query(ctx, ways, args)
		others, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
		if err == nil && !others {
			return fault.New(fault.Conflict, "GitHub is the only way you have to sign in. Set a password or confirm a mail address first.")
		}
		return err
	})
	return g, classify(err, "linked login")
}

// RelinkGitHub takes back that somebody unlinked their login after since. One that
// somebody else has by now is fault.Conflict.
func (s *Store) RelinkGitHub(ctx context.Context, id person.ID, since time.Time) (person.GitHubLogin, error) {
	const q = `
		update identities u set until = null,
			shown = case when exists (
				select 1 from identities o
				where o.kind = 'github' and o.until is null and o.value <> u.value and lower(o.shown) = lower(u.shown)) then '' else u.shown end
		where u.id = (
			select d.id from identities d where d.person_id = @person and d.kind = 'github' and d.until > @since
			order by d.until desc, d.id desc limit 1)
		returning value::bigint, shown, since`
	var g person.GitHubLogin
	err := s.InTx(ctx, func(tx *Store) error {
		if err := tx.lockNames(ctx, "github"); err != nil {
			return err
		}
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"person": id, "since": since})
		var err error
		g, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (g person.GitHubLogin, err error) {
			return g, row.Scan(&g.ID, &g.Login, &g.Since)
		})
		return err
	})
	if isUnique(err) {
		return g, &fault.Error{Kind: fault.Conflict, Message: "That login, or another of yours, was linked meanwhile.", Err: err}
	}
	return g, classify(err, "linked login")
}

// Logins returns the GitHub logins of those who are called names on a
// network now, by a nick or an account they have proven; who has none there is
// called NAME/web. Who linked no login is left out; keys are as asked.
func (s *Store) Logins(ctx context.Context, network string, names []string) (map[string]string, error) {
	const q = `
		select x.name, g.shown
		from unnest(@names::text[]) x (name)
		join lateral (
			select d.person_id, d.kind = 'nick' as rank from identities d
			where d.kind in ('nick', 'account') and d.network = @network and d.until is null and d.proven_at is not null
			  and ` + ircFolded + ` = lower(translate(x.name, '[]\~', '{}|^'))
			union all
			select w.id, false from people w where lower(w.name || '/web') = lower(x.name)) h on true
		join people p on p.id = h.person_id and p.suspended_at is null and p.left_at is null
		join identities g on g.person_id = p.id and g.kind = 'github' and g.until is null and g.proven_at is not null and g.shown <> ''
		order by x.name, h.rank`
	logins := map[string]string{}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network, "names": names})
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var name, login string
		err := row.Scan(&name, &login)
		if _, known := logins[name]; !known {
			logins[name] = login
		}
		return struct{}{}, err
	})
	return logins, classify(err, "login")
}
