/** What becomes of a live value: echo, unseen sale, edit, lost write; on real Postgres, against a scripted store. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Platform } from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { shopify } from "@/lib/channels/shopify";
import type { DriftClass, DriftPolicy } from "@/lib/stock/drift";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { WriteMode } from "@/lib/stock/write-mode";
import type { OpenConnection } from "../channels/open-connection";
import { setDriftPolicy } from "../channels/set-drift-policy";
import { decideConflict } from "../conflicts/decide-conflict";
import { systemContext } from "../context";
import { beginLoop } from "../sync/wake";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import type { SlotToRead } from "./due-reads";
import { readDueLevels, readLevels } from "./read-levels";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

/** A store that shows ten of a SKU of which there are ten, and whose list of orders is never behind. */
async function store(more: { policy?: DriftPolicy; writeMode?: WriteMode; platform?: Platform } = {}) {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	const skuId = await makeSku(database, merchant, "LAMP", 10);
	const listingId = await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 10 });
	const sql = database.ownerClient;
	await sql`update channels set drift_policy = ${more.policy ?? "master_wins"} where id = ${channelId}`;
	const state = { shows: 10, reads: 0, meanwhile: async () => {}, orders: [] as OrderSnapshot[] };
	const facts: PlatformFacts = { ...shopify.facts, writeMode: more.writeMode ?? "compare", orderListLagMs: 0 };
	const adapter: ChannelAdapter = {
		...shopify,
		facts,
		listOrders: async (_, since) => ({
			items: state.orders.filter(({ version }) => version.at > since.getTime()),
			next: null,
			total: null,
		}),
		readOrder: async (_, ref) => state.orders.find(({ orderRef }) => orderRef === ref) ?? null,
		readLevels: async (_, listings) => {
			state.reads += 1;
			await state.meanwhile();
			return listings.map(({ externalKey }) => ({ externalKey, quantity: state.shows, readAt: new Date() }));
		},
	};
	const open: OpenConnection = { adapter, connection: () => ({ http: {} }) as never };
	const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
	return {
		listingId,
		skuId,
		channelId,
		...merchant,
		state,
		/** News came that names the order, and nothing else of it. */
		async told(orderRef: string) {
			const body = JSON.stringify({ kind: "order_changed", orderRef });
			await sql`
				insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body)
				values (${merchant.merchantId}, ${channelId}, 'webhook', 'signal', ${crypto.randomUUID()}, ${Buffer.from(body)})`;
		},
		/** Makes the read due, as news would, and reads. */
		async read(hint: number | null = null) {
			await sql`update slots set read_due_at = coalesce(read_due_at, now()), hint = coalesce(${hint}, hint) where listing_id = ${listingId}`;
			await readDueLevels(database.client("app"), target, open);
		},
		/** The SKU that the listing shows: a bundle of two of another, of which there are twenty; or packs of six, of 64. */
		async isBundle() {
			const part = await makeSku(database, merchant, "PART", 20);
			await sql`update skus set is_bundle = 'yes' where id = ${skuId}`;
			await sql`insert into sku_components (merchant_id, bundle_id, component_id, units) values (${merchant.merchantId}, ${skuId}, ${part}, 2)`;
			return part;
		},
		async isPack() {
			await sql`update levels set on_hand = 64 where sku_id = ${skuId}`;
			await sql`update slots set units = 6 where listing_id = ${listingId}`;
		},
		/** The store sold, its stamp says so long ago, and nobody told. */
		sold(units: number, msAgo: number) {
			const at = Date.now() - msAgo;
			state.shows -= units;
			state.orders.push({
				orderRef: "o9",
				number: "#9",
				status: "open",
				placedAt: new Date(at).toISOString(),
				version: { at, step: 0 },
				lines: [{ lineRef: "1", listingRef: "lamp", sku: "LAMP", title: "Lamp", taken: units }],
			});
		},
		async verifiedMsAgo(ms: number) {
			await sql`update slots set verified_at = now() - ${ms}::int * interval '1 ms' where listing_id = ${listingId}`;
			await sql`update levels set counted_at = now() - interval '1 day' where sku_id = ${skuId}`;
			await sql`update channel_health set orders_cursor = now(), deep_polled_at = now() where channel_id = ${channelId}`;
		},
		async verifiedAt() {
			const [slot] = await sql<{ ms: number | null }[]>`
				select extract(epoch from verified_at)::float8 * 1000 as ms from slots where listing_id = ${listingId}`;
			return slot?.ms ?? null;
		},
		/** Reads though nothing is due, as the steady re-reading does. */
		async verify() {
			const slots = await sql<SlotToRead[]>`
				select s.id::float8 as id, 'lamp' as external_key, '{}'::jsonb as ids, expected_version::float8 from slots s where listing_id = ${listingId}`;
			return readLevels(database.client("app"), target, open, [...slots], null);
		},
		/** The platform's list lags, so that a difference waits for the order that may explain it. */
		lag(ms: number) {
			facts.orderListLagMs = ms;
		},
		async slot() {
			const [slot] = await sql<Record<string, unknown>[]>`
				select offered, expected, unexplained, read_due_at is not null as is_due, is_pending from slots where listing_id = ${listingId}`;
			return slot;
		},
		/** A write of ours from `expected` to `quantity` that the platform has accepted. */
		async wrote(expected: number, quantity: number, kind: "set" | "fence" = "set") {
			const pushId = crypto.randomUUID();
			await sql`
				insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
				select ${pushId}, id, merchant_id, channel_id, sku_id, ${kind}, ${quantity}, ${expected}, 1, 'applied', now() from slots where listing_id = ${listingId}`;
			await sql`update slots set expected = ${quantity} where listing_id = ${listingId}`;
			state.shows = quantity;
		},
		/** Our lowering of units too many, which goes before anything explains them. */
		async lowered(expected: number, quantity: number, outcome: "applied" | "unknown" = "applied") {
			await sql`
				insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
				select ${crypto.randomUUID()}, id, merchant_id, channel_id, sku_id, 'set', ${quantity}, ${expected}, 1, ${outcome}, now() from slots where listing_id = ${listingId}`;
			await sql`
				update slots set expected = expected + ${quantity}::int - ${expected}::int, expected_version = expected_version + 1,
					shown = ${quantity}, shown_at = null, shown_until = null, read_due_at = now() where listing_id = ${listingId}`;
			state.shows = quantity;
		},
		/** The store gave units back by itself, and tells of it now; `stampedAfterMs`: how long after our last write. */
		async returned(units: number, stampedAfterMs: number) {
			await sql`
				insert into orders (channel_id, order_ref, merchant_id, number, status, placed_at, version_at, version_step)
				values (${channelId}, 'o1', ${merchant.merchantId}, '#1', 'cancelled', now(), ${Date.now() + stampedAfterMs}, 0)`;
			await sql`
				insert into movements (merchant_id, sku_id, location_id, delta, balance, version, kind, cause_key, channel_id, order_ref)
				values (${merchant.merchantId}, ${skuId}, ${merchant.locationId}, ${units}, ${10 + units}, 2, 'order_returned', 'o1', ${channelId}, 'o1')`;
			await sql`
				update slots set offered = offered + ${units}::int, expected = expected + ${units}::int, expected_version = expected_version + 1
				where listing_id = ${listingId}`;
		},
		async edits() {
			const rows = await sql<{ delta: number }[]>`
				select delta from movements where sku_id = ${skuId} and kind = 'channel_edit' order by version`;
			return rows.map(({ delta }) => delta);
		},
		async driftClasses() {
			const rows = await sql<{ class: string }[]>`
				select data->>'class' as class from sync_log where merchant_id = ${merchant.merchantId} and kind = 'level.drift' order by id`;
			return rows.map((row) => row.class);
		},
	};
}

describe("a level that was read", () => {
	it("R6 is an echo when it is what we expect, and moves nothing", async () => {
		const shop = await store({ policy: "channel_counts" });
		await shop.read();
		expect(await shop.slot()).toMatchObject({ expected: 10, unexplained: 0, is_due: false, is_pending: false });
		expect(await shop.edits()).toEqual([]);
	});

	it("is written over where the master wins, and moves the stock where the channel's edit counts", async () => {
		const [master, counts] = [await store(), await store({ policy: "channel_counts" })];
		for (const shop of [master, counts]) {
			shop.state.shows = 7;
			await shop.read();
			await shop.read();
		}
		expect(await master.slot()).toMatchObject({ offered: 10, expected: 7, unexplained: 0, is_pending: true });
		expect(await master.edits()).toEqual([]);
		expect(await counts.slot()).toMatchObject({ offered: 7, expected: 7, unexplained: 0, is_pending: false });
		expect(await counts.edits()).toEqual([-3]);
	});

	it("wakes the other channels that sell what the channel's edit took", async () => {
		const shop = await store({ policy: "channel_counts" });
		const other = await makeChannel(database, { merchantId: shop.merchantId, locationId: shop.locationId });
		await makeListing(database, shop, other, "lamp", { skuId: shop.skuId, shown: 10 });
		const worker = beginLoop("work", other);
		shop.state.shows = 7;
		await shop.read();
		await shop.read();
		expect(await shop.edits()).toEqual([-3]);
		expect(worker?.end()).toBe(true);
	});

	it("R11 that nobody can have counted waits for a person, also where the channel's edit counts", async () => {
		const shop = await store({ policy: "channel_counts" });
		await shop.isPack();
		await shop.read();
		shop.state.shows = 999_999_999;
		await shop.read();
		await shop.read();
		expect(await shop.edits()).toEqual([]);
		expect(await shop.slot()).toMatchObject({ expected: 10, unexplained: 999_999_989 });
		const [conflict, ...more] = await database.ownerClient<{ id: string; kind: string; state: string }[]>`
			select id, kind, state from conflicts where channel_id = ${shop.channelId}`;
		expect(conflict).toMatchObject({ kind: "drift", state: "open" });
		expect(more).toEqual([]);
		const ctx = systemContext(shop.merchantId, database.db("app"));
		const decide = (choice: "take_channel" | "keep_ours") => decideConflict(ctx, { ids: [conflict?.id ?? ""], choice });
		await expect(decide("take_channel")).rejects.toThrow("would change what is on hand by 5,999,999,934");
		expect(await decide("keep_ours")).toEqual({ decided: 1, leftOver: 0 });
		expect(await shop.slot()).toMatchObject({ offered: 10, expected: 999_999_999, is_pending: true });
	});

	it("R6 is an edit when it goes back to what it was before our write, unless the write was blind and may be lost", async () => {
		for (const writeMode of ["compare", "delta"] as const) {
			const shop = await store({ policy: "channel_counts", writeMode });
			await shop.wrote(12, 10);
			shop.state.shows = 12;
			await shop.read();
			await shop.read();
			expect(await shop.driftClasses(), writeMode).toEqual(["manual_edit"]);
			expect(await shop.edits(), writeMode).toEqual([2]);
		}
		const blind = await store({ policy: "channel_counts", writeMode: "absolute" });
		await blind.wrote(12, 10);
		blind.state.shows = 12;
		await blind.read();
		await blind.read();
		expect(await blind.driftClasses()).toEqual(["lost_write"]);
		expect(await blind.edits()).toEqual([]);
	});

	it.each([
		["bundle", 7, "master_wins", { offered: 10, expected: 7, is_pending: true }, []],
		// As if three had been sold: two of the part for each.
		["bundle", 7, "channel_counts", { offered: 7, expected: 7, is_pending: false }, [-6]],
		["bundle", 7, "ask", { offered: 10, expected: 10, unexplained: -3 }, []],
		["rounding", 11, "master_wins", { offered: 10, expected: 11, is_pending: true }, []],
		["rounding", 11, "channel_counts", { offered: 11, expected: 11, is_pending: false }, [6]],
		["rounding", 11, "ask", { offered: 10, expected: 10, unexplained: 1 }, []],
	] as const)(
		"R7 of the class %s goes by the policy of that class, not by that of edits: %i shown, %s",
		async (driftClass, shows, policy, slot, edits) => {
			const shop = await store({ policy: policy === "ask" ? "master_wins" : "ask" });
			const moved = driftClass === "bundle" ? await shop.isBundle() : shop.skuId;
			if (driftClass === "rounding") await shop.isPack();
			const ctx = systemContext(shop.merchantId, database.db("app"));
			await setDriftPolicy(ctx, shop.channelId, { class: driftClass, policy });
			shop.state.shows = shows;
			await shop.read();
			await shop.read();
			expect(await shop.driftClasses()).toEqual([driftClass]);
			expect(await shop.slot()).toMatchObject(slot);
			const moves = await database.ownerClient<{ delta: number }[]>`
			select delta from movements where sku_id = ${moved} and kind = 'channel_edit'`;
			expect(moves.map(({ delta }) => delta)).toEqual(edits);
			const [asked] =
				await database.ownerClient`select count(*)::int as n from conflicts where merchant_id = ${shop.merchantId}`;
			expect(asked?.n).toBe(policy === "ask" ? 1 : 0);
		},
	);

	it("R7 a write of ours that was lost waits for a person where the channel says so, and never counts as an edit", async () => {
		const shop = await store({ policy: "channel_counts", writeMode: "absolute" });
		const ctx = systemContext(shop.merchantId, database.db("app"));
		const choose = (driftClass: DriftClass, policy: DriftPolicy) =>
			setDriftPolicy(ctx, shop.channelId, { class: driftClass, policy });
		await expect(choose("lost_write", "channel_counts")).rejects.toMatchObject({ reason: "policy_not_allowed" });
		await expect(choose("unseen_sale", "master_wins")).rejects.toMatchObject({ reason: "policy_not_allowed" });
		await choose("lost_write", "ask");
		await shop.wrote(12, 10);
		shop.state.shows = 12;
		await shop.read();
		await shop.read();
		expect(await shop.driftClasses()).toEqual(["lost_write"]);
		expect(await shop.slot()).toMatchObject({ expected: 10, unexplained: 2 });
		expect(await shop.edits()).toEqual([]);
	});

	it("R4 never counts a lost write as an edit, though a lowering has written the same once more before it was settled", async () => {
		const shop = await store({ policy: "channel_counts", writeMode: "absolute" });
		await shop.wrote(12, 10);
		shop.lag(60_000);
		shop.state.shows = 12;
		await shop.read();
		await shop.lowered(12, 10);
		shop.lag(0);
		await shop.read();
		expect(await shop.driftClasses()).toEqual(["lost_write"]);
		expect(await shop.edits()).toEqual([]);
	});

	it("R4 never counts the number from before a zero that went ahead of our write as an edit", async () => {
		const shop = await store({ policy: "channel_counts", writeMode: "absolute" });
		await shop.wrote(12, 0, "fence");
		await shop.wrote(0, 10);
		shop.state.shows = 12;
		await shop.read();
		await shop.read();
		expect(await shop.driftClasses()).toEqual(["lost_write"]);
		expect(await shop.edits()).toEqual([]);
	});

	it("R7 is a sale, and no edit, though its stamp is from long before the last poll: it is asked for as far back as the level was in order", async () => {
		for (const policy of ["master_wins", "channel_counts"] as const) {
			const shop = await store({ policy });
			await shop.verifiedMsAgo(40 * 60_000);
			shop.sold(3, 30 * 60_000);
			await shop.read();
			await shop.read();
			expect(await shop.driftClasses()).toEqual(["unseen_sale"]);
			expect(await shop.slot()).toEqual({ offered: 7, expected: 7, unexplained: 0, is_due: false, is_pending: false });
			expect(await shop.edits()).toEqual([]);
		}
	});

	it("R2 is a sale where the news of it only names the order, and the list of orders does not tell of it yet", async () => {
		const shop = await store();
		shop.sold(1, 0);
		await database.ownerClient`
			update channel_health set orders_cursor = now() + interval '1 minute', deep_polled_at = now() where channel_id = ${shop.channelId}`;
		await shop.told("o9");
		await shop.read();
		expect(await shop.slot()).toMatchObject({ offered: 9, expected: 9, unexplained: 0, is_pending: false });
	});

	it("that was in order, or was classified, is verified; one that waits for its explanation is not", async () => {
		const shop = await store({ policy: "ask" });
		expect(await shop.verifiedAt()).toBeNull();
		await shop.read();
		const inOrder = await shop.verifiedAt();
		expect(inOrder).not.toBeNull();
		shop.state.shows = 7;
		await shop.read();
		expect(await shop.verifiedAt()).toEqual(inOrder);
		await shop.read();
		expect(await shop.verifiedAt()).toBeGreaterThan(inOrder ?? 0);
	});

	it("is no edit when our own blind write landed on a return that it did not know of", async () => {
		const classes = async (stampedAfterMs: number) => {
			const shop = await store({ policy: "ask", writeMode: "absolute" });
			await shop.wrote(11, 10);
			await shop.returned(1, stampedAfterMs);
			await shop.read();
			await shop.read();
			return { classes: await shop.driftClasses(), slot: await shop.slot() };
		};
		expect(await classes(0)).toEqual({
			classes: ["hidden_return"],
			slot: { offered: 11, expected: 10, unexplained: 0, is_due: false, is_pending: true },
		});
		expect((await classes(60_000)).classes).toContain("manual_edit");
	});

	it("is told with the number that was found, though a lowering has set it back before anything could explain it", async () => {
		const found = { shown: 30, expected: 10, setBackTo: 10, class: "manual_edit" };
		for (const writeMode of ["compare", "absolute"] as const)
			for (const policy of ["master_wins", "channel_counts", "ask"] as const) {
				const shop = await store({ policy, writeMode });
				shop.lag(60_000);
				shop.state.shows = 30;
				await shop.read();
				// Whether or not its answer came.
				await shop.lowered(30, 10, policy === "channel_counts" ? "unknown" : "applied");
				shop.lag(0);
				await shop.read();
				const lines = await database.ownerClient<{ kind: string; data: object }[]>`
					select kind, data from sync_log where merchant_id = ${shop.merchantId} and kind like 'level.%' order by id`;
				expect(lines[0], `${writeMode} ${policy}`).toMatchObject({ kind: "level.drift", data: found });
				expect(await shop.edits()).toEqual(policy === "channel_counts" ? [20] : []);
				if (policy === "ask") {
					const conflicts =
						await database.ownerClient`select facts, units from conflicts where merchant_id = ${shop.merchantId}`;
					expect(conflicts).toEqual([
						{ facts: { base: 10, ours: 10, channel: 30, setBackTo: 10, class: "manual_edit" }, units: 20 },
					]);
					// As after a decision that was taken back.
					await database.ownerClient`update slots set unexplained_since = clock_timestamp() where listing_id = ${shop.listingId}`;
					await shop.read();
					expect(
						await database.ownerClient`select facts, units from conflicts where merchant_id = ${shop.merchantId}`,
					).toEqual(conflicts);
					expect(await shop.slot()).toMatchObject({ expected: -10, unexplained: 20 });
				} else {
					expect(lines[1]).toMatchObject({ kind: "level.healed", data: found });
					expect(await shop.slot()).toMatchObject({ expected: 10, unexplained: 0 });
				}
			}
	});

	it("that a person must judge is one conflict, and whoever wants to hear of conflicts is told once", async () => {
		const shop = await store({ policy: "ask" });
		const sql = database.ownerClient;
		await sql`
			insert into webhook_endpoints (merchant_id, url, events, sealed_secret, created_by)
			values (${shop.merchantId}, 'https://erp.example.com', '{conflict.opened}', '', ${shop.merchantId})`;
		shop.state.shows = 7;
		for (let read = 0; read < 3; read++) await shop.read();
		const [conflict] = await sql<{ id: string }[]>`select id from conflicts where merchant_id = ${shop.merchantId}`;
		const told = await sql`select event, data from webhook_messages where merchant_id = ${shop.merchantId}`;
		expect(told).toEqual([
			{
				event: "conflict.opened",
				data: {
					id: conflict?.id,
					kind: "drift",
					skuId: shop.skuId,
					channelId: shop.channelId,
					units: 3,
					orderNumber: null,
				},
			},
		]);
	});

	it("that waits for a person is told once, however often it is read, and again when it has changed", async () => {
		const shop = await store({ policy: "ask" });
		shop.state.shows = 7;
		for (let read = 0; read < 4; read++) await shop.read();
		expect(await shop.driftClasses()).toEqual(["manual_edit"]);
		shop.state.shows = 6;
		for (let read = 0; read < 4; read++) await shop.read();
		expect(await shop.driftClasses()).toEqual(["manual_edit", "manual_edit"]);
	});

	it("waits for its explanation, though the webhook that asked for the read names the very same number", async () => {
		const shop = await store({ policy: "channel_counts" });
		shop.lag(60_000);
		shop.state.shows = 7;
		await shop.read(7);
		expect(await shop.slot()).toMatchObject({ expected: 10, unexplained: -3, is_due: true });
		await database.ownerClient`update slots set read_due_at = now() where listing_id = ${shop.listingId}`;
		await shop.read();
		expect(await shop.slot()).toMatchObject({ unexplained: -3, is_due: true });
		shop.lag(0);
		await database.ownerClient`update slots set read_due_at = now() where listing_id = ${shop.listingId}`;
		await shop.read();
		expect(await shop.edits()).toEqual([-3]);
	});

	it("says nothing when news came while it was read, and is read again only where something had demanded it", async () => {
		for (const isDemanded of [false, true]) {
			const shop = await store();
			const saleOfOne = () => database.ownerClient`
				update slots set expected = 9, offered = 9, expected_version = expected_version + 1,
					read_due_at = case when ${isDemanded} then now() end where listing_id = ${shop.listingId}`;
			shop.state.meanwhile = async () => void (await saleOfOne());
			expect(await shop.verify()).toEqual(["void"]);
			expect(await shop.slot()).toMatchObject({ expected: 9, unexplained: 0, is_due: isDemanded });
		}
	});

	it("locks the stock that an edit may move before its slot, as everybody does", async () => {
		const shop = await store({ policy: "channel_counts" });
		shop.state.shows = 7;
		await shop.read();
		await database.ownerClient`update slots set read_due_at = now() where listing_id = ${shop.listingId}`;
		let reading: Promise<void> = Promise.resolve();
		await database.ownerClient.begin(async (tx) => {
			await tx`select from levels where sku_id = ${shop.skuId} for update`;
			reading = shop.read();
			const waiting = () =>
				tx`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
			await expect.poll(async () => (await waiting()).length).toBe(1);
			await tx`select from slots where listing_id = ${shop.listingId} for update nowait`;
		});
		await reading;
		expect(await shop.edits()).toEqual([-3]);
	});

	it("needs no call when the number that was told has become what we expect", async () => {
		const shop = await store();
		await database.ownerClient`update slots set expected = 9 where listing_id = ${shop.listingId}`;
		shop.state.shows = 9;
		await shop.read(9);
		expect(shop.state.reads).toBe(0);
		expect(await shop.slot()).toMatchObject({ expected: 9, is_due: false });
	});
});
