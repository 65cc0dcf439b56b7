-- +goose Up
create table agenda_items (
    id           bigint generated always as identity primary key,
    session_id   bigint      not null references sessions (id) on delete cascade,
    position     integer     not null, -- order within the session
    text         text        not null check (char_length(text) between 1 and 300),
    state        text        not null default 'open' check (state in ('open', 'reached', 'carried', 'dropped')),
    carried_from bigint      unique references agenda_items (id) on delete set null, -- of an earlier session; each goes on once
    action_ref   uuid, -- the action that returned by itself; null for what people wrote
    action_n     integer     not null default 0,
    taken_ref    uuid, -- the line that made it a topic; null before
    changed_ref  uuid, -- the line that last changed it; null when only the web did
    revision     integer     not null default 1,
    created_at   timestamptz not null,
    check ((state = 'reached') = (taken_ref is not null)),
    foreign key (action_ref, action_n) references actions (ref, n) on delete cascade,
    unique (session_id, action_ref, action_n)
);
comment on table agenda_items is 'What a session is to talk about. What it did not reach is carried to the next of its series.';
create index agenda_items_session_idx on agenda_items (session_id, position, id);
