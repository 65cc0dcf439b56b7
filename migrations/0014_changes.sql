-- +goose Up
create table changes (
    key       uuid        primary key, -- ULID, drawn when the form was shown
    person_id bigint      references people (id) on delete cascade, -- null for who is not signed in
    path      text        not null, -- where the form was sent to
    location  text        not null, -- where its sender was led
    said      text        not null, -- what happened, for its sender
    undo      text        not null default '', -- path of the form that takes it back; '' when nothing can
    at        timestamptz not null
);
comment on table changes is 'Forms that changed something: each is carried out once, however often it is sent.';
create index changes_at_idx on changes (at);
