/** For tests: a BigCommerce sandbox store on a server of its own, and a client that sends its token. */
import type { Knobs } from "@/db/schema";
import type { SandboxStore, SeedProduct } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { createSandboxStore, sandboxKeys } from "../stores";
import { askJson, type Reply } from "../testing/ask";
import type { BigCommerceSettings } from "./settings";

type Method = "GET" | "POST" | "PUT" | "DELETE";

export type TestStore = {
	store: SandboxStore;
	baseUrl: string;
	access: { accessToken: string; clientId: string; clientSecret: string };
	/** With its version: `/v3/hooks`. A text body goes as it stands. */
	call(method: Method, path: string, body?: unknown, token?: string): Promise<Reply>;
	/** By SKU: variant, product and which of the two counts. */
	idsBySku(): Promise<Map<string, { variantId: number; productId: number }>>;
};

/** Adjustments are applied at once, webhooks deliver at once and the budget is wide, unless the settings say otherwise. */
export async function openTestStore(
	sandbox: Pick<SandboxServer, "ctx">,
	options: { products?: SeedProduct[]; settings?: Partial<BigCommerceSettings>; knobs?: Partial<Knobs> } = {},
): Promise<TestStore> {
	const store = await createSandboxStore(sandbox.ctx, {
		platform: "bigcommerce",
		name: "Test Store",
		settings: {
			adjustmentDelayMs: 0,
			adjustmentJitterMs: 0,
			hookStartsAfterMs: 0,
			quotaPerWindow: 20_000,
			...options.settings,
		},
		products: options.products,
		knobs: options.knobs,
	});
	const { baseUrl, access } = await sandboxKeys(sandbox.ctx, store.id);
	const { accessToken = "", clientId = "", clientSecret = "" } = access;
	const call: TestStore["call"] = (method, path, body, token = accessToken) =>
		askJson(method, `${baseUrl}${path}`, { "x-auth-token": token, accept: "application/json" }, body);
	return {
		store,
		baseUrl,
		access: { accessToken, clientId, clientSecret },
		call,
		async idsBySku() {
			const { body } = await call("GET", "/v3/catalog/variants?limit=250");
			const rows = body.data as { id: number; sku: string; product_id: number }[];
			return new Map(rows.map((row) => [row.sku, { variantId: row.id, productId: row.product_id }]));
		},
	};
}
