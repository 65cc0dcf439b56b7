-- +goose Up
-- Who answered for a session: what they said of it, else what they said of its
-- series. Whoever asks who comes asks here.
create view session_answers as
select a.session_id, a.id as rsvp_id, a.who, a.person_id, a.nick, a.network, a.answer, a.needs, a.first_visit, a.subscriber_id,
    false as from_series
from rsvps a
where a.session_id is not null and a.removed_at is null
union all
select s.id, a.id, a.who, a.person_id, a.nick, a.network, a.answer, a.needs, a.first_visit, a.subscriber_id, true
from sessions s
join rsvps a on a.series_id = s.series_id
where a.removed_at is null and a.created_at < s.ends_at and (a.ended_at is null or a.ended_at >= s.ends_at)
  and not exists (select 1 from rsvps o where o.session_id = s.id and o.who = a.who);
comment on view session_answers is 'Who comes to which session; a person''s answer for a session goes before that for its series.';
