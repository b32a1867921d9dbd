/** For tests: a sandbox store, and a connection to it as connecting it leaves one. */
import type { MagentoSettings } from "@/lib/sandbox/magento/settings";
import { openTestShop } from "@/lib/sandbox/magento/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import type { SandboxServer } from "@/lib/sandbox/server";
import { checkout, quantities } from "@/lib/sandbox/stores";
import type { Connection } from "../../channel-adapter";
import { createHttpClient } from "../../http";
import type { Page, WriteRow } from "../../listing";
import { magento } from "..";

export const catalogue: SeedProduct[] = [
	{ title: "Cup", variants: [{ sku: "CUP", gtin: "4006381333931", options: null, price: "9.50", quantity: 20 }] },
	{ title: "Loose", variants: [{ sku: "LOOSE", gtin: null, options: null, price: "1.00", quantity: null }] },
	{
		title: "Tee",
		variants: [
			{ sku: "TEE-S", gtin: null, options: "S", price: "20.00", quantity: 5 },
			{ sku: "TEE-M", gtin: null, options: "M", price: "20.00", quantity: 7 },
		],
	},
	{ title: "Mug", variants: [{ sku: "MUG", gtin: null, options: null, price: "4.00", quantity: 0 }] },
];

export type Options = {
	products?: SeedProduct[];
	settings?: Partial<MagentoSettings>;
	/** Over those that connecting learned. */
	facts?: Record<string, unknown>;
	locationRef?: string;
};

export async function openShop(
	server: SandboxServer,
	{ products = catalogue, settings, facts = {}, locationRef }: Options = {},
) {
	const shop = await openTestShop(server, { products, settings });
	const connectWith = (access: Record<string, string>, more: Partial<Connection> = {}): Connection => {
		const http = createHttpClient({ allowPrivate: true, secrets: Object.values(access) });
		return {
			channelId: shop.store.id,
			baseUrl: shop.baseUrl,
			access,
			locationRef: "",
			facts: {},
			// Tests of silence must not take half a minute.
			http: { send: (request) => http.send({ ...request, timeoutMs: 4_000 }), exchanges: http.exchanges },
			now: () => server.ctx.now(),
			...more,
		};
	};
	const { store: known, checks } = await magento.connect(connectWith({ ...shop.tokens }));
	if (!known) throw new Error(`the store can't be connected: ${JSON.stringify(checks)}`);
	const connection = connectWith(
		{ ...shop.tokens },
		{ facts: { ...known.facts, ...facts }, locationRef: locationRef ?? known.locations[0]?.ref ?? "" },
	);
	const listings = await readAll((page) => magento.listListings(connection, null, page));
	const bySku = new Map(listings.map((listing) => [listing.sku, listing]));
	const listing = (sku: string) => {
		const found = bySku.get(sku);
		if (!found) throw new Error(`no listing of ${sku}`);
		return found;
	};
	return {
		...shop,
		connection,
		connectWith,
		listings,
		listing,
		row: (sku: string, quantity: number, open = 0, expected = listing(sku).quantity ?? 0): WriteRow => {
			const { externalKey, ids } = listing(sku);
			return { externalKey, ids, quantity, expected, open };
		},
		buy: async (sku: string, quantity = 1) => {
			const placed = await checkout(server.ctx, shop.store.id, [{ sku, quantity }]);
			if (placed.result !== "placed") throw new Error(placed.message);
			return placed.orderId;
		},
		level: async (sku: string) => {
			const { externalKey, ids } = listing(sku);
			const [level] = await magento.readLevels(connection, [{ externalKey, ids }]);
			return level && { quantity: level.quantity, ...level.reservations };
		},
		shows: async (sku: string) => {
			const rows = await quantities(server.ctx, shop.store.id);
			return rows.find((row) => row.sku === sku)?.quantity ?? null;
		},
		orders: () => readAll((page) => magento.listOrders(connection, new Date(0), page)),
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
