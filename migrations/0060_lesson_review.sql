-- +goose Up
alter table lessons
    add column person_id   bigint      references people (id) on delete set null, -- who wrote it; null when minutes did
    add column from_line   boolean     not null default false, -- somebody made it of line_ref: when that is removed, it goes too
    add column evidence    text        not null default '', -- address of what shows it, where no line does
    add column declined_at timestamptz, -- a maintainer read it and did not publish it
    add column retired_at  timestamptz, -- since when it is not true any more
    add column reason      text        not null default '', -- why it was declined or retired
    add column revision    integer     not null default 1,
    add column changed_at  timestamptz; -- null is since it was published
create index lessons_waiting_idx on lessons (created_at, id) where published_at is null and declined_at is null and meeting_ref is null;
create index lessons_person_idx on lessons (person_id) where person_id is not null;
