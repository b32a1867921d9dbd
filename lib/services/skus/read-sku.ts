import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { bundleUnits } from "@/lib/stock/offer";
import { type PolicyFields, type PolicyLevel, resolvePolicy } from "@/lib/stock/offer-policy";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { confirmations } from "../log/confirmations";
import { policyOf } from "../policies/policy-sql";
import { readSkuExposure, type SkuExposure } from "../stock/read-exposure";
import { type ExplainedOffer, explainOffers } from "./explain-offers";
import { readSharing, type SkuSharing } from "./read-sharing";
import { readSlotRows, type SkuSlot, slotOf } from "./read-sku-slots";

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
