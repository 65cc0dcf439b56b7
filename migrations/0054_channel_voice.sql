-- +goose Up
alter table channels
    add column occasions   text[]  not null default '{day,hour,ten,start,changes,minutes,news}'
        check (occasions <@ array ['day', 'hour', 'ten', 'start', 'changes', 'minutes', 'news']), -- what is announced in it, while announce is set
    add column announces   text    not null default 'own' check (announces in ('own', 'all')), -- of which sessions: those held in it, or all
    add column topic       boolean not null default false, -- its topic shows the next session
    add column hackfests   boolean not null default true, -- sessions are held in it; else a mention of one is answered with where it is
    add column greet       boolean not null default true, -- who is there for the first time is greeted
    add column quiet_until timestamptz, -- the bot says nothing unasked in it before; null when nobody told it so
    add column topic_part  text    not null default ''; -- what the bot put into its topic last; the rest is other people's
comment on column channels.announce is 'Anything is announced in it: what, say occasions and announces, and topic.';
