-- +goose Up
-- Whether somebody has ever spoken before, for who greets newcomers.
create index lines_speaker_idx on lines (lower(nick)) where kind in ('message', 'action') and not self;
create index lines_speaker_account_idx on lines (lower(account)) where kind in ('message', 'action') and account <> '' and not self;
-- What a channel's topic was last to show.
create index deliveries_topic_idx on deliveries (channel_id, id desc) where outlet = 'topic';
