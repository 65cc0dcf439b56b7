-- +goose Up
alter table votes add column redacted_at timestamptz; -- its words are withheld or gone
alter table agenda_items add column redacted_at timestamptz;
