-- +goose Up
-- What changed in a session's repositories is said in channels that are told of minutes.
alter table channels
    drop constraint channels_occasions_check,
    alter column occasions set default '{day,hour,ten,start,changes,minutes,outcome,news}',
    add constraint channels_occasions_check check (occasions <@ array ['day', 'hour', 'ten', 'start', 'changes', 'minutes', 'outcome', 'news']);
update channels set occasions = array_append(occasions, 'outcome') where 'minutes' = any (occasions);
alter table deliveries
    drop constraint deliveries_occasion_check,
    add constraint deliveries_occasion_check check (occasion in (
        'day', 'hour', 'ten', 'start', 'minutes', 'outcome', 'cancelled', 'moved', 'reinstated', 'news', 'digest', 'topic', 'greeting'));
comment on column deliveries.what is 'session/ID/START, minutes/REF, outcome/ID, change/ID/SEQUENCE, news/ID, digest/DAY, topic/…, greeting/NETWORK/WHO: a session that moves is announced anew';

-- Pull requests by when they were merged.
create index issues_merged_idx on issues (repository_id, merged_at) where merged_at is not null and removed_at is null;
