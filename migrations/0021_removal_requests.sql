-- +goose Up
create table removal_requests (
    id           bigint generated always as identity primary key,
    line_ref     uuid        not null,
    channel_id   bigint      not null references channels (id) on delete cascade,
    person_id    bigint      references people (id) on delete set null, -- null for who was not signed in
    why          text        not null default '',
    contact      text        not null default '', -- how to reach who asked; '' when they gave nothing
    made_at      timestamptz not null,
    state        text        not null default 'open' check (state in ('open', 'granted', 'refused')),
    settled_at   timestamptz,
    settled_by   text        not null default '',
    note         text        not null default '', -- why it was refused
    redaction_id bigint      references redactions (id) on delete set null, -- that granted it
    check ((state = 'open') = (settled_at is null)),
    check (state <> 'refused' or note <> '')
);
comment on table removal_requests is 'Lines that people asked to have removed.';
create unique index removal_requests_open_idx on removal_requests (line_ref) where state = 'open';
create index removal_requests_settled_idx on removal_requests (settled_at) where state <> 'open';
