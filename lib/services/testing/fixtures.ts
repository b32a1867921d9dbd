/** A merchant with channels, listings and stock, straight into the tables, for tests of the pipeline. */
import { randomUUID } from "node:crypto";
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";

export type FixtureMerchant = { merchantId: string; locationId: string };

export async function makeMerchant(
	database: TestDatabase,
	more: { bufferUnits?: number } = {},
): Promise<FixtureMerchant> {
	const sql = database.ownerClient;
	const merchantId = randomUUID();
	const locationId = randomUUID();
	await sql`insert into merchants (id, name, slug, buffer_units, strategy) values (${merchantId}, 'Nordlicht Outdoor', ${merchantId}, ${more.bufferUnits ?? 0}, 'shared')`;
	await sql`insert into locations (id, merchant_id, name) values (${locationId}, ${merchantId}, 'Main')`;
	return { merchantId, locationId };
}

export async function makeChannel(
	database: TestDatabase,
	merchant: FixtureMerchant,
	more: { platform?: Platform; isLive?: boolean; name?: string } = {},
): Promise<string> {
	const sql = database.ownerClient;
	const id = randomUUID();
	const isLive = more.isLive ?? true;
	await sql`
		insert into channels (id, merchant_id, platform, name, store_key, base_url, state, location_id, pushing_since, is_sandbox)
		values (${id}, ${merchant.merchantId}, ${more.platform ?? "shopify"}, ${more.name ?? "a store"}, ${id}, 'http://127.0.0.1:1', ${isLive ? "live" : "read_only"},
			${merchant.locationId}, ${isLive ? new Date().toISOString() : null}, true)`;
	await sql`insert into channel_health (channel_id, merchant_id, clock_ahead_ms) values (${id}, ${merchant.merchantId}, 0)`;
	return id;
}

/** A SKU with a count of `onHand`, made by one movement; null: nobody has counted. */
export async function makeSku(
	database: TestDatabase,
	merchant: FixtureMerchant,
	code: string,
	onHand: number | null,
): Promise<string> {
	const sql = database.ownerClient;
	const id = randomUUID();
	await sql`insert into skus (id, merchant_id, code, title) values (${id}, ${merchant.merchantId}, ${code}, ${code})`;
	if (onHand === null) return id;
	await sql`
		insert into levels (merchant_id, sku_id, location_id, on_hand, version, counted_at) values (${merchant.merchantId}, ${id}, ${merchant.locationId}, ${onHand}, 1, now())`;
	await sql`
		insert into movements (merchant_id, sku_id, location_id, delta, balance, version, kind, cause_key)
		values (${merchant.merchantId}, ${id}, ${merchant.locationId}, ${onHand}, ${onHand}, 1, 'count', 'first')`;
	return id;
}

/** A listing that shows `shown` and, with a SKU, is linked to it and offers what it shows. */
export async function makeListing(
	database: TestDatabase,
	merchant: FixtureMerchant,
	channelId: string,
	ref: string,
	more: { skuId?: string | null; units?: number; shown?: number } = {},
): Promise<string> {
	const sql = database.ownerClient;
	const id = randomUUID();
	const shown = more.shown ?? 10;
	const skuId = more.skuId ?? null;
	const units = more.units ?? 1;
	await sql`
		insert into listings (id, merchant_id, channel_id, external_key, ids, sku, title)
		values (${id}, ${merchant.merchantId}, ${channelId}, ${ref}, ${JSON.stringify({ inventoryItemId: ref })}::text::jsonb, ${ref}, ${ref})`;
	await sql`insert into listing_refs (merchant_id, channel_id, ref, listing_id) values (${merchant.merchantId}, ${channelId}, ${ref}, ${id})`;
	if (skuId)
		await sql`
			insert into mappings (listing_id, merchant_id, channel_id, state, sku_id, units, linked_by)
			values (${id}, ${merchant.merchantId}, ${channelId}, 'linked', ${skuId}, ${units}, 'test')`;
	await sql`
		insert into slots (merchant_id, channel_id, listing_id, location_id, sku_id, units, offered, expected, shown, shown_at)
		values (${merchant.merchantId}, ${channelId}, ${id}, ${merchant.locationId}, ${skuId}, ${units}, ${skuId ? shown : null}, ${shown}, ${shown}, now())`;
	return id;
}
