/** Exposure in the database: what is at risk now is what the rows say, whatever happened, and its hours are its integral. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { WriteOutcome } from "@/lib/channels/listing";
import { shopify } from "@/lib/channels/shopify";
import { sellableOf } from "@/lib/stock/bound";
import type { Stake } from "@/lib/stock/escrow";
import { hourMs, passed, unitsAtRisk } from "@/lib/stock/exposure";
import { disconnectChannel } from "../channels/disconnect-channel";
import { takeTurn } from "../channels/take-turn";
import { type Context, systemContext } from "../context";
import { endUnseen } from "../imports/keep-listings";
import { readLevels } from "../levels/read-levels";
import { settlePush } from "../pushes/settle-push";
import { adjustStock } from "../skus/adjust-stock";
import { setComponents } from "../skus/set-components";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { foldMovements } from "./append-movements";
import { updateSlots } from "./recompute-offers";
import { recountWithOthers } from "./recount-exposures";
import { setSkuStrategy } from "./set-strategy";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

type Change = { since: number; units: number };
type Slot = { sku_id: string; units: number; bound: number | null; doubt: number; expected: number | null };

const stores = 3;

class Shop {
	private nth = 0;
	/** What was at risk from when on, by SKU, as it was seen after each step. */
	readonly history = new Map<string, Change[]>();

	private constructor(
		readonly ctx: Context,
		readonly merchant: FixtureMerchant,
		readonly channels: string[],
		/** Lamp, stove and, of both of them, kit. */
		readonly skus: string[],
		readonly listings: string[][],
	) {}

	static async open(onHand: number): Promise<Shop> {
		const merchant = await makeMerchant(database);
		const ctx = systemContext(merchant.merchantId, database.db("app"));
		const skus = [
			await makeSku(database, merchant, "LAMP", onHand),
			await makeSku(database, merchant, "STOVE", onHand * 2),
			await makeSku(database, merchant, "KIT", null),
		];
		const channels: string[] = [];
		const listings: string[][] = [];
		for (let at = 0; at < stores; at++) {
			const channelId = await makeChannel(database, merchant);
			channels.push(channelId);
			listings.push([]);
			for (const [nth, skuId] of skus.slice(0, 2).entries())
				listings[at]?.push(
					await makeListing(database, merchant, channelId, `s${nth}`, { skuId, shown: 0, units: nth + 1 }),
				);
		}
		await database.ownerClient`update slots set bound = shown where merchant_id = ${merchant.merchantId}`;
		const shop = new Shop(ctx, merchant, channels, skus, listings);
		await shop.run((run) => updateSlots(run, skus, []));
		return shop;
	}

	run<T>(work: Parameters<typeof asMerchantPrepared<T>>[2]): Promise<T> {
		return asMerchantPrepared(database.client("app"), this.merchant.merchantId, work);
	}

	target(at: number) {
		return {
			merchantId: this.merchant.merchantId,
			channelId: this.channels[at] as string,
			platform: "shopify" as const,
		};
	}

	async sell(at: number, sku: number, units: number): Promise<void> {
		const now = Date.now();
		const perListing = sku === 1 ? 2 : 1;
		await this.run(async (run) => {
			await foldMovements(run, this.merchant.merchantId, [
				{
					skuId: this.skus[sku] as string,
					locationId: this.merchant.locationId,
					delta: -units * perListing,
					kind: "order",
					causeKey: `order:${++this.nth}`,
					actor: "system",
					channelId: this.channels[at],
					orderRef: `${this.nth}`,
				},
			]);
			const listingId = this.listings[at]?.[sku] as string;
			await updateSlots(run, [this.skus[sku] as string], [{ listingId, units, from: now, to: now }]);
		});
	}

	async count(sku: number, units: number): Promise<void> {
		const skuId = this.skus[sku] as string;
		const [level] = await database.ownerClient<
			{ on_hand: number }[]
		>`select on_hand from levels where sku_id = ${skuId}`;
		const { locationId } = this.merchant;
		const key = `count no. ${++this.nth}`;
		await adjustStock(this.ctx, { skuId, locationId, mode: "set", value: units, seen: level?.on_hand ?? null, key });
	}

	/** One write of whatever is due there, left under way or answered. */
	async write(at: number, outcome: "applied" | "stale" | "open"): Promise<void> {
		const target = this.target(at);
		await database.ownerClient`update slots set read_due_at = null, next_try_at = null, paced_until = null where channel_id = ${target.channelId}`;
		const at_ = { now: Date.now(), mayClaim: true, only: null };
		const { push } = await takeTurn(database.client("app"), target, shopify.facts, at_);
		if (!push || push === "orders_first" || outcome === "open") return;
		await this.look();
		const rows = push.rows.map(
			({ externalKey }): WriteOutcome =>
				outcome === "applied" ? { externalKey, result: "applied", shown: null } : { externalKey, result: "stale" },
		);
		const answer = { rows, exchanges: [], trouble: null, budget: null };
		await settlePush(database.client("app"), target, shopify.facts, push, answer, Date.now());
	}

	/** Reads every level there; the store shows so many more or fewer than we expect. */
	async read(at: number, more: number): Promise<void> {
		const { channelId } = this.target(at);
		const slots = await database.ownerClient<
			{ id: number; external_key: string; expected: number; ids: Record<string, string>; expected_version: number }[]
		>`
			select s.id::float8 as id, l.external_key, l.ids, s.expected, s.expected_version::float8 from slots s join listings l on l.id = s.listing_id
			where s.channel_id = ${channelId} and s.push_id is null`;
		const adapter = {
			...shopify,
			readLevels: async () =>
				slots.map(({ external_key, expected }) => ({
					externalKey: external_key,
					quantity: Math.max(0, expected + more),
					readAt: new Date(),
				})),
		};
		const open = { adapter, connection: () => ({ http: {} }) as never };
		await readLevels(database.client("app"), this.target(at), open, [...slots], Date.now());
	}

	async bundle(units: number): Promise<void> {
		const [lamp, stove, kit] = this.skus as [string, string, string];
		const own = this.listings[0]?.length === 3;
		if (!own) {
			const listing = await makeListing(database, this.merchant, this.channels[0] as string, "kit", {
				skuId: kit,
				shown: 2,
			});
			await database.ownerClient`update slots set bound = shown where listing_id = ${listing}`;
			this.listings[0]?.push(listing);
		}
		const parts = [
			{ skuId: lamp, units },
			{ skuId: stove, units: 1 },
		];
		await setComponents(this.ctx, kit, units === 0 ? [] : parts);
	}

	/** What is kept is what the rows say; remembers since when. */
	async look(): Promise<number[]> {
		const rows = await database.ownerClient<{ sku_id: string; units: number; since: number }[]>`
			select sku_id, units, extract(epoch from since)::float8 * 1000 as since from exposures where merchant_id = ${this.merchant.merchantId}`;
		const slots = await database.ownerClient<Slot[]>`
			select sku_id, units, bound, doubt, expected from slots join channels c on c.id = channel_id
			where slots.merchant_id = ${this.merchant.merchantId} and c.state <> 'disconnected'`;
		const parts = await database.ownerClient<{ bundle_id: string; component_id: string; units: number }[]>`
			select bundle_id, component_id, units from sku_components where merchant_id = ${this.merchant.merchantId}`;
		const levels = await database.ownerClient<{ sku_id: string; available: number }[]>`
			select sku_id, on_hand - reserved as available from levels join skus k on k.id = sku_id
			where levels.merchant_id = ${this.merchant.merchantId} and k.is_bundle = 'no' and counted_at is not null`;
		const stakesOf = (skuId: string): Stake[] => [
			...slots.filter((slot) => slot.sku_id === skuId).map((slot) => stakeOf(slot, 1)),
			...parts
				.filter((part) => part.component_id === skuId)
				.flatMap((part) =>
					slots.filter((slot) => slot.sku_id === part.bundle_id).map((slot) => stakeOf(slot, part.units)),
				),
		];
		const kept = new Map(rows.map((row) => [row.sku_id, row]));
		for (const { sku_id, available } of levels)
			expect([sku_id, kept.get(sku_id)?.units]).toEqual([sku_id, unitsAtRisk(available, stakesOf(sku_id))]);
		for (const { sku_id, since, units } of rows) {
			const changes = this.history.get(sku_id) ?? [];
			if (changes.at(-1)?.since !== since) changes.push({ since, units });
			this.history.set(sku_id, changes);
		}
		return this.skus.map((skuId) => kept.get(skuId)?.units ?? 0);
	}
}

/** Transactions that wait for another. */
const waiting = async () =>
	(
		await database.ownerClient<{ count: number }[]>`
			select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
	)[0]?.count;

const stakeOf = ({ units, bound, doubt, expected }: Slot, each: number): Stake => ({
	units: units * each,
	sellable: bound === null ? sellableOf(expected ?? 0) : { bound, doubt, openUntil: null, proof: null },
});

const at = fc.nat(stores - 1);
const sku = fc.nat(1);
const step = fc.oneof(
	fc.record({ what: fc.constant("sell" as const), at, sku, units: fc.integer({ min: 1, max: 3 }) }),
	fc.record({
		what: fc.constant("write" as const),
		at,
		outcome: fc.constantFrom("applied", "applied", "stale", "open"),
	}),
	fc.record({ what: fc.constant("read" as const), at, more: fc.integer({ min: -2, max: 2 }) }),
	fc.record({ what: fc.constant("count" as const), sku, units: fc.nat(20) }),
	fc.record({
		what: fc.constant("strategy" as const),
		sku,
		to: fc.constantFrom("escrow", "shared", "adaptive" as const),
	}),
	fc.record({ what: fc.constant("bundle" as const), units: fc.nat(2) }),
);

async function take(shop: Shop, one: typeof step extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
	switch (one.what) {
		case "sell":
			return shop.sell(one.at, one.sku, one.units);
		case "write":
			return shop.write(one.at, one.outcome as "applied");
		case "read":
			return shop.read(one.at, one.more);
		case "count":
			return shop.count(one.sku, one.units);
		case "strategy":
			return setSkuStrategy(shop.ctx, shop.skus[one.sku] as string, one.to);
		case "bundle":
			return shop.bundle(one.units);
	}
}

describe("exposure", () => {
	it("X1 X3 is what the rows say after every step, and its hours are the integral of its history", async () => {
		let exposed = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 12 }),
				fc.array(step, { minLength: 8, maxLength: 16 }),
				async (onHand, steps) => {
					const shop = await Shop.open(onHand);
					await shop.look();
					for (const one of steps) {
						await take(shop, one);
						await shop.look();
					}
					for (const [skuId, changes] of shop.history) {
						const last = changes.at(-1)?.since ?? 0;
						const naive = changes.reduce(
							(sum, { since, units }, index) => sum + (units * ((changes[index + 1]?.since ?? last) - since)) / 1000,
							0,
						);
						const [row] = await database.ownerClient<
							{ hours: number[] }[]
						>`select hours from exposures where sku_id = ${skuId}`;
						const kept = row?.hours.reduce((sum, hour) => sum + hour, 0) ?? 0;
						expect(kept).toBeCloseTo(naive, 3);
						expect(Math.min(...(row?.hours ?? []))).toBeGreaterThanOrEqual(0);
						exposed += kept;
					}
				},
			),
			{ numRuns: 12 },
		);
		expect(exposed).toBeGreaterThan(0);
	});

	it("X2 is zero for as long as the stores split the stock, and not where they share it", async () => {
		const [split, shared] = [await Shop.open(9), await Shop.open(9)];
		await setSkuStrategy(split.ctx, split.skus[0] as string, "escrow");
		const most = { split: 0, shared: 0 };
		const look = async () => {
			most.split = Math.max(most.split, (await split.look())[0] ?? 0);
			most.shared = Math.max(most.shared, (await shared.look())[0] ?? 0);
		};
		for (let round = 0; round < 3; round++)
			for (let store = 0; store < stores; store++)
				for (const shop of [split, shared]) {
					await shop.write(store, "applied");
					await look();
					await shop.sell(store, 0, 1);
					await look();
				}
		expect(most.split).toBe(0);
		expect(most.shared).toBeGreaterThan(0);
	});

	it("counts what two stores may sell when both change at once, whichever is written down last", async () => {
		const shop = await Shop.open(6);
		const lamp = shop.skus[0] as string;
		const raise = (run: Statement, store: number) =>
			run`update slots set bound = 6 where channel_id = ${shop.channels[store] as string}::uuid and sku_id = ${lamp}::uuid`;
		let second: Promise<void> | undefined;
		await shop.run(async (run) => {
			await raise(run, 0);
			await recountWithOthers(run, [lamp]);
			second = shop.run(async (other) => {
				await raise(other, 1);
				await recountWithOthers(other, [lamp]);
			});
			await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0);
		});
		await second;
		expect((await shop.look())[0]).toBe(6);
	});

	it("leaves out a store that was disconnected", async () => {
		const shop = await Shop.open(6);
		for (let store = 0; store < stores; store++) await shop.write(store, "applied");
		expect((await shop.look())[0]).toBe(12);
		await disconnectChannel(shop.ctx, shop.channels[0] as string, "a store");
		expect((await shop.look())[0]).toBe(6);
	});

	it("leaves out listings that are no longer in the store", async () => {
		const shop = await Shop.open(6);
		for (let store = 0; store < stores; store++) await shop.write(store, "applied");
		await shop.run((run) => endUnseen(run, shop.target(1), new Date(Date.now() + 60_000)));
		const [row] = await database.ownerClient<{ units: number }[]>`
			select units from exposures where sku_id = ${shop.skus[0] as string}`;
		expect(row?.units).toBe(6);
	});

	it("is brought up to a moment as the rule says", async () => {
		const start = Date.parse("2026-11-30T10:17:03Z");
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.nat(9_000), { minLength: 24, maxLength: 24 }),
				fc.nat(30),
				fc.oneof(fc.nat(90_000), fc.nat(40 * hourMs), fc.constant(-5)),
				async (hours, units, laterMs) => {
					const now = start + laterMs;
					const [row] = await database.ownerClient<{ hours: number[] }[]>`
						select exposed(${hours}::float8[], ${units}, to_timestamp(${start / 1000}), to_timestamp(${now / 1000})) as hours`;
					const expected = passed({ units, since: start, hours }, now).hours;
					row?.hours.forEach((hour, index) => {
						expect(hour).toBeCloseTo(expected[index] as number, 3);
					});
				},
			),
			{ numRuns: 60 },
		);
	});
});
