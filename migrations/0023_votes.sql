-- +goose Up
create table votes (
    meeting_ref uuid        not null references meetings (ref) on delete cascade,
    ref         uuid        not null, -- the #startvote line
    n           integer     not null,
    changed_ref uuid        not null,
    item_ref    uuid, -- the item that records the result; null before
    item_n      integer     not null default 0,
    at          timestamptz not null,
    question    text        not null,
    options     jsonb       not null, -- [{"option", "count", "voters"}]; of a secret vote no voters, and counts only when it is closed
    secret      boolean     not null default false,
    open        boolean     not null,
    undone      boolean     not null default false,
    result      text        not null default '',
    voters      text[], -- nicks of those who may vote; null when everybody may
    quorum      integer     not null default 0 check (quorum >= 0),
    ballots     integer     not null default 0, -- how many have voted
    primary key (ref, n)
);
comment on table votes is 'Questions put to the vote in a meeting. The tally of a secret vote stays here when its private lines are emptied.';
create index votes_meeting_idx on votes (meeting_ref, ref, n);

alter table meetings add column queue text[] not null default '{}'; -- who wants to speak, in their turn
alter table items add column lesson_kind text not null default ''
    check (lesson_kind in ('', 'do_again', 'avoid', 'unknown', 'broken_upstream'));
alter table channels
    add column w3c        boolean not null default false, -- "ACTION: …" and the like are commands too
    add column reload_ref uuid; -- a page that shows the channel as of an earlier line has to be loaded again
create index lines_private_idx on lines (channel_id, ref) where kind = 'private';
create index lines_command_state_idx on lines (command) where command <> '';
