-- +goose Up
alter table targets
    add column goal       text        not null default '', -- how one would see that it works
    add column project    text        not null default '', -- address of what is to run
    add column owner_id   bigint      references people (id) on delete set null, -- who looks after it; null is nobody
    add column proposer   text        not null default '', -- who proposed it, as they were called then; '' is nobody who is named
    add column via        text        not null default 'portal' check (via in ('portal', 'web', 'mail', 'irc', 'api')),
    add column channel_id bigint      references channels (id), -- where it was proposed on IRC
    add column line_ref   uuid, -- the line that proposed it; null when none did
    add column changed_at timestamptz,
    add column removed_at timestamptz, -- a maintainer took it off the board; its row is kept for who takes that back
    add column redacted_at timestamptz; -- the words that proposed it were removed
create index targets_line_idx on targets (line_ref) where line_ref is not null;

create table target_slugs (
    slug       text        primary key,
    target_id  bigint      not null references targets (id) on delete cascade,
    created_at timestamptz not null
);
comment on table target_slugs is 'What targets were called before, and targets that became part of another: old addresses lead on for ever.';
create index target_slugs_target_idx on target_slugs (target_id);

create table target_backers (
    id         bigint generated always as identity primary key,
    target_id  bigint      not null references targets (id) on delete cascade,
    person_id  bigint      references people (id) on delete cascade, -- null for a bare nick
    network    text        not null default '', -- of the nick; '' with a person
    nick       text        not null default '', -- folded by the network's rules; '' with a person
    created_at timestamptz not null,
    check ((person_id is null) = (nick <> '')),
    unique nulls not distinct (target_id, person_id, network, nick)
);
comment on table target_backers is 'Who said that they want a target.';
create index target_backers_person_idx on target_backers (person_id) where person_id is not null;

create table target_events (
    id         bigint generated always as identity primary key,
    target_id  bigint      not null references targets (id) on delete cascade,
    at         timestamptz not null,
    deed       text        not null check (deed in ('proposed', 'staged', 'edited', 'owned', 'renamed', 'merged', 'removed', 'restored')),
    person_id  bigint      references people (id) on delete set null,
    actor      text        not null default '', -- what they were called then; '' is the portal
    from_stage text        not null default '', -- of a change of stage, as is to_stage
    to_stage   text        not null default '',
    from_at    timestamptz, -- when it had come to from_stage
    session_id bigint      references sessions (id) on delete set null, -- that showed it
    note       text        not null default '', -- why, or what it was called
    overridden boolean     not null default false, -- the stage's condition was not met
    check ((deed = 'staged') = (to_stage <> ''))
);
comment on table target_events is 'What happened to targets.';
create index target_events_target_idx on target_events (target_id, at desc, id desc);
create index target_events_session_idx on target_events (session_id) where session_id is not null;

alter table withheld drop constraint withheld_place_check;
alter table withheld add constraint withheld_place_check
    check (place in ('item', 'topic', 'vote', 'agenda', 'meeting', 'session', 'draft', 'revision', 'writing', 'lesson', 'target'));
