/** For tests: a Magento sandbox store on a server of its own, and a client that signs with its integration. */
import type { Knobs } from "@/db/schema";
import { signedHeader, type Tokens } from "@/lib/channels/magento/oauth";
import type { SandboxStore, SeedProduct } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { createSandboxStore, sandboxKeys } from "../stores";
import { ask, askJson, type Reply } from "../testing/ask";
import type { MagentoSettings } from "./settings";

type Method = "GET" | "POST" | "PUT";

export type TestShop = {
	store: SandboxStore;
	baseUrl: string;
	tokens: Tokens;
	/** Below `/rest/all`, signed; a query as it is to be sent. A text body goes as it stands. */
	call(method: Method, path: string, body?: unknown): Promise<Reply>;
	/** Any address below the store's, with nothing added. */
	fetch(path: string, init?: RequestInit): Promise<Reply>;
	/** What lies at a source. */
	lies(sku: string, source?: string): Promise<{ quantity: number; status: number } | null>;
};

/** Quick where a real one is slow, so that tests need not wait: no lag of the index, no delay of the queue. */
export async function openTestShop(
	sandbox: Pick<SandboxServer, "ctx">,
	options: { products?: SeedProduct[]; settings?: Partial<MagentoSettings>; knobs?: Partial<Knobs> } = {},
): Promise<TestShop> {
	const store = await createSandboxStore(sandbox.ctx, {
		platform: "magento",
		name: "Test Store",
		settings: { salabilityLagMs: 0, bulkDelayMs: 0, ...options.settings },
		products: options.products,
		knobs: options.knobs,
	});
	const { baseUrl, access } = await sandboxKeys(sandbox.ctx, store.id);
	const tokens = access as Tokens;
	const call: TestShop["call"] = (method, path, body) => {
		const url = `${baseUrl}/rest/all${path}`;
		const authorization = signedHeader(tokens, { method, url, now: sandbox.ctx.now() });
		return askJson(method, url, { authorization }, body);
	};
	return {
		store,
		baseUrl,
		tokens,
		call,
		fetch: (path, init) => ask(`${baseUrl}${path}`, init),
		async lies(sku, source = "default") {
			const at = "searchCriteria[filter_groups]";
			const pairs = [
				[`${at}[0][filters][0][field]`, "sku"],
				[`${at}[0][filters][0][value]`, sku],
				[`${at}[1][filters][0][field]`, "source_code"],
				[`${at}[1][filters][0][value]`, source],
			];
			const query = pairs.map((pair) => pair.map((text) => encodeURIComponent(text ?? "")).join("=")).join("&");
			const { body } = await call("GET", `/V1/inventory/source-items?${query}`);
			const row = body.items.find((item: { sku: string }) => item.sku === sku);
			return row ? { quantity: row.quantity, status: row.status } : null;
		},
	};
}
