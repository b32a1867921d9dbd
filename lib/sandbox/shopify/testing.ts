/** For tests: a Shopify sandbox store on a server of its own, and a client that speaks to it over HTTP. */
import type { Knobs } from "@/db/schema";
import type { SandboxStore, SeedProduct } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { createSandboxStore, sandboxKeys } from "../stores";
import { gid } from "./ids";
import { locationsOf } from "./rows";

export type GraphqlAnswer = {
	// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely.
	data?: any;
	// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely.
	errors?: any;
	// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely.
	extensions?: any;
};

export type TestShop = {
	store: SandboxStore;
	baseUrl: string;
	accessToken: string;
	clientId: string;
	clientSecret: string;
	/** The status is 200 unless the body says otherwise. */
	graphql(query: string, variables?: Record<string, unknown>, token?: string): Promise<GraphqlAnswer>;
	/** Ids as the API gives them, by SKU. */
	listings(): Promise<Map<string, { itemId: string; variantId: string; productId: string }>>;
	locationId: string;
	otherLocationId: string;
};

export async function openTestShop(
	sandbox: Pick<SandboxServer, "ctx">,
	options: { products: SeedProduct[]; settings?: Record<string, unknown>; knobs?: Partial<Knobs> },
): Promise<TestShop> {
	const store = await createSandboxStore(sandbox.ctx, {
		platform: "shopify",
		name: "Test shop",
		settings: {
			deliveryDelayMs: { least: 0, most: 0 },
			productNews: { orders: 0, writes: 0 },
			cancelMs: 0,
			plan: "enterprise",
			...options.settings,
		},
		products: options.products,
		knobs: options.knobs,
	});
	const { baseUrl, access } = await sandboxKeys(sandbox.ctx, store.id);
	const { accessToken = "", clientId = "", clientSecret = "" } = access;
	const graphql: TestShop["graphql"] = async (query, variables = {}, token = accessToken) => {
		const reply = await fetch(`${baseUrl}/admin/api/2026-10/graphql.json`, {
			method: "POST",
			headers: { "content-type": "application/json", "x-shopify-access-token": token },
			body: JSON.stringify({ query, variables }),
		});
		return (await reply.json()) as GraphqlAnswer;
	};
	const [primary, other] = await locationsOf(sandbox.ctx, store);
	if (!primary || !other) throw new Error("A test shop has two locations.");
	return {
		store,
		baseUrl,
		accessToken,
		clientId,
		clientSecret,
		graphql,
		async listings() {
			const { data: page } = await graphql(
				`{ productVariants(first: 250) { nodes { id sku product { id } inventoryItem { id } } } }`,
			);
			return new Map(
				page.productVariants.nodes.map(
					(node: { id: string; sku: string; product: { id: string }; inventoryItem: { id: string } }) => [
						node.sku,
						{ itemId: node.inventoryItem.id, variantId: node.id, productId: node.product.id },
					],
				),
			);
		},
		locationId: gid("Location", primary.id),
		otherLocationId: gid("Location", other.id),
	};
}
