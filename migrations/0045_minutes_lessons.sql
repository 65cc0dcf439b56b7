-- +goose Up
alter table lessons add column meeting_ref uuid references meetings (ref) on delete set null; -- whose minutes publish it; null for others
alter table lessons add column item_ref uuid; -- its id in those minutes
alter table lessons add column item_n integer;
alter table lessons add column redacted_at timestamptz; -- its words are withheld or gone
create unique index lessons_item_idx on lessons (meeting_ref, item_ref, item_n);
create index lessons_line_idx on lessons (line_ref) where line_ref is not null;

alter table withheld drop constraint withheld_place_check;
alter table withheld add constraint withheld_place_check
    check (place in ('item', 'topic', 'vote', 'agenda', 'meeting', 'session', 'draft', 'revision', 'writing', 'lesson'));
