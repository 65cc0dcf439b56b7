-- +goose Up
create table checklist_items (
    id          bigint generated always as identity primary key,
    scope       text        not null check (scope in ('all', 'target', 'series', 'session')),
    target_id   bigint      references targets (id),
    series_id   bigint      references series (id),
    session_id  bigint      references sessions (id) on delete cascade,
    position    integer     not null, -- order within its list
    text        text        not null check (char_length(text) between 1 and 300), -- what should be the case
    advice      text        not null default '' check (char_length(advice) <= 300), -- how to get there
    lesson_id   bigint      references lessons (id), -- why; null for what people wrote
    mandatory   boolean     not null default true, -- counts for who is ready
    automatic   jsonb, -- what Nurse looks at, a hackfest.Check; null is ticked by hand
    replaced_by bigint      unique references checklist_items (id), -- as it reads now; null while it is that
    kept_at     timestamptz, -- when somebody last said that it stays although nobody used it
    revision    integer     not null default 1, -- counts edits, for optimistic locking
    created_at  timestamptz not null,
    retired_at  timestamptz check (retired_at >= created_at), -- sessions that begin later have it no more
    redacted_at timestamptz, -- its words are withheld or gone
    check ((scope = 'target') = (target_id is not null)),
    check ((scope = 'series') = (series_id is not null)),
    check ((scope = 'session') = (session_id is not null)),
    check (replaced_by is null or retired_at is not null)
);
comment on table checklist_items is 'What is prepared for sessions. A session has those that there were before its end and that were not retired before its start.';
create index checklist_items_target_idx on checklist_items (target_id) where target_id is not null;
create index checklist_items_series_idx on checklist_items (series_id) where series_id is not null;
create index checklist_items_session_idx on checklist_items (session_id) where session_id is not null;
create index checklist_items_lesson_idx on checklist_items (lesson_id) where lesson_id is not null;

create table check_ticks (
    session_id bigint      not null references sessions (id) on delete cascade,
    item_id    bigint      not null references checklist_items (id) on delete cascade,
    person_id  bigint      references people (id) on delete cascade, -- null for who is no more than a nick
    nick_key   text        not null default '', -- of such a nick: nick/NETWORK/NICK, as in rsvps
    who        text        not null generated always as (case when person_id is null then nick_key else 'person/' || person_id::text end) stored,
    state      text        not null check (state in ('well', 'aspirin', 'splint', 'dead', 'unknown')),
    via        text        not null check (via in ('hand', 'api', 'nurse')),
    note       text        not null default '' check (char_length(note) <= 300), -- what was seen
    at         timestamptz not null,
    caught_at  timestamptz, -- when it first was not well; null never was
    primary key (session_id, item_id, who),
    check ((person_id is null) = (nick_key <> ''))
);
comment on table check_ticks is 'How somebody who takes part in a session stands with an item of its checklist.';
create index check_ticks_item_idx on check_ticks (item_id);
create index check_ticks_person_idx on check_ticks (person_id) where person_id is not null;

create table preflights (
    session_id bigint      not null references sessions (id) on delete cascade,
    person_id  bigint      references people (id) on delete cascade, -- as in check_ticks, and so are the next two
    nick_key   text        not null default '',
    who        text        not null generated always as (case when person_id is null then nick_key else 'person/' || person_id::text end) stored,
    machine    text        not null default '' check (char_length(machine) <= 120), -- as its report names it
    at         timestamptz not null,
    primary key (session_id, who),
    check ((person_id is null) = (nick_key <> ''))
);
comment on table preflights is 'Which machine of whom was examined for a session last, and when.';
create index preflights_person_idx on preflights (person_id) where person_id is not null;

alter table withheld drop constraint withheld_place_check;
alter table withheld add constraint withheld_place_check
    check (place in ('item', 'topic', 'vote', 'agenda', 'meeting', 'session', 'draft', 'revision', 'writing', 'lesson', 'target', 'check'));
