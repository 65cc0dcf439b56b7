package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// seriesChange is one change of the rules of a series.
type seriesChange struct {
	tx    *Store
	was   hackfest.Series
	from  time.Time // the first wall-clock date that changes; zero is all that have not begun
	begun time.Time // what starts until then is past
	now   time.Time
	by    person.ID
	why   string // what is told of dates that fall away
}

// stays reports whether an occurrence of the old rules is not concerned.
func (c seriesChange) stays(o schedule.Occurrence) bool {
	return !o.Start.After(c.begun) || day(o.Wall).Before(c.from)
}

// begins reports whether an occurrence is one of the new rule.
func (c seriesChange) begins(o schedule.Occurrence) bool {
	return o.Start.After(c.begun) && !day(o.Wall).Before(c.from)
}

// retime gives r the timing of e, if that is another, and its sessions their new
// dates. It reports whether it was.
func (c *seriesChange) retime(ctx context.Context, r *hackfest.Series, e hackfest.SeriesEdit) (bool, error) {
	if e.Rule == "" {
		return false, nil
	}
	dates, err := schedule.New(e.Rule, e.First, e.Zone, e.Length)
	if err != nil || sameTiming(dates, c.was.Timing()) {
		return false, err
	}
	if !e.From.IsZero() {
		c.from = day(e.From)
	}
	if err := c.afterBegun(); err != nil {
		return false, err
	}
	rest, ok := dates.Since(c.begins)
	if !ok {
		return false, fault.On("rule", "The rule has no dates from then on.")
	}
	to := hackfest.SeriesRule{Rule: rest.Rule.String(), First: rest.First, Zone: e.Zone, Length: e.Length}
	at := c.reusable()
	if err := c.endRules(ctx, r, at); err != nil {
		return false, err
	}
	if at < 0 {
		to, err = c.tx.addRule(ctx, r.ID, to, c.now)
		at, r.Rules = len(r.Rules), append(r.Rules, to)
	} else {
		x := &r.Rules[at]
		x.Rule, x.First, x.Zone, x.Length = to.Rule, to.First, to.Zone, to.Length
		err = c.tx.setRule(ctx, x, c.now)
	}
	if err != nil {
		return false, err
	}
	r.EndedAt, r.Reason = time.Time{}, ""
	return true, c.resettle(ctx, *r, &r.Rules[at])
}

// afterBegun has the change begin after the day of the session that has begun
// last: no day gets two.
func (c *seriesChange) afterBegun() error {
	for _, q := range c.was.Rules {
		dates, err := datesOf(q)
		if err != nil {
			return err
		}
		last, some := dates.Last(func(o schedule.Occurrence) bool { return !o.Start.After(c.begun) })
		if next := day(last.Wall).AddDate(0, 0, 1); some && !q.Void && next.After(c.from) {
			c.from = next
		}
	}
	return nil
}

// reusable is the last rule of which no date stays: nothing in calendars would be
// lost if it were changed itself. Without any it is -1.
func (c seriesChange) reusable() int {
	for i := len(c.was.Rules) - 1; i >= 0; i-- {
		if q := c.was.Rules[i]; !q.Void {
			if dates, err := datesOf(q); err == nil {
				if _, some := dates.Last(c.stays); !some {
					return i
				}
			}
		}
	}
	return -1
}

// endRules ends the rules of r, but the one at except, where the change begins.
func (c seriesChange) endRules(ctx context.Context, r *hackfest.Series, except int) error {
	for i := range r.Rules {
		q := &r.Rules[i]
		if q.Void || i == except {
			continue
		}
		dates, err := datesOf(*q)
		if err != nil {
			return err
		}
		last, some := dates.Last(c.stays)
		if _, more := dates.Since(func(o schedule.Occurrence) bool { return !c.stays(o) }); !more {
			continue
		}
		if some {
			q.Rule = dates.Rule.EndingAt(last.Start).String()
		} else {
			q.Void = true
		}
		if err := c.tx.setRule(ctx, q, c.now); err != nil {
			return err
		}
	}
	return nil
}

// touchRules tells calendars that the rules with dates to come are elsewhere.
func (c seriesChange) touchRules(ctx context.Context, r *hackfest.Series) error {
	for i := range r.Rules {
		q := &r.Rules[i]
		dates, err := datesOf(*q)
		if err != nil {
			return err
		}
		if _, more := dates.Since(c.begins); q.Void || !more {
			continue
		}
		if err := c.tx.setRule(ctx, q, c.now); err != nil {
			return err
		}
	}
	return nil
}

// dated is a session of a series as a change of its rules needs it.
type dated struct {
	ID         hackfest.SessionID
	RuleID     hackfest.RuleID
	Occurrence time.Time
	StartsAt   time.Time
	Held       int
	Moved      bool
}

// resettle gives the sessions whose dates the old rules do not have any more to
// the new rule, as far as that has their days. to is nil when there is none.
func (c seriesChange) resettle(ctx context.Context, r hackfest.Series, to *hackfest.SeriesRule) error {
	const q = `
		select s.id, s.rule_id, s.occurrence, s.starts_at, s.held, s.moved
		from sessions s
		where s.series_id = @series and s.rule_id is not null
		order by s.occurrence, s.id
		for update`
	rows, _ := c.tx.db.Query(ctx, q, pgx.NamedArgs{"series": r.ID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[dated])
	if err != nil {
		return classify(err, "session")
	}
	var kept []dated
	for _, x := range list {
		x.Occurrence = x.Occurrence.UTC()
		stays, err := c.staysFor(x)
		if err != nil {
			return err
		}
		if !stays {
			kept = append(kept, x)
		}
	}
	matched, err := onSameDays(kept, to)
	if err != nil {
		return err
	}
	for _, x := range kept { // first, so that no two rows have one date at a time
		if _, ok := matched[x.ID]; !ok {
			if err := c.drop(ctx, x); err != nil {
				return err
			}
		}
	}
	for _, x := range kept {
		if o, ok := matched[x.ID]; ok {
			if err := c.settle(ctx, x, o, *to); err != nil {
				return err
			}
		}
	}
	return nil
}

// staysFor reports whether the rule that gave x its date has it still.
func (c seriesChange) staysFor(x dated) (bool, error) {
	for _, q := range c.was.Rules {
		if q.ID == x.RuleID {
			zone, err := schedule.Zone(q.Zone)
			return err == nil && c.stays(schedule.Occurrence{Wall: x.Occurrence, Start: schedule.Instant(x.Occurrence, zone)}), err
		}
	}
	return true, nil
}

// onSameDays finds, for sessions sorted by date, the occurrences of a rule that
// are on their days.
func onSameDays(list []dated, to *hackfest.SeriesRule) (map[hackfest.SessionID]schedule.Occurrence, error) {
	found := map[hackfest.SessionID]schedule.Occurrence{}
	if to == nil || len(list) == 0 {
		return found, nil
	}
	dates, err := datesOf(*to)
	if err != nil {
		return nil, err
	}
	i := 0
	for o := range dates.All() {
		for i < len(list) && day(list[i].Occurrence).Before(day(o.Wall)) {
			i++
		}
		if i == len(list) {
			break
		}
		if day(list[i].Occurrence).Equal(day(o.Wall)) {
			found[list[i].ID] = o
		}
	}
	return found, nil
}

// settle gives a session its date by a new rule. One that has begun, or was moved
// by hand, keeps its time.
func (c seriesChange) settle(ctx context.Context, x dated, o schedule.Occurrence, to hackfest.SeriesRule) error {
	const q = `
		update sessions s
		set rule_id = @rule, occurrence = @occurrence,
			starts_at = case when @keep then s.starts_at else @starts end, ends_at = case when @keep then s.ends_at else @ends end,
			zone = case when @frozen then s.zone else @zone end,
			sequence = case when @frozen then s.sequence else greatest(s.sequence + 1, @sequence) end,
			revision = s.revision + 1, changed_at = case when @frozen then s.changed_at else @now end
		where s.id = @id`
	frozen := x.Held > 0 || !x.StartsAt.After(c.begun)
	_, err := c.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"id": x.ID, "rule": to.ID, "occurrence": o.Wall, "keep": frozen || x.Moved, "frozen": frozen, "starts": o.Start, "ends": o.End,
		"zone": to.Zone, "sequence": to.Sequence, "now": c.now,
	})
	return classify(err, "session")
}

// drop has a session fall away: it is deleted when nobody would miss it, else it
// stays without a rule, cancelled unless it has begun. One that is so near that its
// channel is told is missed.
func (c seriesChange) drop(ctx context.Context, x dated) error {
	const forget = `
		delete from sessions s
		where s.id = @id and s.held = 0 and s.starts_at > @begun and s.starts_at > @near and not s.overridden and s.goal = ''
		  and not exists (select 1 from agenda_items a where a.session_id = s.id)
		  and not exists (select 1 from chairs h where h.session_id = s.id)
		  and not exists (select 1 from rsvps a where a.session_id = s.id)
		  and not exists (select 1 from deliveries d where d.session_id = s.id and d.state in ('sending', 'sent', 'unknown'))`
	const q = `
		update sessions s
		set rule_id = null, occurrence = null, revision = s.revision + 1,
			state = case when @frozen or s.state = 'cancelled' then s.state else 'cancelled' end,
			reason = case when @frozen or s.state = 'cancelled' then s.reason else @why end,
			sequence = case when @frozen then s.sequence else s.sequence + 1 end,
			changed_at = case when @frozen then s.changed_at else @now end,
			changed_by = case when @frozen or s.state = 'cancelled' then s.changed_by else nullif(@by::bigint, 0) end
		where s.id = @id`
	args := pgx.NamedArgs{
		"id": x.ID, "begun": c.begun, "near": c.now.Add(announce.ChangesAhead), "frozen": x.Held > 0 || !x.StartsAt.After(c.begun), "why": clean(c.why), "now": c.now, "by": c.by,
	}
	gone := false
	err := c.tx.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, forget, args)
		gone = tag.RowsAffected() > 0
		return err
	})
	if err = classify(err, "session"); gone && err == nil || err != nil && fault.KindOf(err) != fault.Invalid {
		return err
	}
	_, err = c.tx.db.Exec(ctx, q, args) // something refers to it: it stays
	return classify(err, "session")
}

// followers changes the sessions to come in what they have in common with their
// series as it was. anew says that their time or channel is to be found free.
func (c seriesChange) followers(ctx context.Context, r hackfest.Series, anew bool) error {
	const q = `
		update sessions s
		set title = x.title, kind = x.kind, visibility = x.visibility, target_id = x.target_id, channel_id = x.channel_id,
			overlap_ok = x.overlap_ok, conflict_at = x.conflict_at,
			sequence = case when s.channel_id = x.channel_id then s.sequence
				else greatest(s.sequence + 1, (select q.sequence from series_rules q where q.id = s.rule_id)) end,
			revision = s.revision + 1, changed_at = @now
		from (
			select n.id,
				case when n.title = @old_title then @title else n.title end as title,
				case when n.kind = @old_kind then @kind else n.kind end as kind,
				case when n.visibility = @old_visibility then @visibility else n.visibility end as visibility,
				case when n.target_id is not distinct from (select t.id from targets t where t.slug = @old_target)
					then (select t.id from targets t where t.slug = @target) else n.target_id end as target_id,
				case when n.moved then n.channel_id else @channel end as channel_id,
				case when @anew and not n.moved then @overlap_ok else n.overlap_ok end as overlap_ok,
				case when @anew and not n.moved then null else n.conflict_at end as conflict_at
			from sessions n
			where n.series_id = @id and n.rule_id is not null and n.held = 0 and n.starts_at > @begun) x
		where s.id = x.id
		  and (s.title, s.kind, s.visibility, s.target_id, s.channel_id, s.overlap_ok, s.conflict_at)
			is distinct from (x.title, x.kind, x.visibility, x.target_id, x.channel_id, x.overlap_ok, x.conflict_at)`
	_, err := c.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"id": r.ID, "begun": c.begun, "now": c.now, "anew": anew, "overlap_ok": r.OverlapOK, "channel": r.ChannelID,
		"old_title": c.was.Title, "title": clean(r.Title), "old_kind": c.was.Kind, "kind": r.Kind,
		"old_visibility": c.was.Visibility, "visibility": r.Visibility, "old_target": c.was.TargetSlug, "target": r.TargetSlug,
	})
	return classify(err, "session")
}
