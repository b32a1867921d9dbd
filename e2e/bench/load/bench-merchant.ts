/** A merchant with ten thousand SKUs on a selling Shopify channel and on three others, straight into the tables. */
import { randomBytes, randomUUID } from "node:crypto";
import type postgres from "postgres";
import { seal } from "@/lib/crypto/seal";

export type BenchMerchant = {
	merchantId: string;
	channelIds: string[];
	secret: string;
	sealingKeys: string;
	skus: number;
};

export const variantOf = (n: number) => 9_007_199_254_000_000 + n;

export async function seedBenchMerchant(
	owner: postgres.Sql,
	options: {
		skus: number;
		channels: number;
		stock: number;
		baseUrl?: (channel: number) => string;
		isLive?: boolean;
		access?: Record<string, string>;
	},
): Promise<BenchMerchant> {
	const merchantId = randomUUID();
	const locationId = randomUUID();
	const key = randomBytes(32);
	const keys = [{ id: "bench", key }];
	const secret = randomBytes(16).toString("hex");
	const channelIds = Array.from({ length: options.channels }, () => randomUUID());
	await owner`insert into merchants (id, name, slug, strategy) values (${merchantId}, 'Bench', ${merchantId}, 'shared')`;
	await owner`insert into locations (id, merchant_id, name) values (${locationId}, ${merchantId}, 'Main')`;
	await owner`
		insert into skus (merchant_id, code, title) select ${merchantId}::uuid, 'B-' || n, 'Bench ' || n from generate_series(1, ${options.skus}::int) n`;
	await owner`
		insert into levels (merchant_id, sku_id, location_id, on_hand, version, counted_at)
		select merchant_id, id, ${locationId}::uuid, ${options.stock}::int, 1, now() from skus where merchant_id = ${merchantId}`;
	await owner`
		insert into movements (merchant_id, sku_id, location_id, delta, balance, version, kind, cause_key)
		select merchant_id, id, ${locationId}::uuid, ${options.stock}::int, ${options.stock}::int, 1, 'count', 'first' from skus where merchant_id = ${merchantId}`;
	for (const [index, channelId] of channelIds.entries()) {
		const state = options.isLive ? "live" : "read_only";
		await owner`
			insert into channels (id, merchant_id, platform, name, store_key, base_url, state, location_ref, location_id, is_sandbox, pushing_since)
			values (${channelId}, ${merchantId}, 'shopify', ${`store ${index}`}, ${channelId}, ${options.baseUrl?.(index) ?? "http://127.0.0.1:9"}, ${state},
				'gid://shopify/Location/1', ${locationId}, true, case when ${state} = 'live' then now() end)`;
		// Polls are not what is measured: the first lies beyond the run.
		await owner`
			insert into channel_health (channel_id, merchant_id, orders_cursor, next_poll_at, webhook_state) values (${channelId}, ${merchantId}, now(), now() + interval '1 day', 'registered')`;
		await owner`
			insert into credentials (merchant_id, channel_id, purpose, sealed) values
			(${merchantId}, ${channelId}, 'webhook', ${seal(secret, `credentials:${channelId}:webhook`, keys)}),
			(${merchantId}, ${channelId}, 'access', ${seal(JSON.stringify(options.access ?? { kind: "token", accessToken: "shpat_bench" }), `credentials:${channelId}:access`, keys)})`;
		await owner`
			with numbered as (select id, row_number() over (order by length(code), code) as n from skus where merchant_id = ${merchantId}),
			made as (
				insert into listings (merchant_id, channel_id, external_key, ids, sku, title)
				select ${merchantId}::uuid, ${channelId}::uuid, 'gid://shopify/InventoryItem/' || (9007199254000000 + n),
					jsonb_build_object('inventoryItemId', 'gid://shopify/InventoryItem/' || (9007199254000000 + n)), 'B-' || n, 'Bench ' || n from numbered
				returning id, sku
			),
			refs as (
				insert into listing_refs (merchant_id, channel_id, ref, listing_id)
				select ${merchantId}::uuid, ${channelId}::uuid, 'variant:' || (9007199254000000 + n), made.id from made join numbered on 'B-' || n = made.sku
			),
			linked as (
				insert into mappings (listing_id, merchant_id, channel_id, state, sku_id, units, linked_by)
				select made.id, ${merchantId}::uuid, ${channelId}::uuid, 'linked', numbered.id, 1, 'bench' from made join numbered on 'B-' || n = made.sku
			)
			insert into slots (merchant_id, channel_id, listing_id, location_ref, location_id, sku_id, offered, expected, shown, shown_at)
			select ${merchantId}::uuid, ${channelId}::uuid, made.id, 'gid://shopify/Location/1', ${locationId}::uuid, numbered.id, ${options.stock}::int, ${options.stock}::int, ${options.stock}::int, now()
			from made join numbered on 'B-' || n = made.sku`;
	}
	// As autovacuum would: what is empty has no statistics, rather than those of an empty table.
	await owner`analyze merchants, channels, skus, levels, movements, listings, listing_refs, mappings, slots`;
	return { merchantId, channelIds, secret, sealingKeys: `bench:${key.toString("base64")}`, skus: options.skus };
}
