-- +goose Up
alter table deliveries
    add constraint deliveries_subscriber_fkey foreign key (subscriber_id) references subscribers (id) on delete cascade,
    add constraint deliveries_news_fkey foreign key (news_id) references news (id) on delete cascade;
create index deliveries_news_idx on deliveries (news_id) where news_id is not null;
create index deliveries_person_idx on deliveries (person_id) where person_id is not null;

-- People are told of a change of the plan, not of another title: by when the SEQUENCE grew.
alter table sessions add column replanned_at timestamptz; -- when its time, channel or state last changed; null for never
update sessions set replanned_at = changed_at where sequence > 0 and changed_at > created_at;
create index sessions_replanned_idx on sessions (replanned_at) where replanned_at is not null;
-- +goose StatementBegin
create function note_replanned() returns trigger language plpgsql as $$
begin
    new.replanned_at := new.changed_at;
    return new;
end $$;
-- +goose StatementEnd
create trigger sessions_replanned before update on sessions
    for each row when (new.sequence <> old.sequence) execute function note_replanned();
