/** A merchant with channels, SKUs and listings to try mappings on. For tests and measurements. */
import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import type { Database } from "@/db/client";
import type { Role } from "@/db/schema";
import { type Context, systemContext } from "../context";

export type MappingWorld = {
	merchantId: string;
	locationId: string;
	as: (role: Role, actor?: string) => Context;
	channel: (name: string, over?: { platform?: string; state?: string; bufferUnits?: number }) => Promise<string>;
	sku: (code: string, over?: { title?: string; gtin?: string; onHand?: number }) => Promise<string>;
	listing: (
		channelId: string,
		over: { sku?: string | null; title?: string; gtin?: string; shows?: number | null },
	) => Promise<string>;
	/** An order of one line, as the pipeline would have parked or kept it. */
	parkedLine: (channelId: string, listingId: string, taken: number, placedAt?: Date) => Promise<{ orderRef: string }>;
	slot: (
		listingId: string,
	) => Promise<{ sku_id: string | null; units: number; offered: number | null; expected: number | null }>;
	onHand: (skuId: string) => Promise<number>;
};

export async function mappingWorld(owner: postgres.Sql, db: Database): Promise<MappingWorld> {
	const merchantId = randomUUID();
	const locationId = randomUUID();
	await owner`insert into merchants (id, name, slug, strategy) values (${merchantId}, 'Nordlicht', ${merchantId}, 'shared')`;
	await owner`insert into locations (id, merchant_id, name) values (${locationId}, ${merchantId}, 'Warehouse')`;
	return {
		merchantId,
		locationId,
		as: (role, actor = `user:${randomUUID()}`) => ({ ...systemContext(merchantId, db), role, actor }),
		channel: async (name, { platform = "shopify", state = "live", bufferUnits = 0 } = {}) => {
			const id = randomUUID();
			await owner`insert into channels (id, merchant_id, platform, name, store_key, base_url, state, location_id, buffer_units)
				values (${id}, ${merchantId}, ${platform}, ${name}, ${id}, 'http://127.0.0.1', ${state}, ${locationId}, ${bufferUnits})`;
			return id;
		},
		sku: async (code, { title = code, gtin, onHand } = {}) => {
			const id = randomUUID();
			await owner`insert into skus (id, merchant_id, code, title, gtin) values (${id}, ${merchantId}, ${code}, ${title}, ${gtin ?? null})`;
			if (onHand !== undefined) {
				await owner`insert into levels (merchant_id, sku_id, location_id, on_hand, counted_at, version) values (${merchantId}, ${id}, ${locationId}, ${onHand}, now() - interval '1 hour', 1)`;
				await owner`insert into movements (merchant_id, sku_id, location_id, delta, balance, version, kind, cause_key) values (${merchantId}, ${id}, ${locationId}, ${onHand}, ${onHand}, 1, 'count', 'start')`;
			}
			return id;
		},
		listing: async (channelId, { sku = null, title = "A listing", gtin, shows = null }) => {
			const id = randomUUID();
			await owner`insert into listings (id, merchant_id, channel_id, external_key, ids, sku, title, gtin) values (${id}, ${merchantId}, ${channelId}, ${id}, '{}', ${sku}, ${title}, ${gtin ?? null})`;
			await owner`insert into listing_refs (merchant_id, channel_id, ref, listing_id) values (${merchantId}, ${channelId}, ${id}, ${id})`;
			await owner`insert into slots (merchant_id, channel_id, listing_id, location_id, expected, shown, shown_at) values (${merchantId}, ${channelId}, ${id}, ${locationId}, ${shows}, ${shows}, now())`;
			return id;
		},
		parkedLine: async (channelId, listingId, taken, placedAt = new Date()) => {
			const orderRef = randomUUID();
			await owner`insert into orders (channel_id, order_ref, merchant_id, number, status, placed_at, version_at, version_step) values (${channelId}, ${orderRef}, ${merchantId}, '#1042', 'open', ${placedAt.toISOString()}, 1, 0)`;
			await owner`insert into order_lines (channel_id, order_ref, line_ref, merchant_id, listing_ref, title, taken, listing_id) values (${channelId}, ${orderRef}, '1', ${merchantId}, ${listingId}, 'A line', ${taken}, ${listingId})`;
			return { orderRef };
		},
		slot: async (listingId) => {
			const [slot] = await owner<
				{ sku_id: string | null; units: number; offered: number | null; expected: number | null }[]
			>`
				select sku_id, units, offered, expected from slots where listing_id = ${listingId}`;
			if (!slot) throw new Error("the listing has a slot");
			return slot;
		},
		onHand: async (skuId) => {
			const [level] = await owner<
				{ units: number }[]
			>`select coalesce(sum(on_hand), 0)::int as units from levels where sku_id = ${skuId}`;
			return level?.units ?? 0;
		},
	};
}
