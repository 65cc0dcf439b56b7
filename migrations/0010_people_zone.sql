-- +goose Up
alter table people add column zone text not null default ''; -- IANA name, shown on /people; empty when kept private
