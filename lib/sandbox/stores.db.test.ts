import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { sandboxContext, takeIds } from "./context";
import { handleSandboxRequest } from "./handle";
import { startSandboxLife } from "./life";
import { startSandboxPump } from "./pump";
import { recordRequest } from "./requests";
import type { SandboxContext } from "./sandbox-platform";
import {
	calmStore,
	countWireRequests,
	createSandboxStore,
	deleteSandboxStore,
	getSandboxStore,
	listSandboxStores,
	NoSuchSandboxStore,
	quantities,
	setKnobs,
	setLife,
} from "./stores";
import { products } from "./testing/seeds";

let database: TestDatabase;
let ctx: SandboxContext;
beforeAll(async () => {
	database = await testDatabase();
	ctx = sandboxContext({ origin: "http://127.0.0.1:1", databaseUrl: database.url });
});
afterAll(() => database.close());

const create = (name = "My Store!", madeBy: string | null = null) =>
	createSandboxStore(ctx, {
		platform: "shopify",
		name,
		madeBy,
		products: products({ A: 100_000, B: 100_000, C: 100_000 }),
	});

describe("stores", () => {
	test("a store is made, listed by its maker, and gone with all that it holds", async () => {
		const mine = await create("My Store!", "me");
		await create("Theirs", "them");
		expect(mine.id).toMatch(/^my-store-[0-9a-f]{8}$/);
		expect((await listSandboxStores(ctx, "me")).map(({ id }) => id)).toEqual([mine.id]);
		await deleteSandboxStore(ctx, mine.id);
		expect(await getSandboxStore(ctx, mine.id)).toBeNull();
		await expect(quantities(ctx, mine.id)).rejects.toThrow(NoSuchSandboxStore);
		const [left] = await database.ownerClient`
			select count(*)::int count from sandbox.items where store_id = ${mine.id}`;
		expect(left?.count).toBe(0);
	});

	test("a knob is turned, the others stay, and calm puts all back", async () => {
		const { id } = await create();
		await setKnobs(ctx, id, { latencyMs: 7 });
		expect(await setKnobs(ctx, id, { outage: true })).toMatchObject({ latencyMs: 7, outage: true });
		expect(await calmStore(ctx, id)).toMatchObject({ latencyMs: 0, outage: false });
	});

	test("no secret of one store is another's", async () => {
		const [one, two] = [await create(), await create()];
		for (const [name, secret] of Object.entries(one.secrets)) expect(two.secrets[name]).not.toBe(secret);
	});

	test("numbers are given once, however many ask at once", async () => {
		const { id } = await create();
		const taken = (await Promise.all(Array.from({ length: 120 }, (_, n) => takeIds(ctx.db, id, 1 + (n % 7))))).flat();
		expect(new Set(taken).size).toBe(taken.length);
	});
});

describe("the wire door", () => {
	test("where the sandbox is off nothing is there", async () => {
		const { id } = await create();
		const request = new Request(`http://127.0.0.1/sandbox/shopify/${id}/`);
		expect((await handleSandboxRequest(request)).status).toBe(404);
		expect(
			(await handleSandboxRequest(request, { origin: "http://127.0.0.1", databaseUrl: database.url })).status,
		).toBe(200);
	});

	test("a store answers only under its own platform's address", async () => {
		const { id } = await create();
		const request = new Request(`http://127.0.0.1/sandbox/woocommerce/${id}/`);
		expect(
			(await handleSandboxRequest(request, { origin: "http://127.0.0.1", databaseUrl: database.url })).status,
		).toBe(404);
	});

	test("requests are written in batches, and those of a store that is gone are left out", async () => {
		const { id } = await create();
		const row = { at: new Date(), method: "GET", path: "/", status: 200, ms: 1, what: "read" };
		for (let n = 0; n < 50; n++) recordRequest(ctx.db, { ...row, storeId: id });
		recordRequest(ctx.db, { ...row, storeId: "gone" });
		expect(await countWireRequests(ctx, id)).toEqual({ read: 50 });
	});
});

describe("life", () => {
	const orderCount = async (id: string) =>
		(
			await ctx.db.execute<{ count: number }>(
				sql`select count(*)::int count from sandbox.orders where store_id = ${id}`,
			)
		)[0]?.count ?? 0;

	test("buyers come to a living store, not to a quiet one, and stay away while paused", async () => {
		const [living, quiet] = [await create(), await create()];
		await setLife(ctx, living.id, 2_400);
		const life = startSandboxLife({ origin: ctx.origin, databaseUrl: database.url });
		try {
			await vi.waitFor(async () => expect(await orderCount(living.id)).toBeGreaterThan(20), { timeout: 10_000 });
			expect(await orderCount(quiet.id)).toBe(0);
			life.pause();
		} finally {
			await life.stop();
		}
		const after = await orderCount(living.id);
		const paused = startSandboxLife({ origin: ctx.origin, databaseUrl: database.url });
		paused.pause();
		await new Promise((resolve) => setTimeout(resolve, 1_500));
		await paused.stop();
		expect(await orderCount(living.id)).toBe(after);
	}, 20_000);

	test("two processes share a store's buyers instead of doubling them", async () => {
		const { id } = await create();
		await setLife(ctx, id, 1_200);
		const host = { origin: ctx.origin, databaseUrl: database.url };
		const started = performance.now();
		const lives = [1, 2, 3].map(() => startSandboxLife(host));
		await vi.waitFor(async () => expect(await orderCount(id)).toBeGreaterThan(30), { timeout: 15_000 });
		await Promise.all(lives.map((life) => life.stop()));
		const wanted = ((performance.now() - started) / 1_000) * 20;
		expect(await orderCount(id)).toBeLessThan(wanted * 2);
	}, 20_000);
});

test("starting the post twice runs it once, until the last stop", async () => {
	const host = { origin: ctx.origin, databaseUrl: database.url };
	const [first, second] = [startSandboxPump(host), startSandboxPump(host)];
	const running = () =>
		(globalThis as { onecountSandboxPumps?: Map<string, { holders: number }> }).onecountSandboxPumps?.get(database.url)
			?.holders ?? 0;
	expect(running()).toBe(2);
	await first.stop();
	await first.stop();
	expect(running()).toBe(1);
	await second.stop();
	expect(running()).toBe(0);
});
