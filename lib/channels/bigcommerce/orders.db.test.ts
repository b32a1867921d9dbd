/** An order's life against a sandbox store over HTTP, step by step, and what its snapshots say the store has taken. */
import { describe, expect, test } from "vitest";
import { cancelOrder, checkout, editOrder, refundOrder } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { product } from "@/lib/sandbox/testing/seeds";
import type { HttpClient } from "../http";
import { learnedFrom } from "../testing/connection";
import { readAll } from "../testing/read-all";
import { bigcommerce } from ".";
import { type Options, openStore as open } from "./testing/open-store";

const sandbox = sandboxForTests();

/** With what `connect` keeps, as a channel has it. */
async function openStore(options?: Options) {
	const shop = await open(sandbox, options);
	Object.assign(shop.connection, learnedFrom(await bigcommerce.connect(shop.connection)));
	const taken = async (orderRef: string) =>
		(await shop.order(orderRef)).lines.reduce((sum, line) => sum + line.taken, 0);
	return {
		...shop,
		taken,
		/** What the store has taken by its own numbers, and what the snapshot says. */
		async both(orderRef: string, sku: string, had: number) {
			return [had - ((await shop.shows(sku)) ?? 0), await taken(orderRef)];
		},
		set: (orderRef: string, change: object) => shop.call("PUT", `/v2/orders/${orderRef}`, change),
	};
}

describe("an order whose lines can't be read", () => {
	test.each<[string, number, unknown]>([
		["come without a quantity", 200, [{ id: 1, product_id: 2, variant_id: 3, quantity: null }]],
		["are not there", 404, [{ status: 404, message: "The requested resource was not found." }]],
	])("holds up no other where they %s, and is not taken for gone", async (_, status, said) => {
		const shop = await openStore();
		const since = sandbox.now();
		const orderRefs = [await shop.buy("CUP", 1), await shop.buy("CUP", 2), await shop.buy("CUP", 3)];
		const [first = "", odd = "", last = ""] = orderRefs;
		const { http } = shop.connection;
		const send: HttpClient["send"] = async (request) => {
			const reply = await http.send(request);
			if (new URL(request.url).pathname.endsWith(`/v2/orders/${odd}/products`))
				return { ...reply, status, text: JSON.stringify(said) };
			// Links stand in the place of lines, as where a store does not know to give them.
			const rows = JSON.parse(reply.text || "[]");
			const linked = (order: object) => ({ ...order, consignments: { url: "…", resource: "…" } });
			return { ...reply, text: JSON.stringify(Array.isArray(rows) ? rows.map(linked) : linked(rows)) };
		};
		const connection = { ...shop.connection, http: { ...http, send } };
		const { items, odd: left } = await bigcommerce.listOrders(connection, since, null);
		expect(items.map(({ orderRef, lines }) => [orderRef, lines.length])).toEqual([
			[first, 1],
			[last, 1],
		]);
		expect(left).toMatchObject([{ ref: odd }]);
		await expect(bigcommerce.readOrder(connection, odd)).rejects.toMatchObject({ reason: "unreadable" });
	});
});

describe("a store that takes stock when an order is placed", () => {
	test("takes once, keeps through payment, shipping and completion, and gives back what is cancelled", async () => {
		const shop = await openStore();
		const orderRef = await shop.buy("CUP", 3);
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([3, 3]);
		for (const status_id of [7, 11, 9, 8, 12, 13, 2, 10]) {
			await shop.set(orderRef, { status_id });
			expect(await shop.both(orderRef, "CUP", 20)).toEqual([3, 3]);
		}
		const cancelled = await shop.buy("CUP", 2);
		await cancelOrder(sandbox.ctx, shop.store.id, cancelled, true);
		expect(await shop.taken(cancelled)).toBe(0);
		expect(await shop.shows("CUP")).toBe(17);
		expect((await shop.order(cancelled)).status).toBe("cancelled");
	});

	test("an edit moves the difference, a new line and a line taken out too", async () => {
		const shop = await openStore();
		const orderRef = await shop.buy("CUP", 3);
		await editOrder(sandbox.ctx, shop.store.id, orderRef, "CUP", 5);
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([5, 5]);
		await editOrder(sandbox.ctx, shop.store.id, orderRef, "TEE-S", 2);
		expect([await shop.shows("TEE-S"), await shop.taken(orderRef)]).toEqual([3, 7]);
		await editOrder(sandbox.ctx, shop.store.id, orderRef, "CUP", 0);
		expect([await shop.shows("CUP"), await shop.taken(orderRef)]).toEqual([20, 2]);
		await shop.set(orderRef, { status_id: 6 });
		expect([await shop.shows("TEE-S"), await shop.taken(orderRef)]).toEqual([5, 0]);
	});

	test("a refund by API never restocks, and one in the control panel shows only as a level", async () => {
		const shop = await openStore();
		const orderRef = await shop.buy("CUP", 3);
		const refund = (quantity: number, restock: boolean) =>
			refundOrder(sandbox.ctx, shop.store.id, orderRef, [{ sku: "CUP", quantity }], restock);
		await refund(1, false);
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([3, 3]);
		await refund(1, true);
		// Careful: one that came back is not believed of the order.
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([2, 3]);
		await refund(1, false);
		expect((await shop.order(orderRef)).status).toBe("closed");
	});

	test("where the settings say so a cancellation gives nothing back", async () => {
		const shop = await openStore({ settings: { refundsMoveStock: false } });
		const orderRef = await shop.buy("CUP", 3);
		await shop.set(orderRef, { status_id: 5 });
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([3, 3]);
	});

	test("an unfinished checkout took nothing and is no order; finished, it takes", async () => {
		const shop = await openStore({ settings: { checkoutStatusId: 0 } });
		const orderRef = await shop.buy("CUP", 3);
		expect(await bigcommerce.readOrder(shop.connection, orderRef)).toBeNull();
		expect((await bigcommerce.listOrders(shop.connection, new Date(0), null)).items).toEqual([]);
		await shop.set(orderRef, { status_id: 11 });
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([3, 3]);
	});

	test("an archived order leaves the lists, keeps what it took and says that it is away", async () => {
		const shop = await openStore();
		const orderRef = await shop.buy("CUP", 3);
		await shop.call("DELETE", `/v2/orders/${orderRef}`);
		expect((await bigcommerce.listOrders(shop.connection, new Date(0), null)).items).toEqual([]);
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([3, 3]);
		expect((await shop.order(orderRef)).status).toBe("deleted");
	});
});

describe("a store that takes stock when an order is shipped or completed", () => {
	const settings = { updateStockBehavior: "order_completed_or_shipped" } as const;

	test("takes nothing until then, and once from then on", async () => {
		const shop = await openStore({ settings });
		const orderRef = await shop.buy("CUP", 3);
		const line = (await shop.order(orderRef)).lines[0];
		await shop.call("POST", `/v2/orders/${orderRef}/shipments`, {
			items: [{ order_product_id: Number(line?.lineRef), quantity: 1 }],
		});
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([0, 0]);
		for (const status_id of [2, 10, 13]) {
			await shop.set(orderRef, { status_id });
			expect(await shop.both(orderRef, "CUP", 20)).toEqual([3, 3]);
		}
		await refundOrder(sandbox.ctx, shop.store.id, orderRef, [{ sku: "CUP", quantity: 3 }], false);
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([3, 3]);
	});

	test("a cancellation gives back what was taken, and nothing where nothing was", async () => {
		const shop = await openStore({ settings });
		const unshipped = await shop.buy("CUP", 3);
		await shop.set(unshipped, { status_id: 5 });
		expect(await shop.both(unshipped, "CUP", 20)).toEqual([0, 0]);
		const done = await shop.buy("CUP", 2);
		await shop.set(done, { status_id: 10 });
		expect(await shop.both(done, "CUP", 20)).toEqual([2, 2]);
		await shop.set(done, { status_id: 5 });
		expect(await shop.both(done, "CUP", 20)).toEqual([0, 0]);
	});
});

describe("the list", () => {
	test("is empty without content, and read on over pages while orders change", async () => {
		const shop = await openStore({ products: [product("P", 5_000)] });
		expect(await bigcommerce.listOrders(shop.connection, new Date(0), null)).toEqual({
			items: [],
			odd: [],
			next: null,
			total: null,
		});
		const orderRefs: string[] = [];
		for (let index = 0; index < 260; index++) {
			if (index % 20 === 0) sandbox.putForward(1_500);
			orderRefs.push(await shop.buy("P"));
		}
		const first = await bigcommerce.listOrders(shop.connection, new Date(0), null);
		sandbox.putForward(3_000);
		for (const orderRef of orderRefs.slice(0, 5)) await shop.set(orderRef, { status_id: 2 });
		const rest = await readAll((page) => bigcommerce.listOrders(shop.connection, new Date(0), page ?? first.next));
		const seen = [...first.items, ...rest];
		expect(new Set(seen.map(({ orderRef }) => orderRef))).toEqual(new Set(orderRefs));
		// The five that changed come again, newer.
		expect(seen).toHaveLength(265);
		const [before, after] = seen.filter(({ orderRef }) => orderRef === orderRefs[0]);
		expect(after?.version.at).toBeGreaterThan(before?.version.at ?? 0);
		const calls = shop.connection.http.exchanges.filter(
			({ method, url }) => method === "GET" && url.includes("/v2/orders/"),
		);
		expect(calls).toEqual([]);
	});

	test("begins with the very second that was asked for", async () => {
		const shop = await openStore();
		await shop.buy("CUP");
		sandbox.putForward(60_000);
		const since = sandbox.now();
		const orderRef = await shop.buy("CUP");
		const { items } = await bigcommerce.listOrders(shop.connection, since, null);
		expect(items.map((order) => order.orderRef)).toEqual([orderRef]);
	});

	test("the same order read twice is the same snapshot, by list and by id", async () => {
		const shop = await openStore();
		const orderRef = await shop.buy("TEE-S", 2);
		const [listed] = (await bigcommerce.listOrders(shop.connection, new Date(0), null)).items;
		expect(await shop.order(orderRef)).toEqual(listed);
		expect(listed).toMatchObject({ number: `#${orderRef}`, status: "open" });
		expect(listed?.lines).toEqual([
			{
				lineRef: expect.any(String),
				listingRef: shop.listing("TEE-S").externalKey,
				sku: "TEE-S",
				title: "Tee",
				taken: 2,
			},
		]);
	});

	test("lines name the listing that holds their stock, and custom ones none", async () => {
		const shop = await openStore();
		await checkout(
			sandbox.ctx,
			shop.store.id,
			["CUP", "TEE-M", "POSTER-B", "LOOSE"].map((sku) => ({ sku, quantity: 1 })),
		);
		await shop.call("POST", "/v2/orders", {
			status_id: 11,
			products: [{ name: "Gift wrap", quantity: 1, price_ex_tax: 2 }],
		});
		const [bought, made] = (await bigcommerce.listOrders(shop.connection, new Date(0), null)).items;
		const holders = bought?.lines.map(
			({ listingRef }) => shop.listings.find(({ refs }) => refs.includes(listingRef ?? ""))?.title,
		);
		expect(holders).toEqual(["Cup", "Tee", "Poster", "Loose"]);
		expect(made?.lines).toMatchObject([{ listingRef: null, taken: 1 }]);
	});
});

describe("cancelling", () => {
	test("puts the units back, and an order that is gone is told so", async () => {
		const shop = await openStore();
		const orderRef = await shop.buy("CUP", 3);
		expect(await bigcommerce.cancelOrder?.(shop.connection, orderRef)).toEqual({ result: "cancelled" });
		expect(await shop.both(orderRef, "CUP", 20)).toEqual([0, 0]);
		await expect(bigcommerce.cancelOrder?.(shop.connection, "999999")).rejects.toMatchObject({ reason: "gone" });
		expect(await bigcommerce.readOrder(shop.connection, "999999")).toBeNull();
	});
});
