-- +goose Up
create table bot_commands (
    id           text        primary key check (id ~ '^[0-9a-hjkmnp-tv-z]{26}$'), -- ULID; the web line carries it
    channel_id   bigint      not null references channels (id) on delete cascade,
    person_id    bigint      not null references people (id) on delete cascade,
    nick         text        not null, -- as whom the person speaks on the channel's network
    account      text        not null default '',
    text         text        not null, -- emptied when the bot has taken it, or no longer may
    chair        boolean     not null default false, -- the portal lets the person run this meeting
    made_at      timestamptz not null,
    expires_at   timestamptz not null check (expires_at > made_at), -- after that the bot does not take it
    taken_at     timestamptz, -- when a bot took it; once
    ref          uuid, -- of the web line; null while there is none
    refused_at   timestamptz -- when the bot that took it could not deliver it
);
comment on table bot_commands is 'What people gave on the web for a channel. The bot takes each once and makes a web line of it.';
create index bot_commands_waiting_idx on bot_commands (channel_id, made_at) where taken_at is null;
create index bot_commands_made_idx on bot_commands (made_at);
