/** For tests: a channel on a sandbox account of API2Cart, its listings read, and the store behind it in hand. */
import type { Knobs } from "@/db/schema";
import { api2cart } from "@/lib/channels/api2cart";
import type { Connection } from "@/lib/channels/channel-adapter";
import { createHttpClient } from "@/lib/channels/http";
import type { Page, WriteRow } from "@/lib/channels/listing";
import type { SeedProduct } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { checkout, quantities, setKnobs } from "../stores";
import type { A2cSettings } from "./settings";
import { type BackingKind, openTestAccount } from "./testing";

export const variant = (sku: string, quantity: number | null, options: string | null = null) => ({
	sku,
	gtin: null,
	options,
	price: "9.50",
	quantity,
});
export const catalogue: SeedProduct[] = [
	{ title: "Cup", variants: [{ ...variant("CUP", 20), gtin: "4006381333931" }] },
	{ title: "Loose", variants: [variant("LOOSE", null)] },
	{ title: "Tee", variants: [variant("TEE-S", 5, "S"), variant("TEE-M", 7, "M")] },
];

export type Options = {
	behind?: BackingKind;
	products?: SeedProduct[];
	settings?: Partial<A2cSettings>;
	knobs?: Partial<Knobs>;
	facts?: Record<string, unknown>;
	timeoutMs?: number;
};

export async function openChannel(
	server: SandboxServer,
	{ behind = "woocommerce", products = catalogue, settings, knobs, facts = {}, timeoutMs = 20_000 }: Options = {},
) {
	const shop = await openTestAccount(server, { behind, products, settings });
	const connectWith = (more: Partial<Connection> = {}): Connection => {
		const access = more.access ?? shop.access;
		const http = createHttpClient({ allowPrivate: true, secrets: Object.values(access) });
		return {
			channelId: "channel",
			baseUrl: shop.baseUrl,
			access,
			locationRef: "",
			facts: {},
			// Tests of silence must not take minutes.
			http: { send: (request) => http.send({ ...request, timeoutMs }), exchanges: http.exchanges },
			now: () => server.ctx.now(),
			...more,
		};
	};
	const first = await api2cart.connect(connectWith());
	const connection = connectWith({
		facts: { ...first.store?.facts, ...facts },
		locationRef: first.store?.locations[0]?.ref ?? "",
	});
	const listings = await readAll((page) => api2cart.listListings(connection, null, page));
	const listing = (sku: string) => {
		const found = listings.find((one) => one.sku === sku);
		if (!found) throw new Error(`no listing of ${sku}`);
		return found;
	};
	if (knobs) await setKnobs(server.ctx, shop.store.id, knobs);
	return {
		...shop,
		first,
		connection,
		connectWith,
		listings,
		listing,
		row: (sku: string, quantity: number): WriteRow => {
			const { externalKey, ids, quantity: expected } = listing(sku);
			return { externalKey, ids, quantity, expected: expected ?? 0 };
		},
		buy: async (sku: string, quantity = 1) => {
			const placed = await checkout(server.ctx, shop.store.id, [{ sku, quantity }]);
			if (placed.result !== "placed") throw new Error(placed.message);
			return placed.orderId;
		},
		shows: async (sku: string) => {
			const rows = await quantities(server.ctx, shop.store.id);
			return rows.find((row) => row.sku === sku)?.quantity ?? null;
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

export const many = (count: number, quantity = 1): SeedProduct[] =>
	Array.from({ length: count }, (_, index) => ({
		title: `Product ${index}`,
		variants: [variant(`P${index}`, quantity)],
	}));
