-- +goose Up
create table minutes_drafts (
    meeting_ref uuid        not null references meetings (ref) on delete cascade,
    revision    integer     not null check (revision > 0), -- one more with each save
    number      integer     not null check (number >= 0), -- of the published minutes it goes out from; 0: of what was noted
    fields      jsonb       not null, -- what was written over those, as it was typed; {} when nothing is yet
    person_id   bigint      references people (id) on delete set null, -- who saved it; null for a publication without an author
    begun_at    timestamptz not null, -- of the first save since the last publication
    saved_at    timestamptz not null,
    primary key (meeting_ref, revision)
);
comment on table minutes_drafts is 'What people write about meetings before they publish it. The newest of a meeting counts; older ones tell what two writers had in common.';
