-- +goose Up
create table series (
    id          bigint generated always as identity primary key,
    slug        text        not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    title       text        not null check (char_length(title) between 1 and 120),
    kind        text        not null check (kind in ('hackfest', 'meeting')),
    channel_id  bigint      not null references channels (id),
    target_id   bigint      references targets (id),
    uid         text        not null unique, -- RFC 5545 section 3.8.4.7
    rule        text        not null, -- RFC 5545 RRULE
    first       timestamp   not null, -- wall-clock time of the first occurrence in zone
    zone        text        not null, -- IANA name
    length      interval    not null check (length > interval '0'),
    visibility  text        not null default 'public' check (visibility in ('public', 'members')),
    overlap_ok  boolean     not null default false, -- a chair's override, inherited by its sessions
    sequence    integer     not null default 0, -- RFC 5545 section 3.8.7.4
    revision    integer     not null default 1,
    created_at  timestamptz not null
);
comment on table series is 'Sessions that repeat by a rule: a wall-clock time and a zone, never an instant.';

create table sessions (
    id          bigint generated always as identity primary key,
    slug        text        not null unique check (slug ~ '^\d{4}-\d{2}-\d{2}(-[a-z0-9]+)*$'),
    series_id   bigint      references series (id),
    occurrence  timestamp, -- wall-clock start the rule gave (RECURRENCE-ID); null for a one-off
    title       text        not null check (char_length(title) between 1 and 200),
    kind        text        not null check (kind in ('hackfest', 'meeting')),
    state       text        not null default 'scheduled' check (state in ('proposed', 'scheduled', 'cancelled')),
    channel_id  bigint      not null references channels (id),
    target_id   bigint      references targets (id),
    starts_at   timestamptz not null,
    ends_at     timestamptz not null,
    zone        text        not null,
    goal        text        not null default '',
    reason      text        not null default '',
    moved_from  timestamptz,
    uid         text        not null unique,
    sequence    integer     not null default 0,
    visibility  text        not null default 'public' check (visibility in ('public', 'members')),
    overlap_ok  boolean     not null default false,
    conflict_at timestamptz, -- when materialising found the channel taken
    running     integer     not null default 0 check (running >= 0), -- meetings that run now
    held        integer     not null default 0 check (held >= 0), -- meetings started so far
    published   boolean     not null default false,
    revision    integer     not null default 1,
    created_at  timestamptz not null,
    check (ends_at > starts_at and ends_at - starts_at <= interval '7 days'), -- lists look back no further than that
    check ((series_id is null) = (occurrence is null)),
    unique (series_id, occurrence),
    -- Nobody books a channel twice; two that touch do not overlap.
    constraint sessions_channel_free exclude using gist (channel_id with =, tstzrange(starts_at, ends_at) with &&)
        where (state = 'scheduled' and not overlap_ok) deferrable initially immediate
);
comment on table sessions is 'Planned get-togethers. running, held and published are kept by the store beside its meetings.';
create index sessions_starts_at_idx on sessions (starts_at, id);
create index sessions_channel_idx on sessions (channel_id, starts_at);
create index sessions_target_idx on sessions (target_id, starts_at) where target_id is not null;
create index sessions_running_idx on sessions (id) where running > 0;
