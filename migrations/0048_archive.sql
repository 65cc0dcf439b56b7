-- +goose Up
-- What was published or corrected last, for feeds.
create index minutes_revisions_published_idx on minutes_revisions (published_at desc, meeting_ref desc);

-- When there were meetings, for the archive.
create index meetings_started_idx on meetings (started_at) where ended_at is not null;
