-- +goose Up
-- A login on GitHub can be renamed, and then be anybody's: GitHub's number says
-- whose it is, and the login is what people read.
alter table identities
    add column shown text not null default '', -- of kind github: the login as last known; '' when somebody else has it by now
    add constraint identities_github_check check (kind <> 'github' or value ~ '^[1-9][0-9]{0,18}$'); -- GitHub's number of the account
create unique index identities_github_idx on identities (person_id) where kind = 'github' and until is null;

create table github_tries (
    state_hash   bytea       primary key, -- SHA-256 of what GitHub hands back
    browser_hash bytea       not null, -- SHA-256 of what is in the cookie of the browser that went there
    person_id    bigint      references people (id) on delete cascade, -- who links their login; null: somebody signs in
    next         text        not null, -- path to lead on to
    made_at      timestamptz not null,
    expires_at   timestamptz not null check (expires_at > made_at),
    used_at      timestamptz -- null until GitHub sent the browser back; each works once
);
comment on table github_tries is 'Browsers that were sent to GitHub to say who they are.';
create index github_tries_expires_idx on github_tries (expires_at);
create index github_tries_person_idx on github_tries (person_id) where person_id is not null;
