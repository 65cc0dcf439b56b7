-- +goose Up
create table deliveries (
    id          bigint generated always as identity primary key,
    what        text        not null, -- session/ID/START or minutes/REF: a session that moves is announced anew
    outlet      text        not null check (outlet in ('irc')),
    recipient   text        not null, -- of outlet irc: network/channel, folded
    occasion    text        not null check (occasion in ('hour', 'ten', 'start', 'minutes')), -- the offset to the start, or that minutes are published
    channel_id  bigint      not null references channels (id),
    session_id  bigint      not null references sessions (id) on delete cascade,
    meeting_ref uuid        references meetings (ref) on delete cascade, -- whose minutes; null for a start
    starts_at   timestamptz not null, -- the start that is announced, or of the session whose minutes are
    due_at      timestamptz not null,
    state       text        not null default 'pending' check (state in ('pending', 'sending', 'sent', 'unknown', 'dropped')),
    reason      text        not null default '', -- why it was dropped or is unknown
    missed      boolean     not null default false, -- dropped although people should have heard it
    created_at  timestamptz not null,
    queued_at   timestamptz, -- when the last try is or was due; null before the first
    sending_at  timestamptz, -- when it was handed to its outlet; null before
    settled_at  timestamptz, -- when it became sent, unknown or dropped; null before
    check ((occasion = 'minutes') = (meeting_ref is not null)),
    check ((state in ('sent', 'unknown', 'dropped')) = (settled_at is not null)),
    check (state <> 'dropped' or reason <> ''),
    unique (what, outlet, recipient, occasion) -- at most once
);
comment on table deliveries is 'One announcement to one recipient each. What was cut off while sending is unknown and never sent again.';
create index deliveries_open_idx on deliveries (due_at) where state in ('pending', 'sending');
create index deliveries_missed_idx on deliveries (settled_at desc, id desc) where state = 'unknown' or missed;
