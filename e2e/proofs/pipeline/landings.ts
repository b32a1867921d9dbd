/**
 * P1's judge beside real stores: a trigger notes each change of a store's level in the order in which it happened, and the
 * ledger tells what was known when a write was claimed (its SKU version). What a sale is, it knows of Shopify's levels alone.
 */
import type { TestDatabase } from "@/db/testing";

export async function watchLevels(database: TestDatabase): Promise<void> {
	const sql = database.ownerClient;
	await sql`
		create table public.level_history (seq bigint generated always as identity, at timestamptz not null default clock_timestamp(),
			store_id text, item_id text, before int, after int, is_sale boolean)`;
	await sql.unsafe(`
		create function public.note_level() returns trigger language plpgsql security definer as $$
		begin
			insert into public.level_history (store_id, item_id, before, after, is_sale)
			values (new.store_id, new.parent_id, coalesce(old.quantity, (old.data->>'quantity')::numeric::int),
				coalesce(new.quantity, (new.data->>'quantity')::numeric::int), new.committed <> old.committed);
			return null;
		end $$`);
	await sql`
		create trigger note_level after update on sandbox.items for each row
		when (old.quantity is distinct from new.quantity
			-- Magento's lie at their sources.
			or new.kind = 'source_item' and old.data->'quantity' is distinct from new.data->'quantity') execute function public.note_level()`;
}

export type Landings = {
	/** Our writes that landed. */
	writes: number;
	/** Of them, those that landed after a sale of the store's own that was not known when they were claimed. */
	crossings: number;
	/** … and left more shown than what was offered then, less that sale. */
	reinflations: number;
};

/** For a shop whose orders are neither cancelled nor refunded, without buffers. */
export async function judgeLandings(database: TestDatabase, merchantId: string): Promise<Landings> {
	const [row] = await database.ownerClient<Landings[]>`
		with landed as (
			select h.seq, h.after, s.id as slot_id, s.sku_id, s.channel_id, p.sku_version,
				(select coalesce(sum(o.before - o.after), 0) from level_history o
					where o.store_id = h.store_id and o.item_id = h.item_id and o.is_sale and o.seq < h.seq) as sold
			from level_history h
			join listings l on l.external_key = 'gid://shopify/InventoryItem/' || h.item_id and l.merchant_id = ${merchantId}
			join channels c on c.id = l.channel_id and c.base_url like '%/' || h.store_id
			join slots s on s.listing_id = l.id
			join lateral (
				select p.sku_version from push_items p
				where p.slot_id = s.id and p.sku_id = s.sku_id and p.channel_id = s.channel_id and p.quantity = h.after and p.at <= h.at
				order by p.at desc limit 1
			) p on true
			where not h.is_sale
		),
		judged as (
			select l.after, l.sold - known.heard as unheard, known.offer
			from landed l cross join lateral (
				select coalesce(sum(-m.delta) filter (where m.channel_id = l.channel_id and m.kind = 'order'), 0) as heard, coalesce(sum(m.delta), 0) as offer
				from movements m where m.sku_id = l.sku_id and m.version <= l.sku_version
			) known
		)
		select count(*)::int as writes, (count(*) filter (where unheard > 0))::int as crossings,
			(count(*) filter (where unheard > 0 and after > greatest(0, offer - unheard)))::int as reinflations
		from judged`;
	return row as Landings;
}
