/**
 * Concurrency limits. A key has as many numbered places as its limit; a call takes one under each of its keys while it
 * runs, and the primary key makes two calls in one place impossible. Nothing is locked: whoever finds no place marks its
 * row as blocked and looks again, whoever frees a place looks for blocked rows afterwards, so one of the two sees the
 * other; a sweep mends what a crash between the two leaves.
 */
import type { LeasedItem, Sql } from "./queue";

export type SlotWish = { item: LeasedItem; keys: { key: string; limit: number }[] };

/** The items that got a place under each of their keys; the others are marked as blocked. */
export async function takeSlots(sql: Sql, wishes: SlotWish[]): Promise<{ ready: LeasedItem[]; retryKeys: string[] }> {
	const wanted = wishes.flatMap(({ item, keys }) => keys.map(({ key, limit }) => ({ item, key, limit })));
	if (wanted.length === 0) return { ready: wishes.map(({ item }) => item), retryKeys: [] };
	// An older row that waits for the key goes first.
	const taken = await sql<{ itemId: string; key: string }[]>`
		with wanted as (
			select w.item_id, w.key, w.places, row_number() over (partition by w.key order by q.rank, w.item_id) as turn
			from unnest(
				${wanted.map((w) => w.item.id)}::bigint[], ${wanted.map((w) => w.item.gen)}::int[],
				${wanted.map((w) => w.key)}::text[], ${wanted.map((w) => w.limit)}::int[]
			) as w(item_id, gen, key, places)
			join engine.queue q on q.id = w.item_id and q.gen = w.gen
			where not exists (select from engine.queue b where b.blocked_on = w.key and b.rank < q.rank)
		), open as (
			select k.key, n, row_number() over (partition by k.key order by n) as turn
			from (select key, max(places) as places from wanted group by key) k
			cross join lateral generate_series(1, k.places) n
			where not exists (select from engine.slots s where s.key = k.key and s.n = n)
		)
		insert into engine.slots (key, n, item_id)
		select w.key, o.n, w.item_id from wanted w join open o on o.key = w.key and o.turn = w.turn
		where o.n <= w.places
		on conflict do nothing
		returning item_id as "itemId", key`;

	const got = new Set(taken.map(({ itemId, key }) => `${itemId} ${key}`));
	const ready: LeasedItem[] = [];
	const blocked: { item: LeasedItem; key: string; limit: number }[] = [];
	for (const { item, keys } of wishes) {
		const missing = keys.find(({ key }) => !got.has(`${item.id} ${key}`));
		if (missing) blocked.push({ item, ...missing });
		else ready.push(item);
	}
	const retryKeys = blocked.length > 0 ? await block(sql, blocked) : [];
	return { ready, retryKeys };
}

/** Marks the rows, then looks again: the keys under which a place became free meanwhile. */
async function block(sql: Sql, blocked: { item: LeasedItem; key: string; limit: number }[]): Promise<string[]> {
	const dropped = await sql<{ key: string }[]>`
		with blocked as (
			update engine.queue q set worker = null, at = now(), blocked_on = b.key, blocked_limit = b.places
			from unnest(
				${blocked.map(({ item }) => item.id)}::bigint[], ${blocked.map(({ item }) => item.gen)}::int[],
				${blocked.map(({ key }) => key)}::text[], ${blocked.map(({ limit }) => limit)}::int[]
			) as b(id, gen, key, places)
			where q.id = b.id and q.gen = b.gen
			returning q.id
		)
		delete from engine.slots where item_id in (select id from blocked) returning key`;
	const keys = [...new Set(blocked.map(({ key }) => key))];
	const free = await sql<{ key: string }[]>`
		select k.key from unnest(${keys}::text[]) as k(key)
		where (select count(*) from engine.slots s where s.key = k.key)
			< (select max(blocked_limit) from engine.queue q where q.blocked_on = k.key)`;
	return [...new Set([...dropped, ...free].map(({ key }) => key))];
}

/** Frees rows that are still marked although their key has places: as many as there are. True when there were any. */
export async function unblock(sql: Sql): Promise<boolean> {
	const freed = await sql`
		update engine.queue set blocked_on = null, blocked_limit = null
		where id in (
			select id from (
				select id, row_number() over (partition by blocked_on order by rank) as turn,
					blocked_limit - (select count(*) from engine.slots s where s.key = q.blocked_on) as places
				from engine.queue q where blocked_on is not null
			) waiting
			where turn <= places
		)`;
	return freed.count > 0;
}
