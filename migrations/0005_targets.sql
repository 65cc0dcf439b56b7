-- +goose Up
create table targets (
    id         bigint generated always as identity primary key,
    slug       text        not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name       text        not null check (char_length(name) between 1 and 120),
    stage      text        not null default 'idea' check (stage in ('idea', 'planned', 'trying', 'notes', 'works', 'parked')),
    sentence   text        not null default '',
    about      text        not null default '',
    staged_at  timestamptz not null,
    revision   integer     not null default 1, -- counts edits, for optimistic locking
    created_at timestamptz not null
);
comment on table targets is 'What the community wants to get to run.';
create index targets_staged_idx on targets (staged_at desc, id);
