-- +goose Up
alter table sessions
    add column faded_at timestamptz; -- when calendars stopped showing this cancelled date of a series as cancelled, and only leave it out
create index sessions_apart_idx on sessions (series_id) where rule_id is not null and (overridden or state = 'cancelled' or visibility = 'members');
create index sessions_single_idx on sessions (starts_at) where rule_id is null;

create table calendar_links (
    person_id  bigint      primary key references people (id) on delete cascade,
    token_hash bytea       not null unique, -- SHA-256
    created_at timestamptz not null,
    used_at    timestamptz -- to the hour; null was never used
);
comment on table calendar_links is 'Secret addresses of the calendars that people have for themselves. One each: a new one makes the old one useless.';
