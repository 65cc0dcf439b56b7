-- +goose Up
create table target_proposals (
    id          bigint generated always as identity primary key,
    secret_hash bytea       unique, -- SHA-256 of what the mail's link holds; null until it is sent
    mail        text        not null, -- who proposes; forgotten with the row
    name        text        not null,
    about       text        not null,
    goal        text        not null,
    project     text        not null,
    made_at     timestamptz not null,
    expires_at  timestamptz not null check (expires_at > made_at),
    used_at     timestamptz, -- null until its sender answered; each works once
    target_id   bigint      references targets (id) on delete set null -- what became of it
);
comment on table target_proposals is 'Targets that somebody without an account proposed, until they answer from their mail address.';
create index target_proposals_expires_idx on target_proposals (expires_at);
create index target_proposals_mail_idx on target_proposals (lower(mail), made_at);
