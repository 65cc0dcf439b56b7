-- +goose Up
create table people (
    id         bigint generated always as identity primary key,
    name       text        not null check (char_length(name) between 1 and 64),
    role       text        not null default 'member' check (role in ('member', 'maintainer', 'admin')),
    listed     boolean     not null default false, -- shown on /people; people opt in
    created_at timestamptz not null
);
comment on table people is 'Persons with an account on the portal.';
create unique index people_name_idx on people (lower(name));

create table identities (
    id        bigint generated always as identity primary key,
    person_id bigint      not null references people (id) on delete cascade,
    kind      text        not null check (kind in ('local', 'github', 'oidc', 'account', 'nick')),
    network   text, -- of an account or nick; null for the others
    value     text        not null,
    proven_at timestamptz,
    since     timestamptz not null,
    until     timestamptz check (until > since),
    check ((kind in ('account', 'nick')) = (network is not null))
);
comment on table identities is 'What a person is called elsewhere, and when. A line belongs to whoever held the name at its time.';
create unique index identities_current_idx on identities (kind, network, value) nulls not distinct where until is null;
create index identities_person_id_idx on identities (person_id);
