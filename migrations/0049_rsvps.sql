-- +goose Up
create table rsvps (
    id            bigint generated always as identity primary key,
    session_id    bigint      references sessions (id) on delete cascade,
    series_id     bigint      references series (id) on delete cascade,
    who           text        not null, -- person/ID, or nick/NETWORK/NICK with NICK folded by rfc1459
    person_id     bigint      references people (id) on delete cascade, -- null for who is no more than a nick
    nick          text        not null check (char_length(nick) between 1 and 64), -- as it is shown
    network       text        not null,
    browser_hash  bytea, -- SHA-256 of a token in a cookie: who has it may change the answer; null for none
    answer        text        not null check (answer in ('coming', 'maybe', 'regrets')),
    needs         text        not null default '' check (char_length(needs) <= 300), -- to take part; for host, chairs and maintainers
    first_visit   boolean     not null default false, -- they said that it is
    subscriber_id bigint, -- where mail about it goes; null for none
    via           text        not null check (via in ('web', 'irc', 'api')),
    removed_at    timestamptz, -- when a host took it off the list
    removed_by    bigint      references people (id) on delete set null,
    ended_at      timestamptz, -- of a series: when another answer took its place; that of sessions before stays
    created_at    timestamptz not null,
    changed_at    timestamptz not null,
    check ((session_id is null) <> (series_id is null)),
    check (session_id is null or ended_at is null)
);
comment on table rsvps is 'Who said that they come: to one session, or to all of a series until they say otherwise.';
create unique index rsvps_session_idx on rsvps (session_id, who) where session_id is not null;
create unique index rsvps_series_idx on rsvps (series_id, who) where series_id is not null and ended_at is null;
create index rsvps_series_past_idx on rsvps (series_id, who, created_at) where series_id is not null;
create index rsvps_person_idx on rsvps (person_id) where person_id is not null;
create index rsvps_browser_idx on rsvps (browser_hash) where browser_hash is not null;
