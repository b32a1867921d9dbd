/** For tests: a sandbox store with a connection of the adapter to it, as a channel would have it. */
import type { Knobs } from "@/db/schema";
import { bigcommerce } from "@/lib/channels/bigcommerce";
import type { Connection } from "@/lib/channels/channel-adapter";
import { createHttpClient } from "@/lib/channels/http";
import type { Page, WriteRow } from "@/lib/channels/listing";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { SeedProduct } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { checkout, quantities, setKnobs } from "../stores";
import type { BigCommerceSettings } from "./settings";
import { openTestStore } from "./testing";

export const one = (sku: string, quantity: number | null, price = "9.50"): SeedProduct => ({
	title: sku,
	variants: [{ sku, gtin: null, options: null, price, quantity }],
});

const catalogue: SeedProduct[] = [
	{ title: "Cup", variants: [{ sku: "CUP", gtin: "4006381333931", options: null, price: "9.50", quantity: 20 }] },
	{ title: "Loose", variants: [{ sku: "LOOSE", gtin: null, options: null, price: "1.00", quantity: null }] },
	{
		title: "Tee",
		variants: [
			{ sku: "TEE-S", gtin: null, options: "S", price: "20.00", quantity: 5 },
			{ sku: "TEE-M", gtin: null, options: "M", price: "20.00", quantity: 7 },
			{ sku: "TEE-L", gtin: null, options: "L", price: "20.00", quantity: null },
		],
	},
	{
		title: "Poster",
		sharedPool: true,
		variants: [
			{ sku: "POSTER-A", gtin: null, options: "Matte", price: "12.00", quantity: 10 },
			{ sku: "POSTER-B", gtin: null, options: "Glossy", price: "12.00", quantity: 10 },
		],
	},
];

export type ConnectedOptions = {
	products?: SeedProduct[];
	settings?: Partial<BigCommerceSettings>;
	knobs?: Partial<Knobs>;
	facts?: Record<string, unknown>;
};

export async function openConnectedStore(
	server: SandboxServer,
	{ products = catalogue, settings, knobs, facts = {} }: ConnectedOptions = {},
) {
	const shop = await openTestStore(server, { products, settings });
	const connectWith = (access: Record<string, string>, more: Partial<Connection> = {}): Connection => {
		const http = createHttpClient({ allowPrivate: true, secrets: Object.values(access) });
		return {
			channelId: "channel",
			baseUrl: shop.baseUrl,
			access,
			locationRef: "1",
			facts,
			// Tests of silence must not take half a minute.
			http: { send: (request) => http.send({ timeoutMs: 5_000, ...request }), exchanges: http.exchanges },
			now: () => server.ctx.now(),
			...more,
		};
	};
	const connection = connectWith({ ...shop.access });
	const listings = await readAll((page) => bigcommerce.listListings(connection, null, page));
	const bySku = new Map(listings.map((listing) => [listing.sku ?? listing.title, listing]));
	const listing = (sku: string) => {
		const found = bySku.get(sku);
		if (!found) throw new Error(`no listing of ${sku}`);
		return found;
	};
	if (knobs) await setKnobs(server.ctx, shop.store.id, knobs);
	return {
		...shop,
		connection,
		connectWith,
		listings,
		listing,
		row: (sku: string, quantity: number, expected = listing(sku).quantity ?? 0): WriteRow => {
			const { externalKey, ids } = listing(sku);
			return { externalKey, ids, quantity, expected };
		},
		write: (rows: WriteRow[], as = connection) => bigcommerce.writeQuantities(as, rows, "push-1"),
		buy: async (sku: string, quantity = 1) => {
			const placed = await checkout(server.ctx, shop.store.id, [{ sku, quantity }]);
			if (placed.result !== "placed") throw new Error(placed.message);
			return placed.orderId;
		},
		shows: async (sku: string) => {
			const rows = await quantities(server.ctx, shop.store.id);
			return rows.find((row) => row.sku === sku)?.quantity ?? null;
		},
		order: async (orderRef: string): Promise<OrderSnapshot> => {
			const found = await bigcommerce.readOrder(connection, orderRef);
			if (!found) throw new Error(`no order ${orderRef}`);
			return found;
		},
	};
}

export async function readAll<T>(read: (page: string | null) => Promise<Page<T>>): Promise<T[]> {
	const items: T[] = [];
	let page: string | null = null;
	do {
		const { items: some, next }: Page<T> = await read(page);
		items.push(...some);
		page = next;
	} while (page);
	return items;
}
