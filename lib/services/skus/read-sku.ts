import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import type { ChannelState, LogState, Platform } from "@/db/schema";
import { adapterFor, isConnectable } from "@/lib/channels/registry";
import { bundleUnits } from "@/lib/stock/offer";
import { type PolicyFields, type PolicyLevel, resolvePolicy } from "@/lib/stock/offer-policy";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { confirmations } from "../log/confirmations";
import { policyOf } from "../policies/policy-sql";
import { readSkuExposure, type SkuExposure } from "../stock/read-exposure";
import { type ExplainedOffer, explainOffers, type OfferReason } from "./explain-offers";
import { readSharing, type SkuSharing } from "./read-sharing";

export type SkuLevel = {
	locationId: string;
	location: string;
	onHand: number;
	reserved: number;
	/** The level's version: what an adjustment is held against. */
	version: number;
	/** Some channel sells from here. */
	isSoldFrom: boolean;
};

/** One listing of the SKU: what it shows, what it may still sell, how it is told. */
export type SkuSlot = {
	slotId: number;
	listingId: string;
	channel: { id: string; name: string; platform: Platform };
	listing: string;
	url: string | null;
	/** Units of the SKU per unit of the listing. */
	units: number;
	shows: number | null;
	offered: number | null;
	/** How `offered` came about; null: not counted where the channel sells from. */
	why: OfferReason | null;
	/** Units of the listing that it can sell for certain, and those in doubt until a write is confirmed. */
	bound: number;
	doubt: number;
	/** Its offers leave, now or when it is back; false: it is only read. */
	isPushed: boolean;
	shape: LogState;
	/** Beside the shape: why it is not in step. Null: the moment says enough. */
	word: string | null;
	toldAt: number | null;
	/** When its number was last read in the store and settled; null: never. */
	verifiedAt: number | null;
	/** How it is written: "compare", "set, read back". */
	write: string;
};

export type SkuView = {
	id: string;
	code: string;
	title: string;
	options: string | null;
	gtin: string | null;
	imageUrl: string | null;
	isBundle: boolean;
	isArchived: boolean;
	levels: SkuLevel[];
	/** Every location of the shop, those that sell it first: where it can be counted. */
	locations: { id: string; name: string }[];
	/** What the bundle is made of, scarcest first. `available` null: nobody has counted it. */
	components: { id: string; code: string; name: string; units: number; available: number | null }[];
	/** Bundles that it is a component of. */
	bundles: { id: string; name: string; units: number }[];
	/** on hand − reserved − buffer = available, over the locations that channels sell from. */
	formula: {
		onHand: number;
		reserved: number;
		buffer: number;
		/** Channels hold back different numbers; `buffer` is the largest. */
		bufferDiffers: boolean;
		/** Which level decided it; null: none. */
		bufferFrom: PolicyLevel | null;
		available: number;
		/** When an offer last followed, in milliseconds; null: never. */
		asOf: number | null;
	};
	slots: SkuSlot[];
	sharing: SkuSharing;
	exposure: SkuExposure;
	/** Units of the SKU that all channels together may still sell. */
	maySell: number;
	soldPerHour: number;
	/** Median time from a change to its last confirmation, over its latest changes; null: none was told. */
	newsTravelsMs: number | null;
};

/** Why is it 4, and who may sell how many? */
export async function readSku(ctx: Context, skuId: string): Promise<SkuView> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [sku] = (await tx.execute(sql`
			select k.id, k.code, k.title, k.options, k.gtin, k.image_url, k.is_bundle = 'yes' as is_bundle, k.archived_at is not null as is_archived,
				${policyOf("k")} as sku_policy, ${policyOf("m")} as merchant_policy
			from skus k join merchants m on m.id = k.merchant_id where k.id = ${guidOf(skuId, "SKU")}::uuid`)) as unknown as {
			id: string;
			code: string;
			title: string;
			options: string | null;
			gtin: string | null;
			image_url: string | null;
			is_bundle: boolean;
			is_archived: boolean;
			sku_policy: PolicyFields;
			merchant_policy: PolicyFields;
		}[];
		if (!sku) throw new NotFound("SKU");
		const rows = await readSlotRows(tx, sku.id);
		const levels = await readLevels(tx, sku.id);
		const { components, bundles } = await readRelatives(tx, sku.id);
		const offers = await explainOffers(tx, sku.id);
		const slots = await Promise.all(rows.map((row) => slotOf(row, offers.get(row.id)?.why ?? null)));
		const { held: buffer, heldFrom: bufferFrom } =
			largestHeld(rows.flatMap(({ id }) => offers.get(id) ?? [])) ?? heldEverywhere(sku);
		const soldFrom = levels.filter(({ isSoldFrom }) => isSoldFrom);
		const counted = soldFrom.length > 0 ? soldFrom : levels;
		const onHand = sku.is_bundle ? bundleOnHand(components) : counted.reduce((sum, level) => sum + level.onHand, 0);
		const reserved = counted.reduce((sum, level) => sum + level.reserved, 0);
		return {
			id: sku.id,
			code: sku.code,
			title: sku.title,
			options: sku.options,
			gtin: sku.gtin,
			imageUrl: sku.image_url,
			isBundle: sku.is_bundle,
			isArchived: sku.is_archived,
			levels,
			locations: await readLocations(tx, levels),
			components,
			bundles,
			formula: {
				onHand,
				reserved,
				buffer,
				bufferDiffers: new Set(rows.map(({ id }) => offers.get(id)?.held)).size > 1,
				bufferFrom,
				available: Math.max(0, onHand - reserved - buffer),
				asOf: rows.reduce<number | null>(
					(latest, row) => (row.offered_ms === null ? latest : Math.max(latest ?? 0, row.offered_ms)),
					null,
				),
			},
			slots,
			sharing: await readSharing(tx, sku.id),
			exposure: await readSkuExposure(tx, sku.id),
			maySell: slots.reduce((sum, slot) => sum + (slot.bound + slot.doubt) * slot.units, 0),
			soldPerHour: await readPace(tx, sku.id),
			newsTravelsMs: await readTravel(tx, sku.id),
		};
	});
}

const largestHeld = (offers: readonly ExplainedOffer[]): ExplainedOffer | undefined =>
	[...offers].sort((a, b) => b.held - a.held)[0];

/** Of a SKU that no channel sells yet. */
function heldEverywhere({ sku_policy, merchant_policy }: { sku_policy: PolicyFields; merchant_policy: PolicyFields }) {
	const { policy, from } = resolvePolicy({ sku: sku_policy, merchant: merchant_policy });
	return { held: policy.bufferUnits, heldFrom: from.bufferUnits };
}

/** A bundle can be sold as often as its scarcest component allows. */
const bundleOnHand = (components: SkuView["components"]) =>
	components.length > 0 ? bundleUnits(components.map((part) => ({ ...part, available: part.available ?? 0 }))) : 0;

async function readLevels(tx: Transaction, skuId: string): Promise<SkuLevel[]> {
	const rows = (await tx.execute(sql`
		select o.id, o.name, l.on_hand, l.reserved, l.version::float8 as version,
			exists (select from slots s join channels c on c.id = s.channel_id and c.state <> 'disconnected'
				where s.sku_id = ${skuId}::uuid and o.id = any(c.location_ids)) as is_sold_from
		from levels l join locations o on o.id = l.location_id
		where l.sku_id = ${skuId}::uuid order by is_sold_from desc, o.name`)) as unknown as {
		id: string;
		name: string;
		on_hand: number;
		reserved: number;
		version: number;
		is_sold_from: boolean;
	}[];
	return rows.map((row) => ({
		locationId: row.id,
		location: row.name,
		onHand: row.on_hand,
		reserved: row.reserved,
		version: row.version,
		isSoldFrom: row.is_sold_from,
	}));
}

async function readLocations(tx: Transaction, levels: readonly SkuLevel[]): Promise<SkuView["locations"]> {
	const all = (await tx.execute(sql`select id, name from locations order by created_at, name`)) as unknown as {
		id: string;
		name: string;
	}[];
	const place = new Map(levels.map(({ locationId }, at) => [locationId, at]));
	return [...all].sort((a, b) => (place.get(a.id) ?? levels.length) - (place.get(b.id) ?? levels.length));
}

async function readRelatives(tx: Transaction, skuId: string): Promise<Pick<SkuView, "components" | "bundles">> {
	const components = (await tx.execute(sql`
		select k.id, k.code, concat_ws(', ', k.title, k.options) as name, c.units, v.available::int as available
		from sku_components c join skus k on k.id = c.component_id
		cross join (
			select array_agg(distinct l.id) as location_ids from slots s join channels h on h.id = s.channel_id and h.state <> 'disconnected'
			cross join lateral unnest(h.location_ids) as l(id) where s.sku_id = ${skuId}::uuid
		) sold
		left join lateral (
			select sum(l.on_hand - l.reserved) as available from levels l
			where l.sku_id = k.id and l.counted_at is not null and (l.location_id = any(sold.location_ids) or sold.location_ids is null)
		) v on true
		where c.bundle_id = ${skuId}::uuid order by coalesce(v.available, 0) / c.units, k.title`)) as unknown as SkuView["components"];
	const bundles = (await tx.execute(sql`
		select k.id, concat_ws(', ', k.title, k.options) as name, c.units from sku_components c join skus k on k.id = c.bundle_id
		where c.component_id = ${skuId}::uuid order by k.title`)) as unknown as SkuView["bundles"];
	return { components: [...components], bundles: [...bundles] };
}

type SlotRow = {
	id: number;
	channel_id: string;
	channel: string;
	platform: Platform;
	state: ChannelState;
	is_paused: boolean;
	listing_id: string;
	breaker: string | null;
	listing: string;
	url: string | null;
	units: number;
	offered: number | null;
	shows: number | null;
	unexplained: number;
	bound: number | null;
	doubt: number;
	push_quantity: number | null;
	held_reason: string | null;
	is_pending: boolean;
	is_fenced: boolean;
	is_gone: boolean;
	is_managed: boolean;
	told_ms: number | null;
	verified_ms: number | null;
	offered_ms: number | null;
};

async function readSlotRows(tx: Transaction, skuId: string): Promise<SlotRow[]> {
	return [
		...((await tx.execute(sql`
			select s.id::float8 as id, s.listing_id, c.id as channel_id, c.name as channel, c.platform, c.state,
				(c.paused_at is not null or m.pushes_paused_at is not null) as is_paused, h.breaker,
				concat_ws(', ', i.title, i.options) as listing, i.url, s.units, s.offered, s.expected + s.unexplained as shows, s.unexplained,
				s.bound, s.doubt, s.push_quantity, s.held_reason, s.is_pending, s.is_fenced,
				i.gone_at is not null as is_gone, i.is_managed,
				extract(epoch from s.confirmed_at)::float8 * 1000 as told_ms, extract(epoch from coalesce(s.verified_at, s.shown_at))::float8 * 1000 as verified_ms, extract(epoch from s.offered_at)::float8 * 1000 as offered_ms
			from slots s
			join channels c on c.id = s.channel_id and c.state <> 'disconnected'
			join merchants m on m.id = s.merchant_id
			join listings i on i.id = s.listing_id
			left join channel_health h on h.channel_id = c.id
			where s.sku_id = ${skuId}::uuid order by c.created_at, c.name, s.id`)) as unknown as SlotRow[]),
	];
}

async function slotOf(row: SlotRow, why: OfferReason | null): Promise<SkuSlot> {
	const shows = Math.max(0, row.shows ?? 0);
	return {
		slotId: row.id,
		listingId: row.listing_id,
		channel: { id: row.channel_id, name: row.channel, platform: row.platform },
		listing: row.listing,
		url: row.url,
		units: row.units,
		shows: row.shows,
		offered: row.offered,
		why,
		bound: Math.max(0, row.bound ?? shows),
		doubt: row.doubt,
		isPushed: row.state === "live",
		...stateOf(row),
		toldAt: row.told_ms,
		verifiedAt: row.verified_ms,
		write: await writeOf(row),
	};
}

function stateOf(row: SlotRow): Pick<SkuSlot, "shape" | "word"> {
	if (row.state === "revoked") return { shape: "off", word: "access withdrawn" };
	if (row.state !== "live") return { shape: "none", word: "pushing is off" };
	if (row.is_gone) return { shape: "off", word: "no longer in the store" };
	if (!row.is_managed) return { shape: "none", word: "not counted in the store" };
	if (row.held_reason !== null) return { shape: "off", word: "refused" };
	if (row.unexplained !== 0) return { shape: "warn", word: "drift" };
	if (row.offered === null) return { shape: "none", word: "not counted yet" };
	if (row.is_pending && row.breaker && row.breaker !== "closed") return { shape: "off", word: "unreachable" };
	if (row.is_pending && row.is_paused) return { shape: "hold", word: "paused" };
	if (row.is_pending) return { shape: "go", word: "on its way" };
	return { shape: "ok", word: null };
}

/** In the words of what goes over the wire. */
async function writeOf(row: SlotRow): Promise<string> {
	const mode = isConnectable(row.platform) ? (await adapterFor(row.platform)).facts.writeMode : null;
	switch (mode) {
		case "compare":
			return "compare and set";
		case "delta": {
			const change = (row.offered ?? 0) - (row.shows ?? 0);
			return change === 0 || !row.is_pending
				? "by difference"
				: `difference ${change > 0 ? "+" : "−"}${Math.abs(change)}`;
		}
		case "absolute":
			return row.is_fenced ? "zero, read, set" : "set, read back";
		case "over_reservations":
			return row.is_fenced ? "closed, read, set" : "net of reservations";
		default:
			return "—";
	}
}

/** Newest movements per location that are looked at: a busy SKU's pace shows in them, a slow one's too. */
const paceMovements = 500;

async function readPace(tx: Transaction, skuId: string): Promise<number> {
	const [row] = (await tx.execute(sql`
		select coalesce(-sum(m.delta) filter (where m.kind = 'order'), 0)::float8 as units,
			extract(epoch from now() - greatest(min(m.at), now() - interval '24 h'))::float8 / 3600 as hours
		from levels l
		cross join lateral (
			select delta, kind, at from movements m where m.sku_id = l.sku_id and m.location_id = l.location_id
			order by version desc limit ${paceMovements}
		) m
		where l.sku_id = ${skuId}::uuid and m.at > now() - interval '24 h'`)) as unknown as {
		units: number;
		hours: number | null;
	}[];
	// The first sale of a day is not a pace of a thousand an hour.
	return row?.hours ? row.units / Math.max(1, row.hours) : 0;
}

async function readTravel(tx: Transaction, skuId: string): Promise<number | null> {
	const [row] = (await tx.execute(sql`
		select percentile_cont(0.5) within group (order by p.last_ms)::float8 as ms
		from (
			select at, sku_id, sku_version, channel_id, inbox_id, data from sync_log
			where sku_id = ${skuId}::uuid and kind = 'stock.changed' and sku_version is not null order by at desc, id desc limit 20
		) l cross join lateral (${confirmations}) p`)) as unknown as { ms: number | null }[];
	return row?.ms ?? null;
}
