-- +goose Up
alter table people
    add column password_hash  text        not null default '', -- argon2id in PHC form; '' has no password
    add column mail           text        not null default '', -- '' gave none
    add column mail_proven_at timestamptz, -- null until its owner has answered from there
    add column suspended_at   timestamptz, -- since when this person is treated like nobody; null is not
    add column revision       integer     not null default 1;
create unique index people_mail_idx on people (lower(mail)) where mail_proven_at is not null;

create table signins (
    token_hash bytea       primary key, -- SHA-256 of the cookie's value
    person_id  bigint      references people (id) on delete cascade, -- null before somebody signed in
    data       bytea       not null, -- as scs encodes it
    created_at timestamptz not null,
    seen_at    timestamptz not null, -- to the minute
    expires_at timestamptz not null,
    address    text        not null default '', -- where it was used last
    agent      text        not null default ''  -- User-Agent that was used last
);
comment on table signins is 'Browsers that are signed in.';
create index signins_person_idx on signins (person_id, created_at) where person_id is not null;
create index signins_expires_idx on signins (expires_at);

create table signin_links (
    secret_hash bytea       primary key, -- SHA-256
    person_id   bigint      not null references people (id) on delete cascade,
    why         text        not null check (why in ('admin', 'mail', 'irc', 'demo')), -- who asked for it
    made_at     timestamptz not null,
    expires_at  timestamptz not null check (expires_at > made_at),
    used_at     timestamptz -- null until it was used; each works once
);
comment on table signin_links is 'Links that sign a person in, once.';
create index signin_links_person_idx on signin_links (person_id, made_at);
