-- +goose Up
create table secrets (
    name    text        primary key,
    value   bytea       not null,
    made_at timestamptz not null
);
comment on table secrets is 'Keys that this instance drew for itself when it first needed them.';

create table redactions (
    id           bigint generated always as identity primary key,
    channel_id   bigint      not null references channels (id),
    person_id    bigint      references people (id) on delete set null,
    actor        text        not null, -- what they were called then; the mark says so for ever
    at           timestamptz not null,
    purged_at    timestamptz, -- when the words were wiped from Postgres; null while they can be given back, and for ten minutes after a meeting
    forgotten_at timestamptz, -- when the bot's spool was found to hold none of its lines
    check (forgotten_at is null or purged_at is not null)
);
comment on table redactions is 'Words that somebody took out of the logs and minutes. One that was taken back leaves no row.';
create index redactions_waiting_idx on redactions (channel_id) where purged_at is null;
create index redactions_spooled_idx on redactions (purged_at) where forgotten_at is null;

create table redacted (
    redaction_id bigint  not null references redactions (id) on delete cascade,
    ref          uuid    not null, -- a line
    n            integer not null default 0, -- of an item, topic or vote that goes without its line; 0 is the line with all it noted
    echo         boolean not null default false, -- the bot repeated what was redacted
    mac          bytea, -- HMAC-SHA256 of nick and text: an import knows by it what not to bring back; null for an item
    primary key (ref, n),
    check ((mac is null) = (n > 0))
);
comment on table redacted is 'What redactions hide. Lines keep their row, without their words.';
create index redacted_redaction_idx on redacted (redaction_id);

create table withheld (
    redaction_id bigint  not null references redactions (id) on delete cascade,
    place        text    not null check (place in ('item', 'topic', 'vote', 'agenda', 'meeting', 'session', 'draft', 'revision')),
    ref          uuid    not null,
    n            bigint  not null default 0,
    words        jsonb   not null, -- what stood there
    primary key (redaction_id, place, ref, n)
);
comment on table withheld is 'What redactions took out of items, minutes and the like, to be put back on request. Emptied by the purge.';

alter table items add column redacted_at timestamptz; -- its words are withheld or gone
alter table topics add column redacted_at timestamptz;
alter table channels add column touched_ref uuid; -- just above applied_ref: a change that no line made
create index lines_self_idx on lines (channel_id, ref) where self; -- what the bot repeated
