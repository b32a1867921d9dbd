import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import type { ChannelErrorReason } from "../errors";
import type { CheckName } from "./checks";
import { errorOf, expectReason } from "./expectations";
import { checkGarbledNews, type Garbled } from "./garbled-news";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

/** Answers that no platform documents, on every call that there is. */
export function checkGarbled(suite: Suite): void {
	const { adapter, options, check, open, sandbox } = suite;
	type Calls = Record<string, () => Promise<unknown> | undefined>;

	async function readsOf(shop: Shop): Promise<Calls> {
		const one = await shop.listing("CUP");
		const orderRef = await shop.buy("CUP");
		const { connection } = shop;
		return {
			listListings: () => adapter.listListings(connection, null, null),
			listOrders: () => adapter.listOrders(connection, sandbox.now(), null),
			readLevels: () => adapter.readLevels(connection, [one]),
			readOrder: () => adapter.readOrder(connection, orderRef),
			readProduct: () => adapter.readProduct(connection, one.ids.productId ?? one.externalKey),
		};
	}

	async function changesOf(shop: Shop): Promise<Calls> {
		const orderRef = await shop.buy("CUP");
		const { cancelOrder, refreshAccess } = adapter;
		const { connection } = shop;
		const expiring = shop.connectionWith({ access: options.expiringAccessOf?.(shop.keys.access) ?? connection.access });
		return {
			...(cancelOrder && { cancelOrder: () => cancelOrder(connection, orderRef) }),
			...(refreshAccess && { refreshAccess: () => refreshAccess(expiring, shop.app) }),
		};
	}

	function garbled(name: CheckName, how: Garbled, reasons: ChannelErrorReason[], results: string[]) {
		check(name, async () => {
			const shop = await open(products({ CUP: 9 }));
			const calls = { ...(await readsOf(shop)), ...(await changesOf(shop)) };
			const isOneCall = (await shop.write([await shop.row("CUP", 7, 7)])).exchanges.length === 1;
			const row = await shop.row("CUP", 3, 7);
			await shop.turn({ garbled: how });
			for (const [what, call] of Object.entries(calls)) expectReason(what, await errorOf(what, call), ...reasons);
			const { rows, trouble } = await shop.write([row]);
			expectReason("writeQuantities", trouble, ...reasons);
			// Before a write of several calls the first of them may be what failed.
			expect(isOneCall ? results : [...results, "not_sent"]).toContain(rows[0]?.result);
			const { checks } = await adapter.connect(shop.connectionWith({}));
			expect(checks.some(({ state }) => state === "failed")).toBe(true);
			await checkGarbledNews(suite, shop, how, reasons);
		});
	}

	// A page stands where another site answers as well: only the merchant can tell, and is told to look at the address.
	garbled(
		"a web page in place of an answer is a known error",
		"page",
		["unreadable", "unreachable", "not_a_store"],
		["unknown", "not_sent"],
	);
	garbled(
		"a redirect is a known error",
		"redirect",
		["unreadable", "unreachable", "not_a_store"],
		["unknown", "not_sent"],
	);
	// Here it was done.
	garbled("an empty answer is a known error", "empty", ["unreadable", "unreachable"], ["unknown"]);
	garbled("half an answer is a known error", "cut", ["unreadable", "unreachable"], ["unknown"]);

	check("reads throttled or down are known errors", async () => {
		const shop = await open(products({ CUP: 9 }));
		const reads = await readsOf(shop);
		await shop.turn({ throttleRate: 1 });
		for (const [what, call] of Object.entries(reads)) {
			const error = await errorOf(what, call);
			expectReason(what, error, "throttled");
			expect(error.retryAfterMs, what).toBeGreaterThan(0);
		}
		// Some adapters keep to what they were told, and ask nothing before.
		await shop.pass(600_000);
		await shop.turn({ throttleRate: 0, outage: true });
		for (const [what, call] of Object.entries(reads)) expectReason(what, await errorOf(what, call), "unreachable");
	});
}
