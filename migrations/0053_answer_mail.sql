-- +goose Up
alter table rsvps
    add constraint rsvps_subscriber_fkey foreign key (subscriber_id) references subscribers (id) on delete set null;
create index rsvps_subscriber_idx on rsvps (subscriber_id) where subscriber_id is not null;
