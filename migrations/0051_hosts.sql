-- +goose Up
-- Who welcomes people, shows them around and is asked first. A session without a
-- host of its own has that of its series.
alter table series add column host_id bigint references people (id) on delete set null;
alter table sessions add column host_id bigint references people (id) on delete set null;
create index series_host_idx on series (host_id) where host_id is not null;
create index sessions_host_idx on sessions (host_id) where host_id is not null;
