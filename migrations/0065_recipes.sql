-- +goose Up
create table images (
    id           bigint generated always as identity primary key,
    slug         text        not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name         text        not null check (char_length(name) between 1 and 80),
    distribution text        not null default '' check (distribution ~ '^[a-z0-9-]{0,40}$'), -- as in the name of a folder: fedora
    release      text        not null default '' check (release ~ '^[a-z0-9.]{0,20}$'), -- as in 16 or 12.04
    architecture text        not null default 'x86_64' check (architecture ~ '^[a-z0-9_]{1,20}$'),
    login        text        not null default '' check (login ~ '^[a-z_][a-z0-9_-]{0,31}$' or login = ''), -- user to sign in as; empty: unknown
    retired_at   timestamptz, -- since when nobody is asked to try it any more
    revision     integer     not null default 1,
    created_at   timestamptz not null
);
comment on table images is 'Base images: what an instance is before a recipe has run on it.';

create table image_ids (
    image_id bigint not null references images (id) on delete cascade,
    cloud    text   not null check (char_length(cloud) between 1 and 80),
    id       text   not null check (id ~ '^[ae]mi-[0-9A-Za-z]{4,32}$'),
    primary key (image_id, cloud)
);
comment on table image_ids is 'What an image is called in each cloud.';

create table recipes (
    id           bigint generated always as identity primary key,
    slug         text        not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    summary      text        not null default '' check (char_length(summary) <= 300), -- what it turns an image into
    kind         text        not null check (kind in ('bash', 'cloud-init', 'puppet', 'chef', 'ansible')), -- what runs it
    tool         text        not null default '' check (tool in ('', 'puppet', 'chef', 'ansible')), -- what it installs to go on with; empty: none
    distribution text        not null default '' check (distribution ~ '^[a-z0-9-]{0,40}$'), -- that it is for; empty: any
    release      text        not null default '' check (release ~ '^[a-z0-9.]{0,20}$'), -- empty: any
    target_id    bigint      references targets (id) on delete set null,
    smallest     text        not null default '' check (smallest ~ '^([a-z][a-z0-9-]*[.][a-z0-9-]+)?$' and char_length(smallest) <= 40), -- instance type
    ports        text        not null default '' check (char_length(ports) <= 200), -- "22, 53/udp"
    repository   text        not null default '' check (char_length(repository) <= 300), -- address or name; empty: written here
    path         text        not null default '' check (char_length(path) <= 300), -- in the repository
    retired_at   timestamptz, -- since when it is not offered any more
    revision     integer     not null default 1,
    created_at   timestamptz not null,
    changed_at   timestamptz not null
);
comment on table recipes is 'Boot scripts that turn a base image into an appliance.';
create index recipes_target_idx on recipes (target_id);
create unique index recipes_path_idx on recipes (repository, path) where repository <> '';

create table recipe_versions (
    id           bigint generated always as identity primary key,
    recipe_id    bigint      not null references recipes (id) on delete cascade,
    number       integer     not null check (number > 0),
    commit       text        not null default '' check (commit ~ '^([0-9a-f]{40}|[0-9a-f]{64})?$'), -- in which it stands so; empty: in none that is known
    source       text        not null check (octet_length(source) between 1 and 262144),
    readme       text        not null default '' check (octet_length(readme) <= 262144),
    digest       bytea       not null, -- SHA-256 of all of it
    imported_at  timestamptz not null,
    unique (recipe_id, number)
);
comment on table recipe_versions is 'What a recipe said, each time it was found to say something else. The highest number is the one in use.';

create table recipe_files (
    version_id bigint  not null references recipe_versions (id) on delete cascade,
    position   integer not null,
    path       text    not null check (char_length(path) between 1 and 300), -- in the repository
    text       text    not null check (octet_length(text) <= 262144),
    primary key (version_id, position)
);
comment on table recipe_files is 'Files that belong to a version of a recipe besides its source and read-me.';
