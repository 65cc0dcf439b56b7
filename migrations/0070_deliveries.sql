-- +goose Up
alter table deliveries
    drop constraint deliveries_outlet_check,
    drop constraint deliveries_occasion_check,
    drop constraint deliveries_state_check,
    drop constraint deliveries_check,
    drop constraint deliveries_check1,
    drop constraint deliveries_check2,
    alter column channel_id drop not null,
    alter column session_id drop not null,
    alter column starts_at drop not null,
    add column person_id bigint references people (id) on delete cascade, -- of outlet notice: who is told
    add column subscriber_id bigint, -- of outlet mail: who is written to
    add column news_id bigint, -- what it announces; null for all but news
    add column tries int not null default 0, -- how often its outlet certainly did not take it since it was planned or retried by hand
    add constraint deliveries_outlet_check check (outlet in ('irc', 'notice', 'topic', 'mail', 'site')),
    add constraint deliveries_occasion_check check (occasion in (
        'day', 'hour', 'ten', 'start', 'minutes', 'cancelled', 'moved', 'reinstated', 'news', 'digest', 'topic', 'greeting')),
    add constraint deliveries_state_check check (state in ('pending', 'sending', 'sent', 'unknown', 'dropped', 'failed')),
    add constraint deliveries_minutes_check check ((occasion = 'minutes') = (meeting_ref is not null)),
    add constraint deliveries_news_check check ((occasion = 'news') = (news_id is not null)),
    add constraint deliveries_settled_check check ((state in ('sent', 'unknown', 'dropped', 'failed')) = (settled_at is not null)),
    add constraint deliveries_reason_check check (state not in ('dropped', 'failed') or reason <> ''),
    add constraint deliveries_channel_check check (outlet not in ('irc', 'topic') or channel_id is not null),
    add constraint deliveries_subscriber_check check ((outlet = 'mail') = (subscriber_id is not null)),
    add constraint deliveries_person_check check ((outlet = 'notice') = (person_id is not null));
comment on table deliveries is 'One announcement to one recipient each. What was cut off while sending is unknown and never sent again; what certainly did not go and was given up is failed, and is tried again when somebody says so.';
comment on column deliveries.what is 'session/ID/START, minutes/REF, change/ID/SEQUENCE, news/ID, digest/DAY, topic/…, greeting/NETWORK/WHO: a session that moves is announced anew';
comment on column deliveries.recipient is 'irc and topic: network/channel, folded; notice: network/person/ID; mail: subscriber/ID; site: site';
create index deliveries_session_idx on deliveries (session_id);
create index deliveries_subscriber_idx on deliveries (subscriber_id) where subscriber_id is not null;
drop index deliveries_missed_idx;
create index deliveries_trouble_idx on deliveries (settled_at desc, id desc) where state in ('unknown', 'failed') or missed;
