-- +goose Up
create table lessons (
    id           bigint generated always as identity primary key,
    text         text        not null check (text <> ''),
    kind         text        not null check (kind in ('do_again', 'avoid', 'unknown', 'broken_upstream')),
    scope        text        not null check (scope in ('all', 'target', 'image')),
    image        text        not null default '' check ((scope = 'image') = (image <> '')),
    target_id    bigint      references targets (id),
    session_id   bigint      references sessions (id),
    line_ref     uuid, -- the log line that taught it
    published_at timestamptz, -- null until a maintainer has read it
    created_at   timestamptz not null,
    check (scope <> 'target' or target_id is not null)
);
comment on table lessons is 'What sessions taught, one sentence each.';
create index lessons_published_idx on lessons (published_at desc, id desc) where published_at is not null;
create index lessons_target_idx on lessons (target_id) where target_id is not null;
create index lessons_session_idx on lessons (session_id) where session_id is not null;
