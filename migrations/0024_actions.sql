-- +goose Up
create table actions (
    ref         uuid        not null,
    n           integer     not null,
    meeting_ref uuid        not null references meetings (ref) on delete cascade, -- that it was noted in
    changed_ref uuid        not null,
    state       text        not null default 'open' check (state in ('open', 'done', 'carried', 'dropped')), -- carried is open too
    owners      text[]      not null default '{}', -- nicks; empty: nobody took it
    due         date,
    opened_at   timestamptz not null,
    settled_at  timestamptz, -- when it came to its state; null while that is open
    settled_by  text        not null default '', -- a nick or a name
    settled_ref uuid, -- the line that did it; null for the web
    primary key (ref, n),
    foreign key (ref, n) references items (ref, n) on delete cascade,
    check ((state = 'open') = (settled_at is null))
);
comment on table actions is 'What people took on in meetings, and how it stands. What was minuted is in items and stays.';
create index actions_meeting_idx on actions (meeting_ref);
create index actions_open_idx on actions (ref, n) where state in ('open', 'carried');
create index actions_settled_idx on actions (settled_ref) where settled_ref is not null;

create table action_events (
    id          bigint generated always as identity primary key,
    ref         uuid        not null,
    n           integer     not null,
    at          timestamptz not null,
    state       text        not null check (state in ('open', 'done', 'carried', 'dropped')), -- what it became
    by          text        not null, -- a nick or a name
    person_id   bigint      references people (id) on delete set null, -- who did it on the web
    line_ref    uuid, -- that did it in a meeting
    meeting_ref uuid, -- in which that was
    foreign key (ref, n) references actions (ref, n) on delete cascade
);
comment on table action_events is 'How actions came to stand as they do. Entries are only ever added.';
create index action_events_action_idx on action_events (ref, n, id);
create unique index action_events_line_idx on action_events (ref, n, line_ref) where line_ref is not null;

insert into actions (ref, n, meeting_ref, changed_ref, owners, due, opened_at)
select i.ref, i.n, i.meeting_ref, i.changed_ref, i.owners, i.due, i.at from items i where i.kind = 'action' and not i.undone;
insert into action_events (ref, n, at, state, by, line_ref, meeting_ref)
select i.ref, i.n, i.at, 'open', i.nick, i.ref, i.meeting_ref from items i where i.kind = 'action' and not i.undone;
