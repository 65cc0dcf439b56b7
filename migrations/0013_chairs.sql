-- +goose Up
create table chairs (
    id         bigint generated always as identity primary key,
    person_id  bigint      not null references people (id) on delete cascade,
    series_id  bigint      references series (id) on delete cascade,
    session_id bigint      references sessions (id) on delete cascade,
    created_at timestamptz not null,
    check ((series_id is null) <> (session_id is null)),
    unique nulls not distinct (person_id, series_id, session_id)
);
comment on table chairs is 'Who chairs a series, all its sessions, or one session. Who chairs on IRC for the time of a meeting stands in meetings.chairs.';
create index chairs_series_idx on chairs (series_id) where series_id is not null;
create index chairs_session_idx on chairs (session_id) where session_id is not null;
