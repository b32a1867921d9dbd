-- Frozen with the two scripts beside it.
create table anchor_inbox (
	id bigint generated always as identity primary key, tenant int not null, channel int not null, ext_id text not null,
	topic text not null, sku_id int not null, qty int not null, payload jsonb not null, received_at timestamptz not null,
	processed_at timestamptz, unique (channel, ext_id)
);
create index on anchor_inbox (id) where processed_at is null;
create table anchor_stock (tenant int, sku_id int, on_hand int not null, version bigint not null default 0, primary key (tenant, sku_id)) with (fillfactor = 50);
create table anchor_ledger (id bigint generated always as identity primary key, tenant int, sku_id int, delta int, balance int, inbox_id bigint, at timestamptz not null default now());
create index on anchor_ledger (tenant, sku_id, id);
create table anchor_outbox (sku_id int, channel int, qty int, version bigint, state int, due_at timestamptz not null default now(), primary key (sku_id, channel)) with (fillfactor = 50);
insert into anchor_stock (tenant, sku_id, on_hand) select 1, n, 1000000 from generate_series(1, 10000) n;
