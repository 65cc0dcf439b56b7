-- +goose Up
create table mail_links (
    secret_hash bytea       primary key, -- SHA-256
    person_id   bigint      not null references people (id) on delete cascade,
    mail        text        not null, -- where it was sent, and what it proves
    made_at     timestamptz not null,
    expires_at  timestamptz not null check (expires_at > made_at),
    used_at     timestamptz -- null until it was used; each works once
);
comment on table mail_links is 'Links that prove a mail address to be one''s own, once.';
create index mail_links_person_idx on mail_links (person_id, made_at);

create table claims (
    code_hash  bytea       primary key, -- SHA-256
    person_id  bigint      not null references people (id) on delete cascade,
    network    text        not null, -- the only one where it may be said
    made_at    timestamptz not null,
    expires_at timestamptz not null check (expires_at > made_at),
    used_at    timestamptz -- null until it was said; each works once
);
comment on table claims is 'Codes that people say to the bot, to prove who they are on IRC.';
create index claims_person_idx on claims (person_id, made_at);

create table contests (
    id         bigint      generated always as identity primary key,
    person_id  bigint      not null references people (id) on delete cascade, -- who wants the name
    holder_id  bigint      not null references people (id) on delete cascade, -- whose it is
    kind       text        not null check (kind in ('account', 'nick')),
    network    text        not null,
    value      text        not null,
    account    text        not null default '', -- who services said was asking; '' is nobody
    at         timestamptz not null, -- when it was last asked for
    settled_at timestamptz, -- null until a maintainer decided
    given      boolean     not null default false, -- it went to who wanted it
    check (settled_at is not null or not given)
);
comment on table contests is 'Names on IRC that somebody claimed although they are another''s. A maintainer decides.';
create unique index contests_open_idx on contests (person_id, kind, network, lower(value)) where settled_at is null;
