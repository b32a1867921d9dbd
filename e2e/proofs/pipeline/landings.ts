/**
 * P1's judge beside real stores: what happened to their levels, in order, against what the ledger tells was known when a write
 * was claimed (its SKU version). As lib/simulation/reinflation.ts judges, where every store's mind can be read.
 */
import type { Platform } from "@/db/schema";
import { adapterFor } from "@/lib/channels/registry";
import type { LiveShop } from "./live-shop";
import { storeIdsOf } from "./store-ids";

/** Of one platform's stores. */
export type Landings = {
	platform: Platform;
	/** Our writes that landed. */
	writes: number;
	/** Of them, those that landed after a sale of the store's own that was not known when they were claimed. */
	crossings: number;
	/** … and left more shown than what was offered then, less that sale. */
	reinflations: number;
	/** Units that were sold by these and did not exist. */
	uncovered: number;
	/** How long the numbers were wrong, in sum, from such a landing until the next that was none. */
	wrongSeconds: number;
	/** Numbers that neither a sale nor a write of ours explains. */
	strays: number;
};

/** Where a write compares, is a delta or lies under the store's own reservations, none; elsewhere none that is not covered. */
export async function isNeverReinflated(landings: readonly Landings[]): Promise<boolean> {
	const verdicts = landings.map(async ({ platform, reinflations, uncovered, strays }) => {
		const isBlind = (await adapterFor(platform)).facts.writeMode === "absolute";
		return strays === 0 && uncovered === 0 && (isBlind || reinflations === 0);
	});
	return (await Promise.all(verdicts)).every((verdict) => verdict);
}

type Change = {
	platform: Platform;
	channelId: string;
	sku: string;
	at: number;
	before: number;
	after: number;
	isSale: boolean;
	/** Of the write; null: a sale, or nothing that we know of. */
	kind: "compare" | "delta" | "set" | "over" | "fence" | null;
	/** When it was claimed: units that the store was known to have sold, and that there were. */
	heard: number;
	offer: number;
};

/** Of one listing; `lie`: units that a write shows too many, and since when. */
type Shelf = { sum: Landings; shows: number; sold: number; lie: { units: number; since: number } | null };

/** For a shop whose orders are neither cancelled nor refunded, without buffers. `startsAt`: units of each SKU. */
export async function judgeLandings(shop: LiveShop, startsAt: number): Promise<Landings[]> {
	const changes = await changesOf(shop);
	const sums = new Map<Platform, Landings>();
	const shelves = new Map<string, Shelf>();
	const existing = new Map<string, number>();
	for (const change of changes) {
		const { platform, channelId, sku } = change;
		const sum = sums.get(platform) ?? blank(platform);
		sums.set(platform, sum);
		const key = `${channelId} ${sku}`;
		const shelf = shelves.get(key) ?? { sum, shows: startsAt, sold: 0, lie: null };
		shelves.set(key, shelf);
		if (change.isSale) {
			const units = change.before - change.after;
			existing.set(sku, (existing.get(sku) ?? startsAt) - units);
			sell(shelf, units, existing.get(sku) ?? 0);
		} else if (change.kind === null) sum.strays++;
		else land(shelf, change);
	}
	const end = changes.at(-1)?.at ?? 0;
	for (const shelf of shelves.values()) mend(shelf, end);
	return [...sums.values()];
}

const blank = (platform: Platform): Landings => ({
	platform,
	writes: 0,
	crossings: 0,
	reinflations: 0,
	uncovered: 0,
	wrongSeconds: 0,
	strays: 0,
});

function sell(shelf: Shelf, units: number, left: number): void {
	// Without the excess the store would have refused this buyer, and the unit is not there.
	if (shelf.lie && shelf.shows - shelf.lie.units < units) shelf.sum.uncovered += Math.max(0, Math.min(units, -left));
	shelf.sold += units;
	shelf.shows -= units;
}

function land(shelf: Shelf, { kind, before, after, heard, offer, at }: Change): void {
	// What lies there, less the open orders that it lies there for.
	shelf.shows = kind === "over" ? Math.max(0, after - shelf.sold) : after;
	shelf.sum.writes++;
	const unheard = shelf.sold - heard;
	if (unheard > 0) shelf.sum.crossings++;
	// A delta that lowers is taken from whatever the sales have left: it puts nothing back.
	const putsBack = unheard > 0 && (kind !== "delta" || after > before);
	const excess = putsBack ? shelf.shows - Math.max(0, offer - unheard) : 0;
	if (excess <= 0) mend(shelf, at);
	else {
		shelf.sum.reinflations++;
		shelf.lie = { units: excess, since: shelf.lie?.since ?? at };
	}
}

function mend(shelf: Shelf, at: number): void {
	if (shelf.lie) shelf.sum.wrongSeconds += (at - shelf.lie.since) / 1_000;
	shelf.lie = null;
}

/**
 * A write is the last one claimed for its listing that says this number, or this difference; Magento takes one at a time.
 * Differences that take off may be several under way, and land as one.
 */
async function changesOf({ database, stores, merchantId }: LiveShop): Promise<Change[]> {
	const homes = await Promise.all(
		stores.map(async (store) =>
			(await storeIdsOf(database, store)).map((id) => ({ store_id: id, channel_id: store.channelId })),
		),
	);
	return database.ownerClient<Change[]>`
		select c.platform, c.id as "channelId", h.sku, extract(epoch from h.at)::float8 * 1000 as at, h.before, h.after,
			h.is_sale as "isSale", p.kind, coalesce(known.heard, 0)::int as heard, coalesce(known.offer, 0)::int as offer
		from level_history h
		join jsonb_to_recordset(${JSON.stringify(homes.flat())}::text::jsonb) as homes(store_id text, channel_id uuid) on homes.store_id = h.store_id
		join channels c on c.id = homes.channel_id
		join listings l on l.channel_id = c.id and l.sku = h.sku and l.merchant_id = ${merchantId}
		join slots s on s.listing_id = l.id
		left join lateral (
			select p.kind, p.sku_version from push_items p
			where not h.is_sale and p.slot_id = s.id and p.sku_id = s.sku_id and p.at <= h.at and case p.kind
				when 'over' then true
				when 'delta' then p.quantity - p.expected = h.after - h.before or (p.quantity < p.expected and h.after < h.before)
				else p.quantity = h.after end
			order by p.at desc limit 1
		) p on true
		left join lateral (
			select coalesce(sum(-m.delta) filter (where m.channel_id = c.id and m.kind = 'order'), 0) as heard, coalesce(sum(m.delta), 0) as offer
			from movements m where m.sku_id = s.sku_id and m.version <= p.sku_version
		) known on p.kind is not null
		order by h.seq`;
}
