-- Frozen: one order as one statement: inbox, stock, ledger, three channels' offers.
\set ext random(1, 2000000000)
\set s random(1, 10000)
with i as (
	insert into anchor_inbox (tenant, channel, ext_id, topic, sku_id, qty, payload, received_at)
	values (1, 1, :ext || '-' || :client_id, 'orders/create', :s, 1, :payload::jsonb, now()) on conflict do nothing returning id
),
u as (update anchor_stock set on_hand = on_hand - 1, version = version + 1 from i where tenant = 1 and sku_id = :s returning on_hand, version),
l as (insert into anchor_ledger (tenant, sku_id, delta, balance, inbox_id) select 1, :s, -1, u.on_hand, i.id from u, i)
insert into anchor_outbox (sku_id, channel, qty, version, state)
select :s, c, u.on_hand, u.version, 0 from u, generate_series(2, 4) c
on conflict (sku_id, channel) do update set qty = excluded.qty, version = excluded.version, state = 0, due_at = now();
