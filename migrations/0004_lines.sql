-- +goose Up
create table lines (
    channel_id   bigint      not null references channels (id),
    ref          uuid        not null, -- ULID
    changed_ref  uuid        not null, -- live ref of what last changed this row; its own ref at first
    at           timestamptz not null, -- to show
    received_at  timestamptz not null,
    day          date        not null generated always as ((at at time zone 'UTC')::date) stored,
    kind         text        not null check (kind in ('message', 'action', 'notice', 'join', 'part', 'quit', 'nick',
                                                      'topic', 'mode', 'kick', 'gap', 'context', 'web', 'private')),
    nick         text        not null,
    account      text        not null default '',
    text         text        not null,
    target       text        not null default '', -- new nick, or whoever was kicked
    raw          bytea, -- as received, only where it differs from text
    self         boolean     not null default false,
    bot          boolean     not null default false,
    op           boolean     not null default false,
    history      boolean     not null default false,
    off_record   boolean     not null default false,
    windows1252  boolean     not null default false,
    command      text        not null default '', -- bot_commands.id that a web line carries out
    members_only boolean     not null default false,
    redacted_at  timestamptz,
    primary key (channel_id, ref)
);
comment on table lines is 'The channel logs. Page order is ref order.';
create unique index lines_ref_idx on lines (ref);
create index lines_day_idx on lines (channel_id, day, ref);
create index lines_changed_idx on lines (channel_id, changed_ref);
create unique index lines_command_idx on lines (channel_id, command) where command <> '';
create index lines_context_idx on lines (channel_id, ref) where kind = 'context';
