-- +goose Up
-- No version that had these columns in table series was ever released.
create table series_rules (
    id         bigint generated always as identity primary key,
    series_id  bigint      not null references series (id) on delete cascade,
    uid        text        not null unique, -- RFC 5545 section 3.8.4.7
    sequence   integer     not null default 0 check (sequence >= 0), -- RFC 5545 section 3.8.7.4
    rule       text        not null, -- RFC 5545 RRULE
    first      timestamp   not null, -- wall-clock time of the first occurrence in zone
    zone       text        not null, -- IANA name
    length     interval    not null check (length > interval '0'),
    void       boolean     not null default false, -- all its dates fell away before the first of them came
    created_at timestamptz not null,
    changed_at timestamptz not null
);
comment on table series_rules is 'When a series takes place: each row is one recurring event of a calendar. A change from some date on ends one and adds another.';
create index series_rules_series_idx on series_rules (series_id, id);

insert into series_rules (series_id, uid, sequence, rule, first, zone, length, created_at, changed_at)
select id, uid, sequence, rule, first, zone, length, created_at, created_at from series order by id;

alter table series
    drop column uid, drop column sequence, drop column rule, drop column first, drop column zone, drop column length,
    add column about         text        not null default '', -- what it is for
    add column reason        text        not null default '', -- why it was ended
    add column imported_from text        not null default '', -- address or file of a foreign calendar; '' is ours
    add column ended_at      timestamptz, -- when somebody ended it; null goes on
    add column changed_at    timestamptz;
update series set changed_at = created_at;
alter table series alter column changed_at set not null;
comment on table series is 'Sessions that repeat. When they do, their rules say: wall-clock times and zones, never instants.';

create table series_slugs (
    slug       text        primary key,
    series_id  bigint      not null references series (id) on delete cascade,
    created_at timestamptz not null -- when the series was given another
);
comment on table series_slugs is 'What series were called in addresses before. They lead to their series for ever.';
create index series_slugs_series_idx on series_slugs (series_id);

alter table sessions
    add column rule_id     bigint references series_rules (id),
    add column moved       boolean     not null default false, -- its time or channel was set by hand and stays when its series changes
    add column overridden  boolean     not null default false, -- somebody changed this date of a series; calendars are told for ever
    add column changed_at  timestamptz,
    add column changed_by  bigint references people (id) on delete set null, -- who moved, cancelled or changed it last; null is the portal
    add column replaced_by bigint references sessions (id) on delete set null; -- the joint meeting that is held instead
update sessions s set changed_at = created_at, rule_id = (select q.id from series_rules q where q.series_id = s.series_id);
alter table sessions
    alter column changed_at set not null,
    drop constraint sessions_series_id_occurrence_key,
    add constraint sessions_rule_id_occurrence_key unique (rule_id, occurrence),
    drop constraint sessions_check1,
    add constraint sessions_rule_check check ((rule_id is null) = (occurrence is null) and (rule_id is null or series_id is not null));
create index sessions_series_idx on sessions (series_id, starts_at) where series_id is not null;

create table laid_out (
    one    boolean     primary key default true check (one),
    tzdata text        not null, -- release of the zone database
    at     timestamptz not null
);
comment on table laid_out is 'By which zone database the coming sessions of series were worked out last. One row, none before the first time.';
