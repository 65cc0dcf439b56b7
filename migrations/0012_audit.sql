-- +goose Up
create table audit (
    id         bigint generated always as identity primary key,
    at         timestamptz not null,
    person_id  bigint, -- who did it; null for the portal itself and on the command line. No foreign key: an entry outlives its person
    actor      text        not null, -- what they were called then
    via        text        not null check (via in ('web', 'api', 'cli', 'irc', 'portal')),
    action     text        not null, -- what was done or tried
    object     text        not null default '', -- to what: a path or a name
    refused    boolean     not null default false, -- it was tried and not allowed
    before     jsonb,
    after      jsonb,
    address    text        not null default '' -- of the other end; '' for the command line
);
comment on table audit is 'Every privileged act. Entries are only ever added.';
create index audit_person_idx on audit (person_id, id desc);
create index audit_action_idx on audit (action, id desc);

-- +goose StatementBegin
create function audit_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'audit entries are never changed' using errcode = 'check_violation';
end $$;
-- +goose StatementEnd
create trigger audit_final before update or delete on audit for each row execute function audit_is_final();
create trigger audit_never_emptied before truncate on audit for each statement execute function audit_is_final();
