-- +goose Up
create table networks (
    id         bigint generated always as identity primary key,
    name       text        not null unique check (name ~ '^[a-z0-9][a-z0-9_.-]*$'), -- in URLs; never changes
    server     text        not null, -- host of the server, as people put it into a client
    created_at timestamptz not null
);
comment on table networks is 'IRC networks. HACKFEST_IRC seeds them.';

create table channels (
    id          bigint generated always as identity primary key,
    network_id  bigint      not null references networks (id),
    name        text        not null, -- as the server spells it
    folded      text        not null, -- name under the network''s CASEMAPPING
    purpose     text        not null default '',
    visibility  text        not null default 'public' check (visibility in ('public', 'members')),
    joined      boolean     not null default true, -- the bot should be in it
    logged      boolean     not null default true,
    noisy       boolean     not null default false, -- confirm items in the channel
    start_right text        not null default 'anyone' check (start_right in ('anyone', 'ops', 'members')),
    webchat_url text        not null default '',
    applied_ref uuid, -- the last spool record that was drained; null before the first
    created_at  timestamptz not null,
    unique (network_id, folded)
);
comment on table channels is 'Channels the bot is or was in, and what the community decided about them.';
