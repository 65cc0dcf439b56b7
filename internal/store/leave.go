package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Leaving says what is known of somebody who may leave.
type Leaving struct {
	Lines    int       // of theirs, that they would leave behind
	Meetings int       // at which they spoke, among those
	Since    time.Time // of the first of them; zero without one
	Names    []person.Identity
	Running  string // a channel in which a meeting runs that they spoke in; "" is none
}

// Leaving returns what leaving would be about, as far as v may see it.
func (s *Store) Leaving(ctx context.Context, v person.Viewer) (Leaving, error) {
	const q = `
		select count(*), min(l.at),
			(select count(*) from meetings m
				join sessions ms on ms.id = m.session_id join channels mc on mc.id = m.channel_id
				where (@members or (m.visibility = 'public' and ms.visibility = 'public' and mc.visibility = 'public'))
				  and exists (
					select 1 from lines l join networks w on w.id = mc.network_id
					where l.channel_id = m.channel_id and l.ref >= m.ref and (m.last_ref is null or l.ref <= m.last_ref) and ` + spokenBy + `)),
			coalesce((select min(mc.name) from meetings m join channels mc on mc.id = m.channel_id
				where m.ended_at is null and exists (
					select 1 from lines l join networks w on w.id = mc.network_id
					where l.channel_id = m.channel_id and l.ref >= m.ref and ` + spokenBy + `)), '')
		from lines l
		join channels c on c.id = l.channel_id
		join networks w on w.id = c.network_id
		where (@members or (not l.members_only and c.visibility = 'public')) and l.kind not in ('context', 'private') and ` + spokenBy
	var x Leaving
	err := s.inSnapshot(ctx, func(tx *Store) error {
		var since *time.Time
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"person": v.ID, "members": v.SeesMembersOnly()})
		_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
			return struct{}{}, row.Scan(&x.Lines, &since, &x.Meetings, &x.Running)
		})
		if err != nil {
			return classify(err, "line")
		}
		x.Since = orZero(since)
		list, err := tx.Identities(ctx, v.ID)
		x.Names = slices.DeleteFunc(list, func(d person.Identity) bool { return d.ProvenAt.IsZero() })
		return err
	})
	return x, err
}

// Leave closes somebody's account for good: nobody signs in as them again, and of
// what they said about themselves nothing stays. pseudonym is what the account is
// called from then on; with everywhere set it also takes the place of their names
// in logs and minutes, which is fault.Conflict while a meeting runs that they
// spoke in. The last admin cannot leave.
func (s *Store) Leave(ctx context.Context, v person.Viewer, pseudonym string, everywhere bool, now time.Time) error {
	return s.judge(ctx, v.ID, func(tx *Store) error {
		if everywhere {
			x, err := tx.Leaving(ctx, v)
			if err != nil {
				return err
			}
			if x.Running != "" {
				return fault.New(fault.Conflict, "A meeting in %s is running in which you spoke. Leave when it is over.", x.Running)
			}
			if err := tx.replaceNames(ctx, v.ID, x.Names, pseudonym, now); err != nil {
				return err
			}
		}
		if err := tx.forgetPerson(ctx, v.ID, pseudonym, now); err != nil {
			return err
		}
		_, err := tx.RevokeSignins(ctx, v.ID, "")
		return err
	})
}

// forgetPerson empties an account. The row stays, for what refers to it.
func (s *Store) forgetPerson(ctx context.Context, id person.ID, pseudonym string, now time.Time) error {
	const q = `
		with names as (delete from identities where person_id = @id),
			tokens as (delete from api_tokens where person_id = @id),
			signs as (delete from signin_links where person_id = @id),
			mails as (delete from mail_links where person_id = @id),
			codes as (delete from claims where person_id = @id),
			tries as (delete from github_tries where person_id = @id),
			wanted as (delete from contests where person_id = @id or holder_id = @id),
			chaired as (delete from chairs where person_id = @id),
			backed as (delete from target_backers where person_id = @id),
			owned as (update targets set owner_id = null where owner_id = @id),
			answered as (delete from rsvps where person_id = @id),
			hosted as (update sessions set host_id = null where host_id = @id),
			welcomed as (update series set host_id = null where host_id = @id),
			subscribed as (delete from calendar_links where person_id = @id),
			followed as (
				delete from subscribers s using people p
				where p.id = @id and (s.person_id = p.id or p.mail_proven_at is not null and lower(s.mail) = lower(p.mail))),
			said as (delete from bot_commands where person_id = @id),
			done as (delete from changes where person_id = @id),
			noted as (update check_ticks set note = '' where person_id = @id and note <> ''),
			examined as (delete from preflights where person_id = @id),
			asked as (update removal_requests set contact = '', why = '', person_id = null where person_id = @id)
		update people set name = @pseudonym, role = 'member', password_hash = '', mail = '', mail_proven_at = null, zone = '',
			listed = false, unnamed = false, suspended_at = coalesce(suspended_at, @now), left_at = @now, revision = revision + 1
		where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "pseudonym": pseudonym, "now": now})
	return classify(err, "person")
}
