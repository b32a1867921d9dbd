/** For tests: an API2Cart sandbox account in front of a store of either kind, and a client that speaks to it over HTTP. */
import type { Knobs } from "@/db/schema";
import type { SandboxStore, SeedProduct } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { createSandboxStore, getSandboxStore, sandboxKeys } from "../stores";
import { listCarts } from "./carts";
import type { A2cSettings } from "./settings";

export type Envelope = {
	return_code: number;
	return_message: string;
	// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely.
	result: any;
	pagination?: { next: string | null };
};
export type Given = {
	verb?: "GET" | "POST" | "PUT" | "DELETE";
	query?: Record<string, string | number | boolean>;
	body?: unknown;
	accountKey?: string;
	storeKey?: string | null;
};

export type TestAccount = {
	store: SandboxStore;
	/** The store behind it. */
	backing: SandboxStore;
	baseUrl: string;
	access: { accountKey: string; storeKey: string };
	call(method: string, given?: Given): Promise<Envelope>;
};

export type BackingKind = "woocommerce" | "shopify";

export async function openTestAccount(
	sandbox: Pick<SandboxServer, "ctx">,
	options: {
		behind?: BackingKind;
		products?: SeedProduct[];
		settings?: Partial<A2cSettings>;
		knobs?: Partial<Knobs>;
	} = {},
): Promise<TestAccount> {
	const store = await createSandboxStore(sandbox.ctx, {
		platform: "api2cart",
		name: "Test Shop",
		settings: {
			backing: { platform: options.behind ?? "woocommerce", storeId: null },
			newsDelayMs: { least: 0, most: 0 },
			batchMs: { starts: 0, ends: 0 },
			...options.settings,
		},
		products: options.products,
		knobs: options.knobs,
	});
	const { baseUrl, access } = await sandboxKeys(sandbox.ctx, store.id);
	const keys = { accountKey: access.accountKey ?? "", storeKey: access.storeKey ?? "" };
	const [cart] = await listCarts(sandbox.ctx, store);
	const backing = await getSandboxStore(sandbox.ctx, cart?.backingId ?? "");
	if (!backing) throw new Error("Nothing was made behind the account.");
	return {
		store,
		backing,
		baseUrl,
		access: keys,
		async call(
			method,
			{ verb = "GET", query = {}, body, accountKey = keys.accountKey, storeKey = keys.storeKey } = {},
		) {
			const given = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
			const reply = await fetch(`${baseUrl}/v1.1/${method}.json${given.length > 0 ? `?${given.join("&")}` : ""}`, {
				method: verb,
				headers: {
					"x-api-key": accountKey,
					...(storeKey === null ? {} : { "x-store-key": storeKey }),
					...(body === undefined ? {} : { "content-type": "application/json" }),
				},
				body: body === undefined ? undefined : JSON.stringify(body),
			});
			return (await reply.json()) as Envelope;
		},
	};
}
