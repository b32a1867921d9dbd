-- Frozen: one webhook, one row, one commit. What the deployed entry point is held against.
\set ext random(1, 2000000000)
insert into anchor_inbox (tenant, channel, ext_id, topic, sku_id, qty, payload, received_at)
values (1, 1, :ext || '-' || :client_id, 'orders/create', 1, 1, :payload::jsonb, now())
on conflict do nothing;
