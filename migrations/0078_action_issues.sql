-- +goose Up
create table action_issues (
    ref           uuid        not null,
    n             integer     not null,
    repository_id bigint      not null references repositories (id) on delete cascade,
    title         text        not null, -- '' once the issue is there, and when the action's line was removed
    body          text        not null, -- as title; without its mark
    label         text        not null default '', -- '' is none
    assignee      text        not null default '', -- login; '' is nobody
    mark          text        not null unique check (mark ~ '^[0-9a-f]{32}$'), -- ends the issue's body: by it the issue is found
    state         text        not null check (state in ('offered', 'pending', 'sending', 'made', 'failed', 'unknown')),
    reason        text        not null default '', -- why it failed, or why it is not tried yet
    tries         integer     not null default 0, -- how often GitHub certainly did not take it
    due_at        timestamptz not null, -- when it is tried next; of an unknown one: when it is looked for next
    number        integer     check (number > 0), -- of the issue
    followed      text        not null default 'open' check (followed in ('open', 'done', 'dropped')), -- what the issue's state last made of the action
    hidden        bytea, -- SHA-256 of the issue's title where the action's line was removed: that title is not shown here
    person_id     bigint      references people (id) on delete set null, -- who confirmed it
    created_at    timestamptz not null,
    sending_at    timestamptz,
    settled_at    timestamptz,
    primary key (ref, n),
    foreign key (ref, n) references actions (ref, n) on delete cascade,
    check ((state = 'made') = (number is not null)),
    check ((state in ('made', 'failed', 'unknown')) = (settled_at is not null)),
    check (state not in ('sending', 'unknown') or sending_at is not null),
    check (state <> 'failed' or reason <> '')
);
comment on table action_issues is 'Actions that somebody confirmed to become issues on GitHub, each at most once. offered: whoever follows a link makes it; what was cut off while sending is unknown and is looked for by its mark.';
create unique index action_issues_number_idx on action_issues (repository_id, number) where number is not null;
create index action_issues_due_idx on action_issues (due_at) where state in ('pending', 'sending', 'unknown');

alter table withheld drop constraint withheld_place_check;
alter table withheld add constraint withheld_place_check
    check (place in ('item', 'topic', 'vote', 'agenda', 'meeting', 'session', 'draft', 'revision', 'writing', 'lesson', 'target', 'check', 'issue'));
