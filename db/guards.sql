-- Who may touch what. Re-applied after every migration, so that a new table cannot be forgotten: each table of
-- `public` that has a merchant_id gets row-level security and the merchant's policy; what is not granted is denied.

do $$
declare role_name text;
begin
	foreach role_name in array array['onecount_app', 'onecount_writer', 'onecount_auth', 'onecount_engine', 'onecount_sandbox'] loop
		if not exists (select from pg_roles where rolname = role_name) then
			begin
				execute format('create role %I nologin nosuperuser nobypassrls', role_name);
			exception when duplicate_object or unique_violation then
				-- Roles belong to the server: another database of it was migrated at the same moment.
				null;
			end;
		end if;
		-- A superuser may take any role; granting it anyway would only race with other databases of the server.
		if not (select rolsuper from pg_roles where rolname = current_user) then
			execute format('grant %I to %I', role_name, current_user);
		end if;
	end loop;
end $$;

grant usage on schema public to onecount_app, onecount_writer, onecount_auth;
revoke all on all tables in schema public from public, onecount_app, onecount_writer, onecount_auth, onecount_engine, onecount_sandbox;
grant usage on all sequences in schema public to onecount_app, onecount_writer, onecount_auth;

-- The merchant's own rows, for the application.
do $$
declare t record;
begin
	for t in
		select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attname = 'merchant_id' and not a.attisdropped
		where n.nspname = 'public' and c.relkind in ('r', 'p')
	loop
		execute format('alter table public.%I enable row level security', t.relname);
		execute format('alter table public.%I force row level security', t.relname);
		execute format('drop policy if exists merchant_rows on public.%I', t.relname);
		execute format(
			'create policy merchant_rows on public.%I for all to onecount_app using (merchant_id = (select nullif(current_setting(''onecount.merchant_id'', true), '''')::uuid)) with check (merchant_id = (select nullif(current_setting(''onecount.merchant_id'', true), '''')::uuid))',
			t.relname);
		execute format('grant select, insert, update, delete on public.%I to onecount_app', t.relname);
	end loop;
end $$;

alter table merchants enable row level security;
alter table merchants force row level security;
drop policy if exists merchant_rows on merchants;
create policy merchant_rows on merchants for all to onecount_app
	using (id = (select nullif(current_setting('onecount.merchant_id', true), '')::uuid));
grant select, update on merchants to onecount_app;
-- Names of colleagues, for "linked by": people who belong to the acting merchant, and nobody else.
alter table users enable row level security;
alter table users force row level security;
drop policy if exists colleagues on users;
create policy colleagues on users for select to onecount_app
	using (exists (select from memberships where memberships.user_id = users.id));
grant select (id, name, email) on users to onecount_app;

-- Append-only: facts are added, never changed. The inbox and pushes change state only; pruning is the owner's.
revoke update, delete on movements, sync_log, audit_log from onecount_app;
revoke delete on api_keys from onecount_app;
revoke update on api_keys from onecount_app;
grant update (revoked_at) on api_keys to onecount_app;
revoke update on inbox from onecount_app;
grant update (state, applied_at, error) on inbox to onecount_app;
revoke update, delete on api_requests, reservation_lines, webhook_attempts from onecount_app;
revoke update, delete on reservations from onecount_app;
grant update (state, ended_at) on reservations to onecount_app;
revoke delete on webhook_messages from onecount_app;
revoke delete on inbox, orders, order_lines, order_cancels, pushes, push_items, conflicts from onecount_app;

-- The narrow writer across merchants.
grant insert, select on inbox to onecount_writer;
grant select on channels, channel_health, channel_jobs, credentials, slots to onecount_writer;
grant update (rejected_webhooks, last_rejected_at, unproven_webhooks, last_webhook_at, last_news_at, next_poll_at) on channel_health to onecount_writer;
grant insert, select, update on webhook_days to onecount_writer;
grant select on merchants to onecount_writer;
grant select (id, merchant_id, launch_from, launch_until) on skus to onecount_writer;
grant select (merchant_id, state, expires_at) on reservations to onecount_writer;
grant select (id, merchant_id, disabled_at, paused_until) on webhook_endpoints to onecount_writer;
grant select (endpoint_id, state, next_try_at) on webhook_messages to onecount_writer;
grant select (channel_id, state, next_try_at) on order_cancels to onecount_writer;
do $$
declare t text;
begin
	foreach t in array array['inbox', 'channels', 'channel_health', 'channel_jobs', 'credentials', 'slots', 'skus', 'webhook_days', 'merchants', 'reservations',
		'webhook_endpoints', 'webhook_messages', 'order_cancels'] loop
		execute format('drop policy if exists writer_rows on public.%I', t);
		execute format('create policy writer_rows on public.%I for all to onecount_writer using (true) with check (true)', t);
	end loop;
end $$;

-- Sign-in.
grant select, insert, update, delete on users, user_credentials, accounts, sessions, verification_tokens, sign_in_links, rate_limits to onecount_auth;
grant select, insert, update, delete on memberships, invites to onecount_auth;
grant select, insert on merchants to onecount_auth;
grant insert on audit_log, locations to onecount_auth;
do $$
declare t text;
begin
	foreach t in array array['users', 'memberships', 'invites', 'merchants', 'audit_log', 'locations'] loop
		execute format('drop policy if exists auth_rows on public.%I', t);
		execute format('create policy auth_rows on public.%I for all to onecount_auth using (true) with check (true)', t);
	end loop;
end $$;
-- A key of the public API is found by its hash before it is known whose it is: one in force, and nothing about it but what it may do.
grant select (id, merchant_id, key_hash, scopes, revoked_at, last_used_at), update (last_used_at) on api_keys to onecount_auth;
drop policy if exists key_lookup on api_keys;
create policy key_lookup on api_keys for select to onecount_auth using (revoked_at is null);
drop policy if exists key_used on api_keys;
create policy key_used on api_keys for update to onecount_auth using (revoked_at is null);
grant select on rate_limits to onecount_writer;
grant insert, update on rate_limits to onecount_writer;

-- The engine's and the sandbox's own schemas.
grant usage on schema engine to onecount_engine;
grant select, insert, update, delete on all tables in schema engine to onecount_engine;
grant usage on all sequences in schema engine to onecount_engine;
grant usage on schema sandbox to onecount_sandbox;
grant select, insert, update, delete on all tables in schema sandbox to onecount_sandbox;
grant usage on all sequences in schema sandbox to onecount_sandbox;

-- What an order line is held against (lib/services/orders): when its SKU was first counted at one of these locations, and
-- when that number was read. A bundle is counted by its components. Under the caller's own row-level security; by key at each step.
drop function if exists first_count(uuid, uuid);
create or replace function first_count(of_sku uuid, at_locations uuid[]) returns table (first_at timestamptz, read_at timestamptz)
language sql stable as $$
	select min(v.counted_at), min(coalesce(v.counted_from, v.counted_at))
	from (
		select coalesce(sc.component_id, of_sku) as sku_id from (select) one left join public.sku_components sc on sc.bundle_id = of_sku offset 0
	) s
	cross join lateral (
		select counted_at, counted_from from public.levels where sku_id = s.sku_id and location_id = any(at_locations) offset 0
	) v
$$;

-- Until when, by our own clock, an order was placed at the latest: stamps are cut, and the store's clock may be behind.
create or replace function placed_until(stamp timestamptz, of_channel uuid, slack_ms int) returns timestamptz
language sql stable as $$
	select stamp + (slack_ms + greatest(0, coalesce((select -clock_ahead_ms from public.channel_health where channel_id = of_channel), 0))) * interval '1 ms'
$$;

-- Keeps a merchant's pools (db/schema pools) when a channel's locations change: lib/stock/places.ts `poolsOf` in SQL; a test
-- holds both equal. One change at a time for each merchant, so that none misses another's.
create or replace function keep_pools() returns trigger language plpgsql as $$
begin
	if tg_op = 'INSERT' and (new.location_ids = '{}' or exists (
		select from pools where merchant_id = new.merchant_id and location_ids = array(select unnest(new.location_ids) order by 1))) then
		return null;
	end if;
	perform pg_advisory_xact_lock(hashtextextended('pools ' || new.merchant_id, 0));
	delete from pools where merchant_id = new.merchant_id;
	insert into pools (merchant_id, location_ids, root_id)
	with recursive own as (
		select distinct array(select unnest(c.location_ids) order by 1) as ids from channels c
		where c.merchant_id = new.merchant_id and c.location_ids <> '{}'
	),
	reach as (
		select o.ids, o.ids as grown from own o
		union
		select r.ids, array(select distinct unnest(r.grown || o.ids) order by 1) from reach r join own o on o.ids && r.grown and not o.ids <@ r.grown
	),
	rooted as (select distinct on (r.ids) r.ids, r.grown[1] as root_id from reach r order by r.ids, cardinality(r.grown) desc),
	joined as (
		select r.root_id, r.ids from rooted r
		union
		select j.root_id, array(select distinct unnest(j.ids || r.ids) order by 1) from joined j join rooted r on r.root_id = j.root_id and not r.ids <@ j.ids
	)
	select new.merchant_id, j.ids, j.root_id from joined j;
	return null;
end $$;
drop trigger if exists keep_pools on channels;
create trigger keep_pools after insert or update of location_id, further_location_ids on channels for each row execute function keep_pools();

-- What a listing is offered: lib/stock/offer.ts in SQL, in the same steps. It is planned as part of the statement around it.
create or replace function offer_of(available bigint, held int, share_percent int, units int, min_units int, cap_units int, out_of_stock_below int)
returns table (quantity int)
language sql immutable as $$
	select case when capped.n < out_of_stock_below then 0 else capped.n end::int
	from (select greatest(0, available - held) as units) sellable
	cross join lateral (
		-- Whole numbers, none below zero: their division rounds down.
		select greatest(sellable.units * share_percent / 100 / offer_of.units, least(min_units, sellable.units / offer_of.units)) as n
	) kept
	cross join lateral (select least(kept.n, cap_units) as n) capped
$$;

-- How the listings of a SKU share its stock: its own choice, else the most careful of what its channels say, each for itself
-- or as the merchant. Stock that one channel splits is split for all that sell it; where it is sold no more, nobody is asked.
create or replace function strategy_of(own text, of_sku uuid, merchants text) returns text
language sql stable as $$
	select coalesce(own, (
		select coalesce(c.strategy, merchants)
		from public.slots s
		join public.channels c on c.id = s.channel_id and c.state <> 'disconnected'
		where s.sku_id = of_sku and (select gone_at is null from public.listings where id = s.listing_id)
		order by array_position(array['escrow', 'adaptive', 'shared'], coalesce(c.strategy, merchants)) limit 1
	), merchants)
$$;

-- Of a level that has waited for the channel's list of orders to tell of all that it showed: when the read of that list must
-- have begun at the earliest that settles it (lib/stock/slot-news.ts). Null: it is read for another reason, or anew before that;
-- or the list can be asked for at any time (`lag_ms` is null). It is planned as part of the statement around it.
create or replace function orders_needed_from(s public.slots, lag_ms int) returns table (at timestamptz)
language sql stable as $$
	select case when s.read_due_at >= covered.at and lag_ms is not null then covered.at end
	from (select lag_ms * interval '1 ms' as lag) list
	cross join lateral (
		select case
			when s.maybe is not null then case when s.shown_at is not null then coalesce(s.shown_until, s.shown_at) + lag end
			when s.is_fenced and s.shown_at is null then s.read_due_at
			when s.unexplained <> 0 then s.unexplained_since + lag
		end as at
	) covered
$$;

-- Where it is sold, alone or in a bundle: how late a number lands there is what adaptive goes by.
create or replace function platforms_selling(of_sku uuid) returns text[]
language sql stable as $$
	select array(
		select distinct c.platform::text
		from public.slots s
		join public.channels c on c.id = s.channel_id and c.state <> 'disconnected'
		where s.sku_id = any(array(select of_sku union all select bundle_id from public.sku_components where component_id = of_sku))
			and (select gone_at is null from public.listings where id = s.listing_id)
		order by 1
	)
$$;

-- Whether the stores split what there is of a SKU, or of a part of it, at any of these locations.
create or replace function is_split(of_sku uuid, at uuid[]) returns boolean
language sql stable as $$
	select exists (select from public.levels where sku_id = of_sku and location_id = any(at) and is_escrow)
		or exists (
			select from public.sku_components c join public.levels l on l.sku_id = c.component_id and l.location_id = any(at)
			where c.bundle_id = of_sku and l.is_escrow)
$$;

-- What is left by now of units that fade with `memory_ms`: lib/stock/slot-news.ts `recentlySold` in SQL. Beyond a hundred
-- memories nothing is left, and exp would refuse a smaller number.
create or replace function faded(units float8, since timestamptz, memory_ms int) returns float8
language sql stable as $$
	select units * exp(-least(100, greatest(0, coalesce(extract(epoch from now() - since), 0)::float8) * 1000 / memory_ms))
$$;

-- Units × seconds at risk by the hour, brought up to a moment: lib/stock/exposure.ts `passed` in SQL.
create or replace function exposed(hours float8[], units int, since timestamptz, until timestamptz) returns float8[]
language plpgsql immutable as $$
declare
	from_s float8 := extract(epoch from since);
	to_s float8 := extract(epoch from until);
	first bigint := floor(from_s / 3600);
	last bigint := floor(to_s / 3600);
	place int;
begin
	if to_s <= from_s then return hours; end if;
	for hour in greatest(first, last - 23) .. last loop
		place := 1 + hour % 24;
		if hour > first then hours[place] := 0; end if;
		if units > 0 then
			hours[place] := hours[place] + units * (least(to_s, (hour + 1) * 3600) - greatest(from_s, hour * 3600));
		end if;
	end loop;
	return hours;
end $$;

-- Pruning by time: the only way in which history is deleted, and all that may be. Movements and the audit log stay; so do
-- orders, since a late refund is a difference to what was counted.
drop function if exists prune_history(int, int, int);
create or replace function prunable() returns table (name text, is_old text, kind text)
language sql immutable as $$
	values
		('webhook_messages', 'created_at < $1', 'mail'),
		-- What could not be read waits for a person, however long: of an order it is the only word of what was sold.
		('inbox', 'state <> 0 and not (state = 2 and dedupe_key like ''odd:%'') and received_at < $1', 'mail'),
		('sync_log', 'at < $1', 'log'),
		('log_minutes', 'minute < $1', 'log'),
		('channel_minutes', 'minute < $1', 'log'),
		('channel_jobs', 'finished_at < $1', 'log'),
		('exposure_hours', 'hour < $1', 'log'),
		('push_items', 'at < $1', 'pushes'),
		('pushes', 'claimed_at < $1 and outcome <> ''pending''', 'pushes'),
		('conflicts', 'state = ''decided'' and decided_at < $1', 'decisions'),
		('order_cancels', 'settled_at < $1', 'decisions'),
		('mapping_batches', 'at < $1', 'decisions'),
		('reservations', 'state <> ''open'' and ended_at < $1', 'decisions'),
		('webhook_days', 'day < $1', 'decisions'),
		('api_requests', 'created_at < $1', 'requests'),
		('connect_attempts', 'expires_at < $1', 'visits'),
		('invites', 'coalesce(accepted_at, revoked_at, expires_at) < $1', 'visits'),
		('sign_in_links', 'expires_at < $1', 'visits'),
		('verification_tokens', 'expires < $1', 'visits'),
		('sessions', 'expires < $1', 'visits'),
		('rate_limits', 'window_started_at < $1', 'attempts')
$$;
-- The owner is bound by row-level security like everybody.
do $$
declare t text;
begin
	for t in select name from prunable() loop
		execute format('drop policy if exists owner_prunes on public.%I', t);
		execute format('create policy owner_prunes on public.%I for delete to %I using (true)', t, current_user);
		execute format('drop policy if exists owner_sees on public.%I', t);
		execute format('create policy owner_sees on public.%I for select to %I using (true)', t, current_user);
	end loop;
end $$;
-- One bite of each table, so that none is held for long; `keep_days` by kind. Returns how many rows went: 0 when none is old.
create or replace function prune_history(keep_days jsonb, bite int) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
	gone bigint := 0;
	n bigint;
	t record;
begin
	for t in select name, is_old, now() - (keep_days->>kind)::int * interval '1 day' as before from prunable() loop
		execute format('delete from %I where ctid = any (array(select ctid from %I where %s limit %s))', t.name, t.name, t.is_old, bite)
			using t.before;
		get diagnostics n = row_count;
		gone := gone + n;
	end loop;
	return gone;
end $$;
revoke all on function prune_history(jsonb, int) from public;
grant execute on function prune_history(jsonb, int) to onecount_writer;
