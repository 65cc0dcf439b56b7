-- +goose Up
alter table items add column edited boolean not null default false; -- people changed or added it when they wrote the minutes
alter table topics add column edited boolean not null default false;
