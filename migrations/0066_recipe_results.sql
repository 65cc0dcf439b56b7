-- +goose Up
create table recipe_results (
    id         bigint generated always as identity primary key,
    recipe_id  bigint      not null references recipes (id) on delete cascade,
    version_id bigint      references recipe_versions (id) on delete set null, -- the one in use when it was tried
    image_id   bigint      not null references images (id) on delete cascade,
    session_id bigint      references sessions (id) on delete set null, -- in which it was tried; null for none
    person_id  bigint      references people (id) on delete set null, -- who tried it
    cloud      text        not null default '' check (char_length(cloud) <= 80),
    outcome    text        not null check (outcome in ('works', 'notes', 'fails')),
    minutes    integer     check (minutes between 0 and 10080), -- until it was ready; null when not known
    note       text        not null default '' check (char_length(note) <= 1000),
    key        text        not null default '', -- by which its sender named it; empty: not at all
    at         timestamptz not null,
    created_at timestamptz not null,
    removed_at timestamptz
);
comment on table recipe_results is 'What came of running a recipe on an image. What was removed stays, for who undoes it.';
create index recipe_results_cell_idx on recipe_results (recipe_id, image_id, at desc, id desc) where removed_at is null;
create index recipe_results_session_idx on recipe_results (session_id) where removed_at is null;
create unique index recipe_results_key_idx on recipe_results (person_id, key) where key <> '';
