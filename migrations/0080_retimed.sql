-- +goose Up

-- SEQUENCE grows too where a calendar only has to read an entry again. People are
-- told of another start, channel or state, and once.
alter table sessions add column retimed_from timestamptz; -- its start before replanned_at; null when that changed neither start nor channel
alter table sessions add column left_channel_id bigint references channels (id); -- the channel it was in before replanned_at; null when it stayed
-- +goose StatementBegin
create or replace function note_replanned() returns trigger language plpgsql as $$
begin
    new.replanned_at := new.changed_at;
    new.retimed_from := case when (new.starts_at, new.channel_id) is distinct from (old.starts_at, old.channel_id) then old.starts_at end;
    new.left_channel_id := case when new.channel_id is distinct from old.channel_id then old.channel_id end;
    return new;
end $$;
-- +goose StatementEnd
drop trigger sessions_replanned on sessions;
create trigger sessions_replanned before update on sessions
    for each row when ((new.starts_at, new.channel_id, new.state) is distinct from (old.starts_at, old.channel_id, old.state))
    execute function note_replanned();
update sessions set retimed_from = moved_from where moved_from is not null and state <> 'cancelled';
update deliveries d set what = 'change/' || s.id || '/' || to_char(s.replanned_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS.US"Z"')
    from sessions s
    where s.id = d.session_id and d.what = 'change/' || s.id || '/' || s.sequence and s.replanned_at is not null;
