-- +goose Up
create table unnamed_nicks (
    network    text        not null, -- name of the network
    nick       text        not null check (nick = lower(nick) and nick <> ''),
    account    text        not null default '', -- what services said who asked is; '' is nobody, or not told
    since      timestamptz not null, -- when it was asked for; it is true for all meetings
    primary key (network, nick)
);
comment on table unnamed_nicks is 'Nicks that are left out, by name, of who was at a meeting, of people without an account on the portal.';
