/** An oversold conflict ends when its units are there again, whatever brought them: on real Postgres, through the verbs themselves. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { ChannelError } from "@/lib/channels/errors";
import { systemContext } from "../context";
import { setLosingRule } from "../merchants/set-race-rules";
import { applyOrders } from "../orders/apply-orders";
import { keepNotCancelled } from "../orders/record-cancel";
import { adjustStock } from "../skus/adjust-stock";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { decideConflict } from "./decide-conflict";
import { listConflicts } from "./list-conflicts";
import { snoozeConflict } from "./put-off-conflict";
import { readConflict } from "./read-conflict";
import { undoDecision } from "./undo-decision";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

type Sale = { ref: string; lamps: number; isCancelled?: boolean };

/** Lamps on one channel, of which there are so many. */
async function shopWith(lamps: number) {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant, { name: "the shop" });
	const lamp = await makeSku(database, merchant, "LAMP", lamps);
	await makeListing(database, merchant, channelId, "lamp", { skuId: lamp, shown: lamps });
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	// Later than the first count, which holds every order from before it.
	const began = Date.now() + 60_000;
	let version = began;
	const sql = database.ownerClient;
	const conflicts = async () => [
		...(await sql<{ id: string; state: string; units: number; order_ref: string; choice: string | null }[]>`
			select id, state, units, order_ref, decision->>'choice' as choice from conflicts
			where merchant_id = ${merchant.merchantId} order by order_ref`),
	];
	return {
		...merchant,
		ctx,
		channelId,
		lamp,
		conflicts,
		/** In one batch of news; how many statements it took. */
		async hear(...sales: Sale[]) {
			let statements = 0;
			version += 1_000;
			const heard = sales.map(({ ref, lamps: taken, isCancelled = false }) => ({
				order: {
					orderRef: ref,
					number: `#${ref}`,
					status: isCancelled ? ("cancelled" as const) : ("open" as const),
					placedAt: new Date(began).toISOString(),
					version: { at: version, step: 0 },
					lines: [{ lineRef: "1", listingRef: "lamp", sku: "LAMP", title: "Lamp", taken }],
				},
				inboxId: 1,
				isLiveRead: false,
			}));
			const { log } = await asMerchantPrepared(database.client("app"), merchant.merchantId, (run) =>
				applyOrders(
					((...statement: Parameters<Statement>) => {
						statements++;
						return run(...statement);
					}) as Statement,
					merchant.merchantId,
					channelId,
					heard,
				),
			);
			return { statements, log };
		},
		async count(onHand: number, seen: number) {
			const level = { skuId: lamp, locationId: merchant.locationId };
			await adjustStock(ctx, { ...level, mode: "set", value: onHand, seen, key: randomUUID(), note: "stocktake" });
		},
		/** "b 1 open", or how it was settled. */
		async says() {
			return (await conflicts()).map(
				({ order_ref, units, state, choice }) => `${order_ref} ${units} ${choice ?? state}`,
			);
		},
		async idOf(ref: string) {
			return (await conflicts()).find(({ order_ref }) => order_ref === ref)?.id ?? "";
		},
		async because(ref: string) {
			const { decided, options } = await readConflict(ctx, await this.idOf(ref));
			return { because: decided?.because, by: decided?.by, undoUntil: decided?.undoUntil, options };
		},
	};
}

/** One lamp, sold to #a and to #b. */
async function soldTwice() {
	const shop = await shopWith(1);
	await shop.hear({ ref: "a", lamps: 1 });
	await shop.hear({ ref: "b", lamps: 1 });
	expect(await shop.says()).toEqual(["b 1 open"]);
	return shop;
}

describe("an oversold conflict", () => {
	it("settles by itself when its order gives its unit back, and stays readable with why", async () => {
		const shop = await soldTwice();
		const { log } = await shop.hear({ ref: "b", lamps: 0, isCancelled: true });
		expect(await shop.says()).toEqual(["b 1 came_back"]);
		expect(await shop.because("b")).toEqual({
			because: "Shopify #b gave 1 unit back",
			by: "Onecount",
			undoUntil: null,
			options: [],
		});
		expect(log.at(-1)).toMatchObject({
			kind: "conflict.decided",
			orderRef: "b",
			data: { choice: "came_back", because: { cause: "order_returned", orderNumber: "#b" } },
		});
		const { counts } = await listConflicts(shop.ctx);
		expect(counts).toEqual({ open: 0, snoozed: 0, settled: 1 });
		const [item] = (await listConflicts(shop.ctx, { tab: "settled" })).items;
		expect(item).toMatchObject({ id: await shop.idOf("b"), choice: "came_back" });
	});

	it("settles by itself when the order that stands is cancelled: the unit is there for the other", async () => {
		const shop = await soldTwice();
		await shop.hear({ ref: "a", lamps: 0, isCancelled: true });
		expect(await shop.says()).toEqual(["b 1 came_back"]);
		expect((await shop.because("b")).because).toBe("Shopify #a gave 1 unit back");
	});

	it("settles by itself when more is counted, though it was snoozed", async () => {
		const shop = await soldTwice();
		await snoozeConflict(shop.ctx, { ids: [await shop.idOf("b")], until: Date.now() + 60_000 });
		await shop.count(3, -1);
		expect(await shop.says()).toEqual(["b 1 came_back"]);
		expect((await shop.because("b")).because).toBe("a count found 4 units more: “stocktake”");
	});

	it("is smaller while a part of it is still short, and says so", async () => {
		const shop = await shopWith(1);
		await shop.hear({ ref: "a", lamps: 4 });
		const { log } = await shop.hear({ ref: "a", lamps: 2 });
		expect(await shop.says()).toEqual(["a 1 open"]);
		expect(log.at(-1)).toMatchObject({ kind: "conflict.lowered", orderRef: "a", data: { units: 1 } });
		await shop.hear({ ref: "a", lamps: 1 });
		expect(await shop.says()).toEqual(["a 1 came_back"]);
	});

	it("R8 stays with the orders that lose by the merchant's rule, when not all of them are short any more", async () => {
		const stillShort = { last_in_ledger: ["b 1 came_back", "c 2 open"], smallest_order: ["b 1 open", "c 2 came_back"] };
		for (const rule of ["last_in_ledger", "smallest_order"] as const) {
			const shop = await shopWith(5);
			await setLosingRule(shop.ctx, { rule, channelId: null });
			await shop.hear({ ref: "a", lamps: 5 });
			await shop.hear({ ref: "b", lamps: 1 });
			await shop.hear({ ref: "c", lamps: 2 });
			expect(await shop.says()).toEqual(["b 1 open", "c 2 open"]);
			await shop.hear({ ref: "a", lamps: rule === "last_in_ledger" ? 4 : 3 });
			expect([rule, await shop.says()]).toEqual([rule, stillShort[rule]]);
		}
	});

	it("of a sale that comes with the news of a return is opened, and the older one settles", async () => {
		const shop = await soldTwice();
		await shop.hear({ ref: "a", lamps: 0, isCancelled: true }, { ref: "c", lamps: 1 });
		expect(await shop.says()).toEqual(["b 1 came_back", "c 1 open"]);
		await shop.hear({ ref: "d", lamps: 1 }, { ref: "c", lamps: 0, isCancelled: true });
		expect(await shop.says()).toEqual(["b 1 came_back", "c 1 came_back", "d 1 open"]);
	});

	it("costs news nothing where no level was short, and as much for twenty as for one", async () => {
		const [healthy, short, crowded] = [await shopWith(9), await soldTwice(), await soldTwice()];
		await healthy.hear({ ref: "a", lamps: 1 });
		for (let n = 0; n < 19; n++) await crowded.hear({ ref: `c${n}`, lamps: 1 });
		const cancelled = { ref: "a", lamps: 0, isCancelled: true };
		const [none, one, twenty] = [
			await healthy.hear(cancelled),
			await short.hear(cancelled),
			await crowded.hear(cancelled),
		].map(({ statements }) => statements) as [number, number, number];
		expect([one - none, twenty - none]).toEqual([2, 2]);
		expect((await crowded.says()).filter((one) => one.endsWith("open"))).toHaveLength(19);
	});

	it("offers no cancelling of an order that its store has cancelled and kept the unit of", async () => {
		const shop = await soldTwice();
		await shop.hear({ ref: "b", lamps: 1, isCancelled: true });
		const { options } = await shop.because("b");
		expect(options.map(({ choice }) => choice)).toEqual(["backorder", "restock", "cancel_other_in_store"]);
	});
});

describe("a decision", () => {
	it("to add what was found settles its own conflict, and what else was found the others", async () => {
		const shop = await soldTwice();
		await shop.hear({ ref: "c", lamps: 1 });
		await decideConflict(shop.ctx, { ids: [await shop.idOf("b")], choice: "restock", value: 2, note: "shelf" });
		expect(await shop.says()).toEqual(["b 1 restock", "c 1 came_back"]);
		const told = await database.ownerClient`
			select order_ref, data->>'choice' as choice from sync_log
			where merchant_id = ${shop.merchantId} and kind = 'conflict.decided' order by order_ref`;
		expect([...told]).toEqual([
			{ order_ref: "b", choice: "restock" },
			{ order_ref: "c", choice: "came_back" },
		]);
		// Taken back, both lack their units again.
		await undoDecision(shop.ctx, { ids: [await shop.idOf("b")] });
		expect(await shop.says()).toEqual(["b 1 open", "c 1 open"]);
	});

	it("that found only a part is taken back whole: what it made smaller is as large as before", async () => {
		const shop = await shopWith(0);
		await shop.hear({ ref: "a", lamps: 2 });
		await shop.hear({ ref: "b", lamps: 3 });
		const ids = [await shop.idOf("b")];
		await decideConflict(shop.ctx, { ids, choice: "restock", value: 4, note: "shelf" });
		expect(await shop.says()).toEqual(["a 1 open", "b 3 restock"]);
		await undoDecision(shop.ctx, { ids });
		expect(await shop.says()).toEqual(["a 2 open", "b 3 open"]);
	});

	it("whose units were sold since can't be taken back, and nothing of it is", async () => {
		const shop = await shopWith(0);
		await shop.hear({ ref: "a", lamps: 1 });
		const ids = [await shop.idOf("a")];
		await decideConflict(shop.ctx, { ids, choice: "restock", value: 2, note: "shelf" });
		await shop.hear({ ref: "c", lamps: 1 });
		await expect(undoDecision(shop.ctx, { ids })).rejects.toThrow(/sold or reserved since/);
		expect(await shop.says()).toEqual(["a 1 restock"]);
		const [level] = await database.ownerClient`select on_hand from levels where sku_id = ${shop.lamp}`;
		expect(level?.on_hand).toBe(0);
	});

	it("that is taken back leaves nothing open that is not short", async () => {
		const shop = await soldTwice();
		const ids = [await shop.idOf("b")];
		await decideConflict(shop.ctx, { ids, choice: "backorder" });
		await undoDecision(shop.ctx, { ids });
		expect(await shop.says()).toEqual(["b 1 open"]);
		await decideConflict(shop.ctx, { ids, choice: "backorder" });
		await shop.count(2, -1);
		await undoDecision(shop.ctx, { ids });
		expect(await shop.says()).toEqual(["b 1 came_back"]);
		expect((await shop.because("b")).because).toBe("there was enough again meanwhile");
		await expect(undoDecision(shop.ctx, { ids })).rejects.toThrow(/can't be taken back/);
	});

	it("to cancel that a store refuses is open again, unless the unit came back meanwhile", async () => {
		for (const isBack of [false, true]) {
			const shop = await soldTwice();
			const id = await shop.idOf("b");
			const [cancel] = await database.ownerClient<{ id: string }[]>`
				insert into order_cancels (merchant_id, channel_id, order_ref, order_number, conflict_id, sku_id, actor, state, next_try_at)
				values (${shop.merchantId}, ${shop.channelId}, 'b', '#b', ${id}, ${shop.lamp}, 'test', 'asked', now()) returning id`;
			const cancelId = cancel?.id ?? "";
			await database.ownerClient`
				update conflicts set state = 'decided', decided_at = now(), decided_by = 'test',
					decision = jsonb_build_object('choice', 'cancel', 'undo', jsonb_build_object('cancelId', ${cancelId}::text)) where id = ${id}`;
			// What a person has decided is theirs: it is neither settled anew nor made smaller.
			if (isBack) await shop.hear({ ref: "a", lamps: 0, isCancelled: true });
			expect(await shop.says()).toEqual(["b 1 cancel"]);
			await asMerchantPrepared(database.client("app"), shop.merchantId, (run) =>
				keepNotCancelled(
					run,
					{ merchantId: shop.ctx.merchantId, channelId: shop.channelId, platform: "shopify" },
					{ id: cancelId, order_ref: "b", order_number: "#b", sku_id: shop.lamp },
					new ChannelError("refused", "It is on its way."),
				),
			);
			expect(await shop.says()).toEqual([isBack ? "b 1 came_back" : "b 1 open"]);
		}
	});

	it("and the return that makes it needless, at once, wait for each other and settle it once", async () => {
		for (let round = 0; round < 5; round++) {
			const shop = await soldTwice();
			const ids = [await shop.idOf("b")];
			const [decided] = await Promise.allSettled([
				decideConflict(shop.ctx, { ids, choice: "restock", value: 1, note: "shelf" }),
				shop.hear({ ref: "a", lamps: 0, isCancelled: true }),
			]);
			expect(await shop.says()).toEqual([decided?.status === "fulfilled" ? "b 1 restock" : "b 1 came_back"]);
			const told = await database.ownerClient`
				select from sync_log where merchant_id = ${shop.merchantId} and kind = 'conflict.decided'`;
			expect(told.length).toBeLessThanOrEqual(1);
		}
	});
});
