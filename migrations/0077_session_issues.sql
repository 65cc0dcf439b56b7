-- +goose Up
alter table session_issues add column id bigint generated always as identity primary key; -- what an export pages by
