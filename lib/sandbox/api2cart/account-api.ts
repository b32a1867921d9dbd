/** account.* and cart.*: which stores the account has, and what can be said of one. */
import { sql } from "drizzle-orm";
import { platforms as platformNames } from "@/db/schema";
import type { SandboxStore } from "../sandbox-platform";
import { addCart, type Behind, findBacking, listCarts, newStoreKey, removeCart, shelfIn, viewOf } from "./carts";
import { presentWarehouse } from "./present";
import { textOf } from "./stock-api";
import { A2cError, type Answer, badParameter, type Call, dateOut, missing, type StoreCall } from "./wire";

const described: Record<string, string> = {
	wc_consumer_key: "WooCommerce consumer key",
	wc_consumer_secret: "WooCommerce consumer secret",
	shopify_access_token: "Shopify Admin API access token",
	shopify_shared_secret: "Shopify app shared secret",
	shopify_client_id: "Shopify app client id",
	shopify_api_key: "Shopify API key",
	shopify_api_password: "Shopify API password",
};
const describedName = (name: string) => ({ name, description: described[name] ?? name });

export async function supportedPlatforms({ behind }: Call): Promise<Answer> {
	const platforms = kinds(behind).map(({ label, view }) => ({
		cart_id: view.cartId,
		cart_name: label,
		cart_versions: "All",
		cart_method: "api",
		params: {
			required: view.credentials.required.map((set) => ["store_url", ...set].map(describedName)),
			additional: view.credentials.additional.map(describedName),
		},
	}));
	return { result: { supported_platforms_count: platforms.length, supported_platforms: platforms } };
}

/** The kinds of sandbox stores that there are, this one left out. */
const kinds = (behind: Behind) =>
	platformNames.flatMap((name) => {
		const platform = name === "api2cart" ? null : behind(name);
		return platform ? [{ name, label: platform.label, view: viewOf(name) }] : [];
	});

export async function cartList(call: Call): Promise<Answer> {
	const carts = (await listCarts(call.ctx, call.store)).filter(
		({ storeKey, url }) =>
			(!call.query.has("store_key") || storeKey === call.query.get("store_key")) &&
			(!call.query.has("store_url") || url === call.query.get("store_url")),
	);
	return {
		result: {
			carts_count: carts.length,
			carts: carts.map(({ number, url, storeKey, cartId, label }) => ({
				id: number,
				url,
				store_key: storeKey,
				cart_id: cartId,
				custom_label: label,
				bridge_version: "",
			})),
		},
	};
}

export async function cartAdd(call: Call): Promise<Answer> {
	const { ctx, store, body } = call;
	const cartId = textOf(body, "cart_id");
	if (!cartId) throw missing("cart_id");
	const kind = kinds(call.behind).find(({ view }) => view.cartId === cartId);
	if (!kind) throw badParameter(`Parameter 'cart_id' is not valid. Cart '${cartId}' is not supported.`);
	const { name: platform, view } = kind;
	const url = textOf(body, "store_url");
	if (!url) throw missing("store_url");
	const known = await listCarts(ctx, store);
	if (known.some((one) => one.url === url)) throw new A2cError(8, "Store already exists.");
	const [, storeId = ""] = new RegExp(`/sandbox/${platform}/([A-Za-z0-9_-]+)/?$`).exec(url) ?? [];
	const backing = storeId ? await findBacking(ctx, storeId) : null;
	if (backing?.platform !== platform) throw new A2cError(106, "Store url is not reachable.");
	const given = credentialsOf(view.credentials.required, body);
	if (body.verify !== false && !view.opens(backing, given))
		throw new A2cError(100, "Store API access error. Check the credentials.");
	const storeKey = newStoreKey();
	await addCart(ctx, store, backing, { storeKey, label: textOf(body, "custom_label") ?? backing.name, cartId: null });
	return { result: { store_key: storeKey } };
}

/** One of the sets of parameters must be there whole. */
function credentialsOf(sets: readonly string[][], body: Record<string, unknown>): Record<string, unknown> {
	const whole = sets.find((names) => names.every((name) => textOf(body, name)));
	if (whole) return body;
	throw missing(sets[0]?.find((name) => !textOf(body, name)) ?? "store_url");
}

/** Account-wide: what could not be delivered within the last 24 hours. */
export async function failedWebhooks({ ctx, store, query, settings }: Call): Promise<Answer> {
	const start = Number(query.get("start") ?? 0);
	const count = Number(query.get("count") ?? 10) || 10;
	if (!(count <= 250)) throw badParameter("Parameter 'count' is not valid. Max allowed count=250.");
	const ids = query.get("ids")?.split(",") ?? null;
	const rows = await ctx.db.execute<{ webhook_id: string; resource_id: string; sent_at: string }>(sql`
		select webhook_id, resource_id, headers->>'at' as sent_at from sandbox.deliveries
		where store_id = ${store.id} and state = 'failed' and headers ? 'at'
			and headers->>'at' >= ${new Date(ctx.now().getTime() - settings.failedNewsMs).toISOString()}
			and ${ids ? sql`webhook_id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))` : sql`true`}
		order by id`);
	return {
		result: {
			all_failed_webhook: String(rows.length),
			webhook: rows.slice(start, start + count).map((row) => ({
				webhook_id: Number(row.webhook_id),
				entity_id: row.resource_id.split(" ").at(-1) ?? "",
				time: dateOut(row.sent_at),
			})),
		},
	};
}

export async function cartInfo(call: StoreCall): Promise<Answer> {
	const { cart, settings } = call;
	const warehouses = await cart.view.warehouses(shelfIn(call));
	const store = {
		store_id: "1",
		name: cart.backing.name,
		language: "en",
		timezone: "UTC",
		country: "DE",
		active: true,
		currency: { id: "EUR", iso3: "EUR", name: "Euro", default: true },
		default_warehouse_id: warehouses.find(({ isDefault }) => isDefault)?.id ?? null,
	};
	return {
		result: {
			name: cart.backing.name,
			store_name: cart.backing.name,
			url: cart.url,
			store_url: cart.url,
			version: cart.view.version,
			bridge_version: null,
			db_prefix: null,
			stores_info: settings.wrapsObjects ? [{ store_info: [{ ...store, active: "True" }] }] : [store],
			warehouses: warehouses.map(presentWarehouse),
			shipping_zones: [],
		},
	};
}

/** Tests the way to the store; that the way is open was seen before any call was answered. */
export const cartValidate = async (): Promise<Answer> => ({ result: { status: "success" } });

export async function cartDelete(call: StoreCall): Promise<Answer> {
	await removeCart(call.ctx, call.store, call.cart.storeKey);
	return { result: { cart_delete: true } };
}

/** New credentials of the store behind, held against it. */
export async function configUpdate({ cart, query, ctx, store }: StoreCall): Promise<Answer> {
	const given = Object.fromEntries(query);
	const names = cart.view.credentials.required.flat();
	if (names.some((name) => query.has(name)) && !cart.view.opens(cart.backing, given))
		throw new A2cError(100, "Store API access error. Check the credentials.");
	const newKey = query.get("new_store_key");
	if (newKey) {
		if (!/^[0-9a-f]{32}$/.test(newKey)) throw badParameter("Parameter 'new_store_key' is not valid.");
		await rekey(ctx.db, store, cart.storeKey, newKey);
	}
	return { result: { updated_items: 1 } };
}

async function rekey(db: Call["ctx"]["db"], account: SandboxStore, from: string, to: string): Promise<void> {
	await db.execute(sql`update sandbox.tokens set token = ${to} where store_id = ${account.id} and token = ${from}`);
	await db.execute(sql`
		update sandbox.webhooks set data = data || jsonb_build_object('storeKey', ${to}::text)
		where store_id = ${account.id} and data->>'storeKey' = ${from}`);
}
