-- +goose Up
create table subscribers (
    id           bigint generated always as identity primary key,
    handle       bytea       not null unique check (length(handle) = 16), -- random; links in mails name a subscriber by it
    mail         text        not null,
    person_id    bigint      references people (id) on delete cascade, -- whose it is for certain; null without an account
    zone         text        not null default '', -- times are written in; '' is each session's own
    pace         text        not null default 'each' check (pace in ('each', 'weekly')), -- a mail for each thing, or one a week
    made_at      timestamptz not null,
    asked_at     timestamptz, -- when a confirmation was last sent; null for never
    confirmed_at timestamptz, -- null until the owner of the address said yes
    ended_at     timestamptz  -- when they ended it all; null while it goes on
);
comment on table subscribers is 'Addresses that get mail about what they follow. One that is not confirmed gets nothing but one confirmation a day.';
create unique index subscribers_mail_idx on subscribers (lower(mail));
create unique index subscribers_person_idx on subscribers (person_id) where person_id is not null;

create table follows (
    id            bigint generated always as identity primary key,
    subscriber_id bigint      not null references subscribers (id) on delete cascade,
    scope         text        not null check (scope in ('all', 'series', 'target', 'session', 'news')),
    series_id     bigint      references series (id) on delete cascade,
    target_id     bigint      references targets (id) on delete cascade,
    session_id    bigint      references sessions (id) on delete cascade,
    made_at       timestamptz not null,
    confirmed_at  timestamptz, -- null until the owner of the address said yes to this one
    check ((scope = 'series') = (series_id is not null) and (scope = 'target') = (target_id is not null) and (scope = 'session') = (session_id is not null)),
    unique nulls not distinct (subscriber_id, scope, series_id, target_id, session_id)
);
comment on table follows is 'What an address wants to hear of. Session is what somebody who answered an invitation gets.';
create index follows_series_idx on follows (series_id) where series_id is not null;
create index follows_target_idx on follows (target_id) where target_id is not null;
create index follows_session_idx on follows (session_id) where session_id is not null;

create table follow_links (
    secret_hash   bytea       primary key, -- SHA-256
    subscriber_id bigint      not null references subscribers (id) on delete cascade,
    made_at       timestamptz not null,
    expires_at    timestamptz not null check (expires_at > made_at),
    used_at       timestamptz -- null until it was used
);
comment on table follow_links is 'Links that confirm what an address follows.';
create index follow_links_subscriber_idx on follow_links (subscriber_id);

-- Who gets mail: a row for each thing that is followed and confirmed. Whether members may see what is
-- for members depends on the account as it is now; somebody suspended gets nothing.
create view subscribed as
    select s.id as subscriber_id, s.mail, s.zone, s.pace, s.person_id,
        p.id is not null and p.mail_proven_at is not null and lower(p.mail) = lower(s.mail) as members,
        f.id as follow_id, f.scope, f.series_id, f.target_id, f.session_id, f.confirmed_at
    from subscribers s
    join follows f on f.subscriber_id = s.id and f.confirmed_at is not null
    left join people p on p.id = s.person_id
    where s.confirmed_at is not null and s.ended_at is null and p.suspended_at is null and p.left_at is null;
