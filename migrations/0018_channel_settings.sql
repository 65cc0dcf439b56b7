-- +goose Up
alter table channels
    add column key      text    not null default '', -- to join it with; '' has none. A secret, in the clear: the bot has to say it
    add column announce boolean not null default true, -- sessions and minutes are announced in it
    add column asked    integer not null default 1, -- how often the bot was asked to join; each makes it try afresh
    add column revision integer not null default 1;
