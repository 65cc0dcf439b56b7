-- +goose Up
create table repositories (
    id             bigint generated always as identity primary key,
    name           text        not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}$'), -- owner/name, as GitHub spells it
    github_id      bigint      unique, -- null until GitHub told it; it stays when the repository moves
    about          text        not null default '', -- GitHub's description
    default_branch text        not null default '', -- '' until GitHub told it
    private        boolean     not null default false, -- GitHub shows it to its members alone
    archived       boolean     not null default false,
    visibility     text        not null default 'public' check (visibility in ('public', 'members')), -- of all that is known of it here
    bug_labels     text[]      not null default '{bug}', -- lower case; what marks a known bug
    first_labels   text[]      not null default '{good first issue,good first two hours}', -- lower case; what suits newcomers
    recorded_at    timestamptz, -- it was written down then and GitHub is never asked; null: it is kept in step
    due_at         timestamptz not null, -- when GitHub is asked next
    asked_at       timestamptz, -- when GitHub was last asked
    known_at       timestamptz, -- as of when all that GitHub said is known here
    whole_at       timestamptz, -- when all issues were last compared, the deleted ones too
    issues_to      timestamptz, -- up to which updated_at issues were fetched
    commits_from   timestamptz, -- back to when commits are known
    hook_at        timestamptz, -- when GitHub last delivered an event of it
    gone_at        timestamptz, -- since when GitHub says that there is none
    trouble        text        not null default '', -- why the last try failed; '' when it did not
    revision       integer     not null default 1,
    created_at     timestamptz not null,
    removed_at     timestamptz -- an admin took it off; its row is kept for who takes that back
);
comment on table repositories is 'Repositories on GitHub whose issues, commits, releases and milestones are kept in step here.';
create unique index repositories_name_idx on repositories (lower(name)) where removed_at is null;
create index repositories_due_idx on repositories (due_at) where removed_at is null and recorded_at is null;

create table repository_names (
    name          text        primary key check (name = lower(name)),
    repository_id bigint      not null references repositories (id) on delete cascade,
    created_at    timestamptz not null
);
comment on table repository_names is 'What repositories were called before they moved: what was written then still leads on.';
create index repository_names_repository_idx on repository_names (repository_id);

create table repository_uses (
    id            bigint generated always as identity primary key,
    repository_id bigint      not null references repositories (id) on delete cascade,
    target_id     bigint      references targets (id) on delete cascade,
    series_id     bigint      references series (id) on delete cascade,
    session_id    bigint      references sessions (id) on delete cascade,
    created_at    timestamptz not null,
    check (num_nonnulls(target_id, series_id, session_id) = 1),
    unique nulls not distinct (target_id, series_id, session_id, repository_id)
);
comment on table repository_uses is 'Which repositories belong to a target, a series or a single session.';
create index repository_uses_repository_idx on repository_uses (repository_id);
create index repository_uses_series_idx on repository_uses (series_id) where series_id is not null;
create index repository_uses_session_idx on repository_uses (session_id) where session_id is not null;

-- A session has its own repositories, those of its target and those of its
-- series. The one of the lowest rank and then id is meant by a bare #12.
create view session_repositories as
select x.session_id, x.repository_id, min(x.rank) as rank
from (
    select u.session_id, u.repository_id, 0 as rank from repository_uses u where u.session_id is not null
    union all
    select s.id, u.repository_id, 1 from sessions s join repository_uses u on u.target_id = s.target_id
    union all
    select s.id, u.repository_id, 2 from sessions s join repository_uses u on u.series_id = s.series_id
) x
join repositories r on r.id = x.repository_id and r.removed_at is null
group by x.session_id, x.repository_id;

create table issues (
    repository_id bigint      not null references repositories (id) on delete cascade,
    number        integer     not null check (number > 0),
    pull          boolean     not null, -- a pull request
    title         text        not null,
    state         text        not null check (state in ('open', 'closed')),
    reason        text        not null default '', -- GitHub's state_reason: completed, not_planned, duplicate, reopened; '' is none
    draft         boolean     not null default false,
    labels        text[]      not null default '{}', -- as GitHub spells them
    assignees     text[]      not null default '{}', -- logins
    author        text        not null default '', -- login
    milestone     integer, -- its number
    opened_at     timestamptz not null,
    closed_at     timestamptz,
    merged_at     timestamptz, -- of a pull request
    updated_at    timestamptz not null, -- GitHub's, to the second: of two stories the newer one holds
    known_at      timestamptz not null, -- when we were told
    removed_at    timestamptz, -- deleted or transferred on GitHub
    primary key (repository_id, number),
    check ((state = 'closed') = (closed_at is not null)),
    check (merged_at is null or pull)
);
comment on table issues is 'Issues and pull requests on GitHub as they were last known.';
create index issues_opened_idx on issues (repository_id, opened_at) where removed_at is null;
create index issues_closed_idx on issues (repository_id, closed_at) where closed_at is not null and removed_at is null;
create index issues_open_idx on issues (repository_id, number desc) where state = 'open' and removed_at is null;

create table commits (
    repository_id bigint      not null references repositories (id) on delete cascade,
    sha           text        not null check (sha ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
    summary       text        not null, -- first line of its message
    author        text        not null default '', -- login, else the name in the commit
    committed_at  timestamptz not null,
    known_at      timestamptz not null,
    primary key (repository_id, sha)
);
comment on table commits is 'Commits on the default branches of repositories.';
create index commits_at_idx on commits (repository_id, committed_at);

create table releases (
    repository_id bigint      not null references repositories (id) on delete cascade,
    id            bigint      not null, -- GitHub's
    tag           text        not null,
    name          text        not null default '',
    prerelease    boolean     not null default false,
    published_at  timestamptz not null,
    known_at      timestamptz not null,
    primary key (repository_id, id)
);
comment on table releases is 'Published releases of repositories.';
create index releases_at_idx on releases (repository_id, published_at desc);

create table milestones (
    repository_id bigint      not null references repositories (id) on delete cascade,
    number        integer     not null check (number > 0),
    title         text        not null,
    state         text        not null check (state in ('open', 'closed')),
    due_on        date,
    updated_at    timestamptz not null,
    closed_at     timestamptz,
    known_at      timestamptz not null,
    removed_at    timestamptz, -- deleted on GitHub
    primary key (repository_id, number)
);
comment on table milestones is 'Milestones of repositories as they were last known.';

create table session_issues (
    session_id bigint      not null references sessions (id) on delete cascade,
    repository text        not null check (repository ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}$'), -- as written; it need not be known
    number     integer     not null check (number > 0),
    person_id  bigint      references people (id) on delete set null, -- who linked it
    created_at timestamptz not null
);
comment on table session_issues is 'Issues that somebody linked with a session by hand. Those that its texts name are found in them.';
create unique index session_issues_idx on session_issues (session_id, lower(repository), number);

create table hook_deliveries (
    id          text        primary key check (char_length(id) between 1 and 100), -- GitHub's X-GitHub-Delivery
    event       text        not null, -- X-GitHub-Event
    repository  text        not null default '', -- owner/name as the payload had it
    received_at timestamptz not null,
    state       text        not null default 'received' check (state in ('received', 'applied', 'ignored', 'failed')),
    note        text        not null default '', -- why it was ignored or failed
    change      jsonb -- what it says, reduced to what is kept; null once it was worked
);
comment on table hook_deliveries is 'What GitHub delivered, once for each id. Worked ones are forgotten after a month.';
create index hook_deliveries_received_idx on hook_deliveries (received_at desc, id desc);

create table github_etags (
    path     text        primary key, -- of the request below the API, with its query
    etag     text        not null,
    asked_at timestamptz not null
);
comment on table github_etags is 'Entity tags for conditional requests: what did not change costs nothing of the rate limit.';

create table github_limits (
    resource      text        primary key, -- core and anonymous, calls in an hour with and without a token; secondary; host: GitHub answers; token: it is good
    remaining     integer, -- calls left until resets_at; null is not known
    resets_at     timestamptz,
    blocked_until timestamptz, -- nothing is asked before
    reason        text        not null default '', -- what GitHub said
    at            timestamptz not null
);
comment on table github_limits is 'What GitHub lets us ask, kept over restarts so that nobody asks again too early.';
