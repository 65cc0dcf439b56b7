-- +goose Up
-- Also in sessions that apply what another server logged, where ordinary triggers rest.
alter table audit enable always trigger audit_final;
alter table audit enable always trigger audit_never_emptied;
