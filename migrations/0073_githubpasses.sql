-- +goose Up
-- What takes more calls than GitHub allows in an hour goes on where it stopped.
alter table repositories
    add column whole_from timestamptz, -- when the comparison of all issues began that is under way
    add column whole_page integer not null default 0, -- its pages that were read
    add column commits_back timestamptz, -- back to when commits are being fetched
    add column commits_page integer not null default 0; -- pages of these that were read
