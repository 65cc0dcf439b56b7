-- +goose Up
create index hook_deliveries_waiting_idx on hook_deliveries (received_at, id) where state = 'received';
