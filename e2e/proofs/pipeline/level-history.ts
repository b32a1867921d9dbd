/** Each change of what a sandbox store's levels say, in the order in which it happened, and whether it was a sale. */
import type { TestDatabase } from "@/db/testing";

/**
 * From now on in `level_history`: `before` and `after` are units that the store shows, of Magento's sources what lies there,
 * and a reservation of its goes from 0 to the units that it takes. A sale is what changes in the transaction that places its
 * order, on every platform.
 */
export async function watchLevels(database: TestDatabase): Promise<void> {
	const sql = database.ownerClient;
	await sql`
		create table public.level_changes (seq bigint generated always as identity, at timestamptz not null default clock_timestamp(),
			tx xid8 not null default pg_current_xact_id(), store_id text, item_id text, sku text, before int, after int)`;
	await sql`create table public.orders_placed (tx xid8 primary key default pg_current_xact_id())`;
	await sql`
		create view public.level_history as
		select c.*, exists (select from public.orders_placed o where o.tx = c.tx) as is_sale from public.level_changes c`;
	await sql.unsafe(`
		create function public.units_of(item sandbox.items) returns int language sql as $$
			-- Magento's lie at their sources, which can be closed, and Square's are a count as text.
			select case when item.data->>'status' = '0' and item.kind = 'source_item' then 0
				else coalesce(item.quantity, (item.data->>'quantity')::numeric::int) end
		$$`);
	await sql.unsafe(`
		create function public.note_level() returns trigger language plpgsql security definer as $$
		declare was int := case when tg_op = 'UPDATE' then public.units_of(old) else 0 end;
		begin
			if was is distinct from public.units_of(new) then
				insert into public.level_changes (store_id, item_id, sku, before, after)
				values (new.store_id, new.parent_id,
					coalesce(new.sku, (select p.sku from sandbox.items p where p.store_id = new.store_id and p.id = new.parent_id)),
					was, public.units_of(new));
			end if;
			return null;
		end $$`);
	await sql.unsafe(`
		create function public.note_order() returns trigger language plpgsql security definer as $$
		begin
			insert into public.orders_placed default values on conflict do nothing;
			return null;
		end $$`);
	await sql`
		create trigger note_level after update on sandbox.items for each row
		when (old.quantity is distinct from new.quantity or new.kind in ('source_item', 'count') and old.data <> new.data)
		execute function public.note_level()`;
	await sql`
		create trigger note_reservation after insert on sandbox.items for each row
		when (new.kind = 'reservation') execute function public.note_level()`;
	await sql`
		create trigger note_order after insert on sandbox.orders for each row execute function public.note_order()`;
}
