-- +goose Up
alter table people
    add column zone_shown boolean     not null default true,  -- on /people, besides being used for the times they read
    add column unnamed    boolean     not null default false, -- left out, by name, of who was at a meeting
    add column left_at    timestamptz; -- when they closed the account; null has one

create table api_tokens (
    id         bigint generated always as identity primary key,
    person_id  bigint      not null references people (id) on delete cascade,
    name       text        not null check (char_length(name) between 1 and 64), -- what its owner calls it
    token_hash bytea       not null unique, -- SHA-256
    prefix     text        not null, -- its first signs, to tell it from others
    scopes     text[]      not null check (cardinality(scopes) > 0 and scopes <@ array['read', 'chair', 'maintain', 'preflight']),
    created_at timestamptz not null,
    expires_at timestamptz check (expires_at > created_at), -- null never does
    used_at    timestamptz, -- to the minute; null was never used
    revoked_at timestamptz  -- null is good
);
comment on table api_tokens is 'Secrets by which programs use the API for a person.';
create index api_tokens_person_idx on api_tokens (person_id, created_at);
