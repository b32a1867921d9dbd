/**
 * The books of a shop, from both sides: what the stores sold, sent and show, and what the ledger, the inbox and the
 * pushes say. The stores' side is kept by the stores themselves and by whoever bought there, so that nothing which the
 * app believes is taken for proof.
 */
import { quantities, wireRequests } from "@/lib/sandbox/stores";
import type { Shop, Store } from "./shop";

/** A purchase, as the buyer knows it. Units are zero once it was cancelled and put back. */
export type Sale = { storeId: string; orderId: string; sku: string; units: number };

export type Books = {
	/** Orders that buyers hold. */
	orders: number;
	/** Webhooks that were answered 200. */
	acknowledged: number;
	/** Acknowledged mail that is not in the inbox, or whose order the ledger does not have whole. */
	lost: number;
	/** Orders that the ledger took more than once or more than whole. */
	doubled: number;
	/** Listings that show something else than their own sales and each push once add up to. */
	pushesDoubled: number;
	/** Writes that went over the wire. */
	writes: number;
	/** Of them, sent again after a kill: under the key that the store remembers. */
	sentAgain: number;
};

/** What is still to come, in words; empty: all that is known is in the ledger and in both stores, and nothing is due. */
export async function unsettled(shop: Shop, sales: readonly Sale[]): Promise<string[]> {
	const [row] = await shop.owner<{ mail: number; flights: number; pending: number; reads: number; orders: number }[]>`
		select (select count(*)::int from inbox where state = 0) as mail,
			(select count(*)::int from slots where push_id is not null or maybe is not null) as flights,
			(select count(*)::int from slots where is_pending) as pending,
			(select count(*)::int from slots where read_due_at is not null) as reads,
			(select count(*)::int from orders) as orders`;
	if (!row) throw new Error("the books gave no figures");
	const found: string[] = [];
	if (row.mail > 0) found.push(`${row.mail} pieces of mail wait`);
	if (row.orders < sales.length) found.push(`${sales.length - row.orders} orders are not known`);
	if (row.flights > 0) found.push(`${row.flights} writes are in flight`);
	if (row.pending > 0) found.push(`${row.pending} offers are pending`);
	if (row.reads > 0) found.push(`${row.reads} levels are to be read`);
	if (found.length > 0) return found;
	for (const store of shop.stores) {
		const wrong = await wrongNumbers(shop, store);
		if (wrong.length > 0) found.push(`${store.platform} shows ${wrong.slice(0, 3).join(", ")}`);
	}
	const astray = await unitsAstray(shop, sales);
	if (astray > 0) found.push(`the ledger is ${astray} units from what was sold`);
	return found;
}

async function wrongNumbers(shop: Shop, store: Store): Promise<string[]> {
	const offers = await shop.owner<{ sku: string; offered: number }[]>`
		select k.code as sku, s.offered from slots s join skus k on k.id = s.sku_id where s.channel_id = ${store.channelId}`;
	const offered = new Map(offers.map((row) => [row.sku, row.offered]));
	const shown = await quantities(shop.sandbox.ctx, store.storeId);
	return shown
		.filter(({ sku, quantity }) => offered.get(sku) !== quantity)
		.map(({ sku, quantity }) => `${quantity} of ${sku} for ${offered.get(sku)}`);
}

export async function readBooks(shop: Shop, sales: readonly Sale[]): Promise<Books> {
	const [orders, mail, pushes] = await Promise.all([
		auditOrders(shop, sales),
		auditMail(shop),
		Promise.all(shop.stores.map((store) => auditPushes(shop, store, sales))),
	]);
	const sum = (pick: (push: (typeof pushes)[number]) => number) =>
		pushes.reduce((total, push) => total + pick(push), 0);
	return {
		orders: sales.length,
		acknowledged: mail.acknowledged,
		lost: Math.max(orders.lost, mail.missing),
		doubled: orders.doubled,
		pushesDoubled: sum(({ doubled }) => doubled),
		writes: sum(({ writes }) => writes),
		sentAgain: sum(({ sentAgain }) => sentAgain),
	};
}

/** Each order that was told of and acknowledged against what the ledger consumed for it; and on hand against their sum. */
async function auditOrders(shop: Shop, sales: readonly Sale[]): Promise<{ lost: number; doubled: number }> {
	const told = new Set(
		(
			await shop.owner<{ store_id: string; resource_id: string }[]>`
				select distinct store_id, resource_id from sandbox.deliveries where state = 'sent' and topic ~ '^order'`
		).map((row) => `${row.store_id} ${row.resource_id}`),
	);
	const consumed = new Map(
		(
			await shop.owner<{ channel_id: string; ref: string; units: number; times: number }[]>`
				select channel_id, regexp_replace(order_ref, '^.*/', '') as ref, -sum(delta)::int as units,
					(count(*) filter (where kind = 'order'))::int as times
				from movements where order_ref is not null group by 1, 2`
		).map((row) => [`${row.channel_id} ${row.ref}`, row]),
	);
	const channels = new Map(shop.stores.map(({ storeId, channelId }) => [storeId, channelId]));
	let lost = 0;
	let doubled = 0;
	for (const sale of sales) {
		const id = sale.orderId.replace(/^.*\//, "");
		const entry = consumed.get(`${channels.get(sale.storeId)} ${id}`);
		const units = entry?.units ?? 0;
		const isTold = told.has(`${sale.storeId} ${sale.orderId}`) || told.has(`${sale.storeId} ${id}`);
		if (units < sale.units && isTold) lost++;
		if (units > sale.units || (entry?.times ?? 0) > 1) doubled++;
	}
	return { lost, doubled };
}

/** Shopify names each delivery, so each that was acknowledged must be in the inbox, and no dead letter. */
async function auditMail(shop: Shop): Promise<{ acknowledged: number; missing: number }> {
	const named = JSON.stringify(
		shop.stores.map(({ storeId, channelId, platform }) => ({ storeId, channelId, isNamed: platform === "shopify" })),
	);
	const [row] = await shop.owner<{ acknowledged: number; missing: number }[]>`
		select count(*)::int as acknowledged,
			(count(*) filter (where s."isNamed" and not exists (
				select from inbox i where i.channel_id = s."channelId" and i.dedupe_key = d.headers->>'webhookId' and i.state < 2)))::int as missing
		from sandbox.deliveries d
		join jsonb_to_recordset(${named}::text::jsonb) as s("storeId" text, "channelId" uuid, "isNamed" boolean) on s."storeId" = d.store_id
		where d.state = 'sent'`;
	return row ?? { acknowledged: 0, missing: 0 };
}

/**
 * Each listing shows what it began with, less its own sales, plus what every confirmed push changed, once. Only where a
 * platform compares: elsewhere a sale may fall into the moment between, which the rules know and cover.
 */
async function auditPushes(
	shop: Shop,
	store: Store,
	sales: readonly Sale[],
): Promise<{ doubled: number; writes: number; sentAgain: number }> {
	const requests = await wireRequests(shop.sandbox.ctx, store.storeId, 0, 1_000_000);
	const writes = requests.filter(({ what }) => what === "write").length;
	const isKeyed = store.platform === "shopify";
	const [row] = await shop.owner<{ keys: number }[]>`
		select count(*)::int as keys from sandbox.idempotency where store_id = ${store.storeId}`;
	const pushed = await shop.owner<{ sku: string; change: number }[]>`
		select k.code as sku, coalesce(sum(i.quantity - i.expected) filter (where i.outcome = 'applied'), 0)::int as change
		from skus k left join push_items i on i.sku_id = k.id and i.channel_id = ${store.channelId} group by 1`;
	const change = new Map(pushed.map((item) => [item.sku, item.change]));
	const sold = new Map<string, number>();
	for (const sale of sales)
		if (sale.storeId === store.storeId) sold.set(sale.sku, (sold.get(sale.sku) ?? 0) + sale.units);
	const shown = await quantities(shop.sandbox.ctx, store.storeId);
	const doubled = shown.filter(
		({ sku, quantity }) => isKeyed && quantity !== shop.stock - (sold.get(sku) ?? 0) + (change.get(sku) ?? 0),
	).length;
	return { doubled, writes, sentAgain: isKeyed ? writes - (row?.keys ?? 0) : 0 };
}

/** Units on hand against what began, less what was sold: the two must agree once all is known. */
async function unitsAstray(shop: Shop, sales: readonly Sale[]): Promise<number> {
	const levels = await shop.owner<{ sku: string; on_hand: number; sum: number }[]>`
		select k.code as sku, l.on_hand, (select sum(m.delta)::int from movements m where m.sku_id = l.sku_id) as sum
		from levels l join skus k on k.id = l.sku_id`;
	const sold = new Map<string, number>();
	for (const sale of sales) sold.set(sale.sku, (sold.get(sale.sku) ?? 0) + sale.units);
	return levels.reduce((astray, { sku, on_hand, sum }) => {
		const right = (shop.counted.get(sku) ?? shop.stock) - (sold.get(sku) ?? 0);
		return astray + Math.abs(on_hand - right) + Math.abs(sum - right);
	}, 0);
}
