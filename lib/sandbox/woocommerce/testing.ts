/** For tests: a WooCommerce sandbox shop on a server of its own, its receiver, and a client that signs as OAuth 1.0a asks. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Knobs } from "@/db/schema";
import { authorised } from "@/lib/channels/woocommerce/auth";
import type { SandboxStore, SeedProduct } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { createSandboxStore, sandboxKeys } from "../stores";
import { ask, askJson, type Reply } from "../testing/ask";
import type { WooSettings } from "./settings";

export type Keys = { consumerKey: string; consumerSecret: string };
type Method = "GET" | "POST" | "PUT" | "DELETE";

export type TestShop = {
	store: SandboxStore;
	baseUrl: string;
	keys: Keys;
	/** Below `/wp-json/wc/v3`, signed. A text body goes as it stands. */
	call(method: Method, path: string, body?: unknown, keys?: Keys): Promise<Reply>;
	/** Any address below the shop's, with nothing added. */
	fetch(path: string, init?: RequestInit): Promise<Reply>;
	/** Products and variations by SKU: `{ id, parentId }`. */
	idsBySku(): Promise<Map<string, { id: number; parentId: number }>>;
};

export async function openTestShop(
	sandbox: Pick<SandboxServer, "ctx">,
	options: { products?: SeedProduct[]; settings?: Partial<WooSettings>; knobs?: Partial<Knobs> } = {},
): Promise<TestShop> {
	const store = await createSandboxStore(sandbox.ctx, {
		platform: "woocommerce",
		name: "Test Shop",
		settings: { cronEveryMs: 0, deltaWindowMs: 5, ...options.settings },
		products: options.products,
		knobs: options.knobs,
	});
	const { baseUrl, access } = await sandboxKeys(sandbox.ctx, store.id);
	const keys: Keys = { consumerKey: access.consumerKey ?? "", consumerSecret: access.consumerSecret ?? "" };
	const call: TestShop["call"] = (method, path, body, as = keys) => {
		const { url, headers } = authorised("oauth", as, method, `${baseUrl}/wp-json/wc/v3${path}`, new Date());
		return askJson(method, url, headers, body);
	};
	return {
		store,
		baseUrl,
		keys,
		call,
		fetch: (path, init) => ask(`${baseUrl}${path}`, init),
		async idsBySku() {
			const pages = await Promise.all([call("GET", "/products?per_page=100"), call("GET", "/variations?per_page=100")]);
			const rows = pages.flatMap(({ body }) => body as { id: number; sku: string; parent_id: number }[]);
			return new Map(rows.map((row) => [row.sku, { id: row.id, parentId: row.parent_id }]));
		},
	};
}

export type Received = { path: string; headers: Record<string, string>; body: string; at: number };

/** Where webhooks arrive. `answer` may be changed on the way. */
export async function startReceiver() {
	const received: Received[] = [];
	const receiver = { status: 200 };
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		received.push({ path: request.url ?? "", headers, body: Buffer.concat(chunks).toString("utf8"), at: Date.now() });
		response.writeHead(receiver.status).end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		url,
		received,
		receiver,
		/** Deliveries without pings, once there are so many. */
		async mail(count: number, withinMs = 5_000): Promise<Received[]> {
			const mailed = () => received.filter(({ headers }) => headers["x-wc-webhook-topic"]);
			const deadline = Date.now() + withinMs;
			while (mailed().length < count && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
			return mailed();
		},
		close: () =>
			new Promise<void>((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}
