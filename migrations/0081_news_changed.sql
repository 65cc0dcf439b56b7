-- +goose Up

-- The feed begins with what changed last.
create index news_changed_idx on news (changed_at desc, published_at desc, id desc) where state = 'published';
