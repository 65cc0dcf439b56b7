-- +goose Up
create table meetings (
    ref         uuid        primary key, -- of its #startmeeting line
    changed_ref uuid        not null,
    session_id  bigint      not null references sessions (id),
    channel_id  bigint      not null references channels (id),
    title       text        not null,
    name        text        not null default '', -- #meetingname
    suffix      text        not null default '', -- #meetingtopic
    owner       text        not null, -- nick of whoever started it
    chairs      text[]      not null default '{}',
    started_at  timestamptz not null,
    ended_at    timestamptz check (ended_at >= started_at), -- null while it runs
    last_ref    uuid, -- its #endmeeting line; null while it runs
    ended_by    text        not null default '' check (ended_by in ('', 'chair', 'silence')),
    people      integer     not null default 0, -- who spoke, bots left out; set when saved or ended
    decisions   integer     not null default 0,
    actions     integer     not null default 0,
    lessons     integer     not null default 0,
    visibility  text        not null default 'public' check (visibility in ('public', 'members')),
    draft       jsonb, -- minutes JSON as of #save or #endmeeting; null before
    check ((ended_at is null) = (last_ref is null))
);
comment on table meetings is 'Runs of #startmeeting … #endmeeting. Worked out from lines by internal/meeting.';
create unique index meetings_one_running_idx on meetings (channel_id) where ended_at is null;
create index meetings_session_idx on meetings (session_id, ref);
create index meetings_channel_idx on meetings (channel_id, ref);
create index meetings_ref_desc_idx on meetings (ref desc);

create table topics (
    meeting_ref uuid        not null references meetings (ref) on delete cascade,
    ref         uuid        not null, -- the line that opened it
    n           integer     not null,
    changed_ref uuid        not null,
    title       text        not null, -- '' for what came before the first
    subtopic    boolean     not null default false,
    at          timestamptz not null,
    undone      boolean     not null default false,
    primary key (ref, n)
);
comment on table topics is 'Sections of a meeting''s minutes.';
create index topics_meeting_idx on topics (meeting_ref, ref, n);
create index topics_changed_idx on topics (meeting_ref, changed_ref);

create table items (
    meeting_ref uuid        not null references meetings (ref) on delete cascade,
    ref         uuid        not null, -- the line that made it
    n           integer     not null,
    changed_ref uuid        not null,
    topic_ref   uuid        not null,
    topic_n     integer     not null,
    kind        text        not null check (kind in ('info', 'action', 'agreed', 'accepted', 'rejected', 'idea', 'help',
                                                     'link', 'lesson', 'vote')),
    at          timestamptz not null,
    nick        text        not null,
    text        text        not null,
    url         text        not null default '',
    owners      text[]      not null default '{}', -- of an action
    due         date,
    undone      boolean     not null default false,
    primary key (ref, n)
);
comment on table items is 'Entries of a meeting''s minutes.';
create index items_meeting_idx on items (meeting_ref, ref, n);
create index items_changed_idx on items (meeting_ref, changed_ref);

create table minutes_revisions (
    meeting_ref  uuid        not null references meetings (ref) on delete cascade,
    number       integer     not null check (number > 0),
    minutes      jsonb       not null, -- immutable
    summary      text        not null default '',
    note         text        not null default '', -- what was corrected; required from the second on
    author_id    bigint      references people (id),
    published_at timestamptz not null,
    primary key (meeting_ref, number),
    check (number = 1 or note <> '')
);
comment on table minutes_revisions is 'Published minutes. Never changed and never rebuilt by replay.';

create table set_aside (
    ref        uuid        primary key, -- the line whose effects could not be stored
    channel_id bigint      not null references channels (id),
    reason     text        not null,
    at         timestamptz not null
);
comment on table set_aside is 'Effects of a meeting that Postgres refused. Their lines are stored all the same.';
