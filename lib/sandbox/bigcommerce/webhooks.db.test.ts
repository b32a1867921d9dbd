/** The sandbox store's registry of webhooks and its post: who sees what, when it tries again, when it gives up. */
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sandboxDeliveries } from "@/db/schema";
import { type Receiver, startReceiver } from "../receiver";
import { countDeliveries, setQuantity } from "../stores";
import { sandboxForTests } from "../testing";
import { product } from "../testing/seeds";
import { addToken, allScopes } from "./access";
import { ladder } from "./news";
import type { BigCommerceSettings } from "./settings";
import { openTestStore } from "./testing";

const sandbox = sandboxForTests();
let receiver: Receiver;
beforeAll(async () => {
	receiver = await startReceiver();
});
afterAll(() => receiver.stop());

const openStore = (settings: Partial<BigCommerceSettings> = {}) =>
	openTestStore(sandbox, { settings, products: [product("CUP", 20, "Cup")] });

const hook = (scope = "store/product/inventory/updated", destination = receiver.url) => ({ scope, destination });

describe("the registry", () => {
	test("answers as documented, and shows each webhook to the app that made it alone", async () => {
		const shop = await openStore();
		const headers = { "X-Our-Secret": "word" };
		const made = await shop.call("POST", "/v3/hooks", { ...hook(), headers });
		expect([made.status, made.body.data]).toEqual([
			200,
			{
				id: expect.any(Number),
				client_id: shop.access.clientId,
				store_hash: shop.store.secrets.storeHash,
				...hook(),
				headers,
				is_active: true,
				created_at: expect.any(Number),
				updated_at: expect.any(Number),
			},
		]);
		const other = await addToken(sandbox.ctx, shop.store, { scopes: allScopes });
		expect((await shop.call("GET", "/v3/hooks", undefined, other.token)).body.data).toEqual([]);
		expect((await shop.call("DELETE", `/v3/hooks/${made.body.data.id}`, undefined, other.token)).status).toBe(404);
	});

	test("takes one of a scope and address, ten of a scope, and no scope that is none", async () => {
		const shop = await openStore();
		await shop.call("POST", "/v3/hooks", hook());
		expect((await shop.call("POST", "/v3/hooks", hook())).status).toBe(422);
		expect((await shop.call("POST", "/v3/hooks", hook("store/order/created"))).status).toBe(200);
		for (let index = 1; index < 10; index++)
			expect((await shop.call("POST", "/v3/hooks", hook(undefined, `${receiver.url}/${index}`))).status).toBe(200);
		expect((await shop.call("POST", "/v3/hooks", hook(undefined, `${receiver.url}/10`))).status).toBe(422);
		expect((await shop.call("POST", "/v3/hooks", hook("store/order/exploded"))).status).toBe(422);
		for (const scope of ["store/inventory/location/*", "store/hook/deliveryException"])
			expect((await shop.call("POST", "/v3/hooks", hook(scope))).status).toBe(200);
	});

	test("delivers to https on port 443 alone, where the store is set to the real rule", async () => {
		const shop = await openStore({ mayCallPrivate: false });
		const tries = ["http://a.example/x", "https://a.example:8443/x", "https://a.example/x"].map(
			async (destination) => (await shop.call("POST", "/v3/hooks", hook(undefined, destination))).status,
		);
		expect(await Promise.all(tries)).toEqual([422, 422, 200]);
	});
});

describe("the post", () => {
	test("a star stands for all below it, and a webhook that has just been made is not heard yet", async () => {
		const shop = await openStore();
		await shop.call("POST", "/v3/hooks", hook("store/product/*"));
		await setQuantity(sandbox.ctx, shop.store.id, "CUP", 3);
		await expect.poll(async () => (await countDeliveries(sandbox.ctx, shop.store.id)).sent).toBe(2);
		const slow = await openStore({ hookStartsAfterMs: 3_600_000_000 });
		await slow.call("POST", "/v3/hooks", hook("store/product/*"));
		await setQuantity(sandbox.ctx, slow.store.id, "CUP", 3);
		expect(await countDeliveries(sandbox.ctx, slow.store.id)).toEqual({});
	});

	test("of another location is by location alone, unless the store is set otherwise", async () => {
		const locations = [
			{ id: 1, code: "A", label: "Shop", enabled: true, isDefault: true },
			{ id: 2, code: "B", label: "Depot", enabled: true, isDefault: false },
		];
		const byLocation = "store/channel/*/inventory/product/stock_changed";
		const byProduct = "store/product/inventory/updated";
		const told = async (locationId: number, settings: Partial<BigCommerceSettings> = {}) => {
			const shop = await openStore({ locations, ...settings, adjustmentDelayMs: 0 });
			for (const scope of [byLocation, byProduct]) await shop.call("POST", "/v3/hooks", hook(scope));
			const { productId } = (await shop.idsBySku()).get("CUP") ?? {};
			await shop.call("PUT", "/v3/inventory/adjustments/absolute", {
				items: [{ location_id: locationId, product_id: productId, quantity: 4 }],
			});
			const rows = await sandbox.ctx.db
				.select({ topic: sandboxDeliveries.topic })
				.from(sandboxDeliveries)
				.where(eq(sandboxDeliveries.storeId, shop.store.id));
			return rows.map(({ topic }) => topic).sort();
		};
		expect(await told(1)).toEqual([byLocation, byProduct]);
		expect(await told(2)).toEqual([byLocation]);
		expect(await told(2, { pointsToOtherLocations: true })).toEqual([byLocation, byProduct]);
	});

	test("tries eleven times more, ever later, then switches the webhook off; the id stays and the time is new", async () => {
		const shop = await openStore();
		const made = await shop.call("POST", "/v3/hooks", hook());
		const own = () =>
			receiver.mail.filter(({ body }) => body.toString().includes(`stores/${shop.store.secrets.storeHash}`));
		receiver.answer(500);
		try {
			await setQuantity(sandbox.ctx, shop.store.id, "CUP", 3);
			for (const [attempt, seconds] of ladder.entries()) {
				await expect.poll(own, { timeout: 5_000 }).toHaveLength(attempt + 1);
				await expect.poll(async () => due(shop.store.id), { timeout: 5_000 }).toBeGreaterThan(seconds * 900);
				expect(await due(shop.store.id)).toBeLessThanOrEqual(seconds * 1_000 + 1_000);
				sandbox.putForward(seconds * 1_000);
			}
			await expect.poll(own, { timeout: 5_000 }).toHaveLength(ladder.length + 1);
			await expect
				.poll(async () => (await shop.call("GET", `/v3/hooks/${made.body.data.id}`)).body.data.is_active, {
					timeout: 5_000,
				})
				.toBe(false);
		} finally {
			receiver.answer(200);
		}
		const ids = new Set(own().map(({ headers }) => headers["webhook-id"]));
		const times = new Set(own().map(({ headers }) => headers["webhook-timestamp"]));
		expect([ids.size, times.size]).toEqual([1, ladder.length + 1]);
		// The webhook is switched off a moment before the delivery is given up.
		await expect.poll(() => countDeliveries(sandbox.ctx, shop.store.id)).toEqual({ failed: 1 });
	});

	test("an address that fails too often is left alone for three minutes, and what happened meanwhile comes then", async () => {
		const shop = await openStore();
		await shop.call("POST", "/v3/hooks", hook());
		const change = (count: number) =>
			Promise.all(
				Array.from({ length: count }, (_, index) => setQuantity(sandbox.ctx, shop.store.id, "CUP", index + 1)),
			);
		await change(60);
		await expect
			.poll(async () => (await countDeliveries(sandbox.ctx, shop.store.id)).sent, { timeout: 10_000 })
			.toBe(60);
		const blocked = async () =>
			(await shop.call("GET", "/v3/hooks/admin")).body.data.blocked_domains as { time_left: number }[];
		expect(await blocked()).toEqual([]);
		receiver.answer(503);
		await change(45);
		// The hundredth tips it; those behind may be held back already.
		await expect.poll(() => tried(shop.store.id), { timeout: 10_000 }).toBeGreaterThanOrEqual(100);
		receiver.answer(200);
		await change(1);
		await expect.poll(async () => (await blocked()).length, { timeout: 10_000 }).toBe(1);
		const before = (await countDeliveries(sandbox.ctx, shop.store.id)).sent ?? 0;
		await change(5);
		expect((await countDeliveries(sandbox.ctx, shop.store.id)).sent).toBe(before);
		sandbox.putForward(181_000);
		expect(await blocked()).toEqual([]);
		await expect
			.poll(async () => (await countDeliveries(sandbox.ctx, shop.store.id)).waiting ?? 0, { timeout: 20_000 })
			.toBe(0);
		expect(await countDeliveries(sandbox.ctx, shop.store.id)).toEqual({ sent: 111 });
	});
});

/** Milliseconds until the one that waits goes again. */
async function due(storeId: string): Promise<number> {
	const [row] = await sandbox.ctx.db
		.select({ dueAt: sandboxDeliveries.dueAt, status: sandboxDeliveries.lastStatus })
		.from(sandboxDeliveries)
		.where(eq(sandboxDeliveries.storeId, storeId));
	return row?.status ? row.dueAt.getTime() - sandbox.now().getTime() : 0;
}

async function tried(storeId: string): Promise<number> {
	const [row] = await sandbox.ctx.db.execute<{ count: number }>(
		sql`select count(*)::int count from sandbox.deliveries where store_id = ${storeId} and last_status is not null`,
	);
	return row?.count ?? 0;
}
