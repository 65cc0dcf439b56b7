-- +goose Up
create table news (
    id           bigint generated always as identity primary key,
    uid          text        not null unique, -- of its entry in feeds, for ever
    slug         text        not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'), -- follows the title until it is published first
    title        text        not null check (char_length(title) between 1 and 120),
    summary      text        not null default '' check (char_length(summary) <= 300), -- in a sentence, for IRC and lists; '' is how the text begins
    body         text        not null check (char_length(body) <= 20000), -- Markdown
    tags         text[]      not null default '{}' check (cardinality(tags) <= 8),
    state        text        not null default 'draft' check (state in ('draft', 'published', 'withdrawn')),
    published_at timestamptz, -- in the future: nobody is shown it before; null: never published
    outlets      text[]      not null default '{site}' check (outlets <@ array ['site', 'mail', 'irc', 'topic'] and 'site' = any (outlets)),
    banner_until timestamptz, -- on all pages until then; null: not
    session_id   bigint      references sessions (id) on delete set null,
    target_id    bigint      references targets (id) on delete set null,
    author_id    bigint      references people (id) on delete set null, -- null: the portal wrote it
    corrected_at timestamptz, -- when the note of a correction was written; null: never
    correction   text        not null default '' check (char_length(correction) <= 300), -- what was wrong, the last time
    revision     integer     not null default 1,
    created_at   timestamptz not null,
    changed_at   timestamptz not null, -- when readers should look again
    check (state <> 'published' or published_at is not null),
    check ((corrected_at is null) = (correction = ''))
);
comment on table news is 'What the community announces: one text, many outlets. It is on the site and in the feed once it is published.';
create index news_published_idx on news (published_at desc, id desc) where state = 'published';
create index news_drafts_idx on news (changed_at desc, id desc) where state <> 'published';
create index news_tags_idx on news using gin (tags);
create index news_target_idx on news (target_id) where target_id is not null;
create index news_session_idx on news (session_id) where session_id is not null;

create table news_channels (
    news_id    bigint not null references news (id) on delete cascade,
    channel_id bigint not null references channels (id) on delete cascade,
    primary key (news_id, channel_id)
);
comment on table news_channels is 'Where a piece of news is told on IRC: as a line, and in the topic, as its outlets say.';
create index news_channels_channel_idx on news_channels (channel_id);
