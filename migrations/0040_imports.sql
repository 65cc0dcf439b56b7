-- +goose Up
alter table meetings add column imported boolean not null default false; -- worked out from a log that was brought in; the bot has no part in it

create table old_paths (
    path        text        primary key check (path like '/%'), -- decoded, as it stood in addresses of the archive
    meeting_ref uuid        not null references meetings (ref) on delete cascade,
    form        text        not null check (form in ('log', 'minutes')), -- what was to be seen there
    created_at  timestamptz not null
);
comment on table old_paths is 'Where meetings were to be found in the archives they came from. These addresses lead to them still.';
create index old_paths_meeting_idx on old_paths (meeting_ref);
