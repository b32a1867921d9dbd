import { afterEach, expect, test } from "vitest";
import { createSandboxStore, quantities, sandboxKeys } from "../stores";
import { sandboxForTests } from "../testing";
import { product } from "../testing/seeds";
import { sell } from "./sell";

const sandbox = sandboxForTests();
afterEach(() => sandbox.resetClock());

test.each([
	[null],
	["MUG"],
	[[]],
	[{ type: "ADJUSTMENT", adjustment: null }],
	[{ type: "PHYSICAL_COUNT", physical_count: 3 }],
])("%j among the changes is refused by its place", async (change) => {
	const { call, shows } = await open();
	const changes = [change];
	const reply = await call("/v2/inventory/changes/batch-create", { idempotency_key: "odd", changes });
	expect(reply).toMatchObject({ status: 400, body: { errors: [{ field: expect.stringMatching(/^changes\[0\]/) }] } });
	expect(await shows()).toBe(100);
});

async function open(settings: Record<string, unknown> = {}) {
	const { ctx } = sandbox;
	const store = await createSandboxStore(ctx, {
		platform: "square",
		name: "Ledger",
		products: [product("MUG", 100)],
		settings: { deliveryDelayMs: 0, ...settings },
	});
	const { baseUrl, access } = await sandboxKeys(ctx, store.id);
	const call = async (path: string, body?: object) => {
		const reply = await fetch(`${baseUrl}${path}`, {
			method: body ? "POST" : "GET",
			headers: { authorization: `Bearer ${access.accessToken}`, "content-type": "application/json" },
			body: body && JSON.stringify(body),
		});
		return { status: reply.status, body: await reply.json() };
	};
	const list = await call("/v2/catalog/list?types=ITEM");
	const id: string = list.body.objects[0].item_data.variations[0].id;
	const place = { catalog_object_id: id, location_id: store.secrets.locationId };
	const iso = (at: Date) => at.toISOString();
	return {
		ctx,
		store,
		call,
		shows: async () => (await quantities(ctx, store.id))[0]?.quantity,
		change: (change: object, key: string = crypto.randomUUID()) =>
			call("/v2/inventory/changes/batch-create", { idempotency_key: key, changes: [change] }),
		adjustment: (from_state: string, to_state: string, quantity: string, at = sandbox.now()) => ({
			type: "ADJUSTMENT",
			adjustment: { ...place, from_state, to_state, quantity, occurred_at: iso(at) },
		}),
		count: (quantity: string, at = sandbox.now()) => ({
			type: "PHYSICAL_COUNT",
			physical_count: { ...place, state: "IN_STOCK", quantity, occurred_at: iso(at) },
		}),
	};
}

const minuteMs = 60_000;

test("the vendor's example: what a till sold offline before a recount is in that recount", async () => {
	const { ctx, store, change, count, shows } = await open();
	await sell(ctx, store, { lines: [{ sku: "MUG", quantity: 3 }], payment: "paid", isAtTill: true });
	expect(await shows()).toBe(97);
	sandbox.putForward(10 * minuteMs);
	const madeAt = sandbox.now();
	sandbox.putForward(10 * minuteMs);
	await change(count("95"));
	sandbox.putForward(5 * minuteMs);
	await sell(ctx, store, { lines: [{ sku: "MUG", quantity: 2 }], payment: "paid", isAtTill: true, madeAt });
	expect(await shows()).toBe(95);
});

test("a recount of before keeps what moved after it", async () => {
	const { change, adjustment, count, shows } = await open();
	const before = sandbox.now();
	sandbox.putForward(minuteMs);
	await change(adjustment("IN_STOCK", "SOLD", "4"));
	await change(count("50", before));
	expect(await shows()).toBe(46);
});

test("a recount that is older than the last changes nothing", async () => {
	const { change, count, shows } = await open();
	const before = sandbox.now();
	sandbox.putForward(minuteMs);
	await change(count("50"));
	await change(count("70", before));
	expect(await shows()).toBe(50);
});

test("decimals stay exact, and a till sells below zero", async () => {
	const { ctx, store, change, adjustment, count, shows } = await open();
	await change(count("0.3"));
	await change(adjustment("NONE", "IN_STOCK", "0.1"));
	expect(await shows()).toBe(0.4);
	await sell(ctx, store, { lines: [{ sku: "MUG", quantity: 2 }], payment: "paid", isAtTill: true });
	expect(await shows()).toBe(-1.6);
});

test("a time of tomorrow, or of more than a day ago, is refused", async () => {
	const { change, adjustment, shows } = await open();
	for (const ms of [minuteMs, -25 * 60 * minuteMs]) {
		const at = new Date(sandbox.now().getTime() + ms);
		const reply = await change(adjustment("NONE", "IN_STOCK", "1", at));
		expect(reply).toMatchObject({ status: 400, body: { errors: [{ code: "INVALID_TIME" }] } });
	}
	expect(await shows()).toBe(100);
});

test("a move that is Square's own to make is refused, and so is a move of nothing", async () => {
	const { change, adjustment } = await open();
	for (const asked of [
		adjustment("IN_STOCK", "RESERVED_FOR_SALE", "1"),
		adjustment("SOLD", "IN_STOCK", "1"),
		adjustment("IN_STOCK", "SOLD", "0"),
		adjustment("IN_STOCK", "SOLD", "-1"),
	])
		expect(await change(asked)).toMatchObject({ status: 400, body: { errors: [{ code: "INVALID_VALUE" }] } });
});

test("the same key gives the same answer for the same request, and refuses another", async () => {
	const { change, adjustment, shows } = await open();
	const asked = adjustment("NONE", "IN_STOCK", "1");
	const first = await change(asked, "one");
	expect(await change(asked, "one")).toEqual(first);
	expect(await change(adjustment("NONE", "IN_STOCK", "2"), "one")).toMatchObject({
		status: 400,
		body: { errors: [{ code: "IDEMPOTENCY_KEY_REUSED", detail: expect.stringContaining("same request data") }] },
	});
	expect(await shows()).toBe(101);
});

test("a key of a call that was refused is free again", async () => {
	const { change, adjustment } = await open();
	expect((await change(adjustment("IN_STOCK", "SOLD", "0"), "one")).status).toBe(400);
	expect((await change(adjustment("IN_STOCK", "SOLD", "1"), "one")).status).toBe(200);
});

test("of two calls with one key at once one is applied", async () => {
	const { change, adjustment, shows } = await open();
	const asked = adjustment("NONE", "IN_STOCK", "1");
	const replies = await Promise.all([change(asked, "one"), change(asked, "one")]);
	expect(replies.map(({ status }) => status)).toEqual([200, 200]);
	expect(await shows()).toBe(101);
});

test("an equal recount writes nothing, and more than a hundred changes are refused", async () => {
	const { call, change, count, adjustment } = await open();
	expect((await change(count("100"))).body).toEqual({ counts: [], changes: [] });
	const changes = Array.from({ length: 101 }, () => adjustment("NONE", "IN_STOCK", "1"));
	const reply = await call("/v2/inventory/changes/batch-create", { idempotency_key: "many", changes });
	expect(reply.status).toBe(400);
});
