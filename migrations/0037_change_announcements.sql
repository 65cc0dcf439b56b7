-- +goose Up
alter table deliveries
    drop constraint deliveries_occasion_check,
    add constraint deliveries_occasion_check check (occasion in ('hour', 'ten', 'start', 'minutes', 'cancelled', 'moved', 'reinstated'));
comment on column deliveries.what is 'session/ID/START, minutes/REF or change/ID/SEQUENCE: a session that moves is announced anew';
create index sessions_changed_idx on sessions (changed_at desc);
