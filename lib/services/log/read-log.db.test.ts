import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { emptyFilter, type LogOutcome } from "@/lib/format/log-filter";
import { plainSentence } from "@/lib/format/log-line";
import { type Context, systemContext } from "../context";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { appendLog, type LogLine } from "./append-log";
import { readLogAfter } from "./read-after";
import { readHistogram } from "./read-histogram";
import { readLogLine } from "./read-line";
import { type ReadLogInput, readLog } from "./read-log";
import { readMinutes } from "./read-minutes";
import { readProgress } from "./read-progress";

let database: TestDatabase;
let merchant: FixtureMerchant;
let ctx: Context;
let shopify: string;
let amazon: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
	merchant = await makeMerchant(database);
	ctx = systemContext(merchant.merchantId, database.db("app"));
	shopify = await makeChannel(database, merchant, { name: "nordlicht.myshopify.com" });
	amazon = await makeChannel(database, merchant, { name: "Amazon DE", platform: "amazon" });
});

const append = (...lines: LogLine[]) =>
	asMerchant(ctx.db, merchant.merchantId, (tx) => appendLog(statementsOf(tx), merchant.merchantId, lines));

const sale = (skuId: string, version: number, more: Partial<LogLine> = {}): LogLine => ({
	kind: "stock.changed",
	state: "ok",
	channelId: shopify,
	skuId,
	skuVersion: version,
	orderRef: `gid-${version}`,
	data: { from: 10 - version, to: 9 - version, cause: "order", orderNumber: `#${1000 + version}` },
	...more,
});

/** Files that run beside this one share the server, and their open transactions hold readers back. */
async function settled(): Promise<void> {
	const { merchantId } = merchant;
	await vi.waitUntil(
		async () => {
			const [row] = await database.ownerClient<{ is_settled: boolean }[]>`
				select coalesce(max(tx) < pg_snapshot_xmin(pg_current_snapshot()), true) as is_settled
				from sync_log where merchant_id = ${merchantId}`;
			return row?.is_settled;
		},
		{ timeout: 20_000, interval: 10 },
	);
}

async function readNow(input: ReadLogInput = {}) {
	await settled();
	return readLog(ctx, input);
}

async function readAll(input: ReadLogInput = {}): Promise<number[]> {
	const ids: number[] = [];
	let page = await readNow(input);
	for (;;) {
		ids.push(...page.lines.map(({ id }) => id));
		if (!page.next) return ids;
		page = await readLog(ctx, { ...input, before: page.next, horizon: page.horizon });
	}
}

test("pages go on exactly, also through lines of one microsecond", async () => {
	const { merchantId } = merchant;
	await database.ownerClient`
		insert into sync_log (merchant_id, kind, state, at)
		select ${merchantId}, 'channel.back', 'ok', '2026-11-20T10:00:00.000001Z'::timestamptz + (g / 10) * interval '1 us'
		from generate_series(0, 94) g`;
	const ids = await readAll({ limit: 10 });
	expect(ids).toHaveLength(95);
	expect(new Set(ids).size).toBe(95);
	expect(ids).toEqual([...ids].sort((a, b) => b - a));
});

test("history and the stream that starts at its horizon share no line and miss none", async () => {
	let release = () => {};
	const gate = new Promise<void>((resolve) => {
		release = resolve;
	});
	let hasInserted = () => {};
	const inserted = new Promise<void>((resolve) => {
		hasInserted = resolve;
	});
	// Takes its ids before the others and commits after them.
	const late = asMerchant(ctx.db, merchant.merchantId, async (tx) => {
		await appendLog(statementsOf(tx), merchant.merchantId, [{ kind: "channel.paused", state: "hold" }]);
		hasInserted();
		await gate;
	});
	await inserted;
	await append({ kind: "channel.back", state: "ok" }, { kind: "channel.back", state: "ok" });
	const page = await readLog(ctx, {});
	release();
	await late;
	await settled();
	const live = await readLogAfter(ctx, { tx: page.horizon, id: 0 });
	const ids = [...page.lines.map(({ id }) => id), ...live.rows.map(({ row }) => row.id)];
	expect(new Set(ids).size).toBe(ids.length);
	expect(ids).toHaveLength(3);
});

test("chips find a line by channel, SKU, order, outcome and cause, and nothing else", async () => {
	const lamp = await makeSku(database, merchant, "TL-400", 3);
	const tarp = await makeSku(database, merchant, "TRP-33", 3);
	await database.ownerClient`
		insert into orders (channel_id, order_ref, merchant_id, number, status, placed_at, version_at, version_step)
		values (${shopify}, 'gid-1', ${merchant.merchantId}, '#1001', 'open', now(), 1, 0)`;
	await append(
		sale(lamp, 1),
		sale(tarp, 2, { channelId: amazon, data: { from: 1, to: 2, cause: "order_returned", orderNumber: "302-118" } }),
		{ kind: "level.drift", state: "warn", channelId: amazon, skuId: lamp, data: { shown: 12, expected: 7 } },
		{ kind: "push.applied", state: "ok", channelId: amazon, skuId: lamp, skuVersion: 1, data: { ms: 40 } },
	);
	const said = async (filter: Partial<typeof emptyFilter>) =>
		(await readNow({ filter: { ...emptyFilter, ...filter } })).lines.map(({ kind }) => kind).reverse();

	expect(await said({})).toEqual(["stock.changed", "stock.changed", "level.drift"]);
	expect(await said({ channelIds: [amazon] })).toEqual(["stock.changed", "level.drift"]);
	expect(await said({ skus: ["tl-400"] })).toEqual(["stock.changed", "level.drift"]);
	expect(await said({ skus: ["tl-400", "TRP-33"] })).toEqual(["stock.changed", "stock.changed", "level.drift"]);
	expect(await said({ skus: ["nothing"] })).toEqual([]);
	expect(await said({ orders: ["1001"] })).toEqual(["stock.changed"]);
	expect(await said({ orders: ["gid-2"] })).toEqual(["stock.changed"]);
	expect(await said({ orders: ["gid-2"], skus: ["tl-400"] })).toEqual([]);
	expect(await said({ skus: ["trp-33"], text: "tl-4" })).toEqual([]);
	expect(await said({ outcomes: ["drift"] })).toEqual(["level.drift"]);
	expect(await said({ causes: ["return"] })).toEqual(["stock.changed"]);
	expect(await said({ causes: ["write"] })).toEqual(["push.applied"]);
	expect(await said({ text: "trp" })).toEqual(["stock.changed"]);
	expect(await said({ text: `"{}\\%` })).toEqual([]);
});

test("a rare outcome far back is found over several pages, none of which reads the whole log", async () => {
	const { merchantId } = merchant;
	await database.ownerClient`
		insert into sync_log (merchant_id, kind, state, at)
		select ${merchantId}, 'channel.back', case when g = 1 then 'bad' else 'ok' end, now() - interval '2 h' + g * interval '1 ms'
		from generate_series(1, 45000) g`;
	const filter = { ...emptyFilter, outcomes: ["oversold" as const] };
	const first = await readNow({ filter });
	expect(first.lines).toEqual([]);
	expect(first.next).not.toBeNull();
	expect(await readAll({ filter })).toHaveLength(1);
});

test("a change is on its way until each selling channel shows it, and says how long the last one took", async () => {
	const lamp = await makeSku(database, merchant, "TL-400", 3);
	await makeListing(database, merchant, shopify, "s1", { skuId: lamp, shown: 3 });
	await makeListing(database, merchant, amazon, "a1", { skuId: lamp, shown: 3 });
	const sql = database.ownerClient;
	// The sale was Shopify's own, so it needs no write; Amazon has to be told.
	await sql`update slots set offered = 2, expected = 2, confirmed_sku_version = 2 where channel_id = ${shopify}`;
	await sql`update slots set offered = 2, sku_version = 2 where channel_id = ${amazon}`;
	await append(sale(lamp, 2));
	const [before] = (await readNow()).lines;
	expect(before).toMatchObject({ state: "go", detail: "1 of 2" });
	const outcome = async (word: "on its way" | "in step") =>
		(await readNow({ filter: { ...emptyFilter, outcomes: [word] } })).lines.length;
	expect([await outcome("on its way"), await outcome("in step")]).toEqual([1, 0]);
	// Short spans are counted from the rows, longer ones from the minutes: both say what the line says.
	const facets = async (spanMs: number, outcomes: LogOutcome[] = []) => {
		const to = Date.now() + 1_000;
		return (await readHistogram(ctx, { from: to - spanMs, to, filter: { ...emptyFilter, outcomes } })).facets.states;
	};
	for (const spanMs of [60_000, 3_600_000]) {
		expect(await facets(spanMs)).toEqual({ go: 1 });
		expect(await facets(spanMs, ["in step"])).toEqual({});
		expect(await facets(spanMs, ["on its way"])).toEqual({ go: 1 });
	}

	const [push] = await sql`
		insert into pushes (merchant_id, channel_id, items, outcome, claimed_at, sent_at, finished_at)
		select ${merchant.merchantId}, ${amazon}, 1, 'applied', at + interval '20 ms', at + interval '25 ms', at + interval '900 ms'
		from sync_log where merchant_id = ${merchant.merchantId} returning id`;
	await sql`
		insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
		select ${push?.id}, s.id, s.merchant_id, s.channel_id, s.sku_id, 'set', 2, 3, 2, 'applied', l.at + interval '900 ms'
		from slots s, sync_log l where s.channel_id = ${amazon} and l.merchant_id = ${merchant.merchantId}`;
	await sql`update slots set expected = 2, confirmed_sku_version = 2 where channel_id = ${amazon}`;
	const id = before?.id ?? 0;
	expect(await readProgress(ctx, { ids: [id] })).toEqual([
		{ id, state: "ok", detail: "0.9 s", longDetail: "2 of 2 · 0.9 s" },
	]);
	expect([await outcome("on its way"), await outcome("in step")]).toEqual([0, 1]);
	for (const spanMs of [60_000, 3_600_000]) expect(await facets(spanMs)).toEqual({ ok: 1 });

	const chain = await readLogLine(ctx, id);
	expect(chain.steps.map(({ label, note }) => `${label}: ${note}`)).toEqual([
		"Amazon DE: set 2, was 3, confirmed",
		"nordlicht.myshopify.com: its own sale, nothing to send",
	]);
	expect(chain.pushes).toHaveLength(1);
	expect(plainSentence(chain.line.parts)).toBe("TL-400 8 → 7 after Shopify order #1002");
});

test("a number that is set back is on its way until it was written, in the log and in its numbers alike", async () => {
	const lamp = await makeSku(database, merchant, "TL-400", 12);
	const listingId = await makeListing(database, merchant, amazon, "a1", { skuId: lamp, shown: 12 });
	const sql = database.ownerClient;
	await sql`update slots set expected = 5 where channel_id = ${amazon}`;
	const data = { shown: 5, expected: 12, offered: 12, class: "manual_edit" };
	await append({ kind: "level.healed", state: "ok", channelId: amazon, skuId: lamp, skuVersion: 1, listingId, data });
	const seen = async () => {
		const [line] = (await readNow()).lines;
		const to = Date.now() + 1_000;
		const facets = [];
		for (const spanMs of [60_000, 3_600_000])
			facets.push((await readHistogram(ctx, { from: to - spanMs, to, filter: emptyFilter })).facets.states);
		const onItsWay = await readNow({ filter: { ...emptyFilter, outcomes: ["on its way"] } });
		return { state: line?.state, facets, isFound: onItsWay.lines.length === 1 };
	};
	expect(await seen()).toEqual({ state: "go", facets: [{ go: 1 }, { go: 1 }], isFound: true });
	await sql`
		insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
		select gen_random_uuid(), id, merchant_id, channel_id, sku_id, 'compare', 12, 5, 1, 'applied', clock_timestamp() from slots where channel_id = ${amazon}`;
	// Something else has to be written by now: that is another line's.
	await sql`update slots set expected = 12, offered = 11 where channel_id = ${amazon}`;
	expect(await seen()).toEqual({ state: "ok", facets: [{ ok: 1 }, { ok: 1 }], isFound: false });
});

test("a sale out of a store's own part of a split stock is told to all at once, whatever is written there later", async () => {
	const lamp = await makeSku(database, merchant, "TL-400", 3);
	await makeListing(database, merchant, shopify, "s1", { skuId: lamp, shown: 2 });
	await makeListing(database, merchant, amazon, "a1", { skuId: lamp, shown: 2 });
	// The other's part is being dealt anew.
	await database.ownerClient`update slots set offered = 1 where channel_id = ${amazon}`;
	const seen = async (version: number, isSplit: boolean) => {
		const line = sale(lamp, version);
		await append({ ...line, data: { ...line.data, ...(isSplit && { isSplit }) } });
		const [newest] = (await readNow()).lines;
		return [newest?.state, newest?.detail];
	};
	expect(await seen(2, false)).toEqual(["go", "1 of 2"]);
	expect(await seen(3, true)).toEqual(["ok", "2 of 2"]);
});

test("a change counts from when it happened in the store, though its news came late; a stamp alone proves no whole second", async () => {
	const lamp = await makeSku(database, merchant, "TL-400", 3);
	await makeListing(database, merchant, shopify, "s1", { skuId: lamp, shown: 2 });
	await makeListing(database, merchant, amazon, "a1", { skuId: lamp, shown: 2 });
	const sql = database.ownerClient;
	await sql`update slots set confirmed_sku_version = 9 where sku_id = ${lamp}`;
	const told = async (version: number, stampedAgoMs: number) => {
		const now = Date.now();
		const [mail] = await sql<{ id: number }[]>`
			insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body, received_at, state)
			values (${merchant.merchantId}, ${shopify}, 'webhook', 'orders/create', ${`o${version}`}, '', to_timestamp(${now}::float8 / 1000), 1) returning id::float8 as id`;
		const line = sale(lamp, version, { inboxId: mail?.id ?? null });
		await append({ ...line, data: { ...line.data, happenedAt: now - stampedAgoMs } });
		await sql`
			insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
			select gen_random_uuid(), id, merchant_id, channel_id, sku_id, 'set', 2, 3, ${version}, 'applied', to_timestamp(${now + 2_000}::float8 / 1000)
			from slots where channel_id = ${amazon}`;
		const [newest] = (await readNow()).lines;
		return { detail: newest?.detail, chain: await readLogLine(ctx, newest?.id ?? 0) };
	};
	const late = await told(2, 34_000);
	expect(late.detail).toBe("36 s");
	expect(late.chain.steps[0]).toMatchObject({ label: "In the store", note: "news came after 34 s" });
	for (const [version, stampedAgoMs] of [
		[3, 900],
		[4, -5_000],
	] as const) {
		const prompt = await told(version, stampedAgoMs);
		expect(prompt.detail).toBe("2.0 s");
		expect(prompt.chain.steps[0]?.key).toBe("mail");
	}
	const { minutes } = await asMerchant(ctx.db, merchant.merchantId, (tx) =>
		readMinutes(tx, merchant.merchantId, Date.now() - 60_000, Date.now() + 1_000, Date.now()),
	);
	expect(minutes.flatMap(({ lags }) => lags.all ?? []).sort((a, b) => b - a)).toEqual([36_000, 2_000, 2_000]);
});

test("a sale that nobody else has to be told of is counted and timed nowhere", async () => {
	const lamp = await makeSku(database, merchant, "TL-400", 3);
	await makeListing(database, merchant, shopify, "s1", { skuId: lamp, shown: 2 });
	await append(sale(lamp, 2));
	expect((await readNow()).lines).toMatchObject([{ state: "ok", detail: "—", longDetail: "—" }]);

	// Amazon sells it too and shows the number already: both are in step, and no time passed for either.
	await makeListing(database, merchant, amazon, "a1", { skuId: lamp, shown: 2 });
	expect((await readNow()).lines).toMatchObject([{ state: "ok", longDetail: "2 of 2" }]);
});

test("a channel that was switched on later is not among those that a change had to reach", async () => {
	const lamp = await makeSku(database, merchant, "TL-400", 3);
	await makeListing(database, merchant, shopify, "s1", { skuId: lamp, shown: 2 });
	await makeListing(database, merchant, amazon, "a1", { skuId: lamp, shown: 3 });
	const sql = database.ownerClient;
	await sql`update slots set offered = 2, sku_version = 2 where channel_id = ${amazon}`;
	await append(sale(lamp, 2));
	expect((await readNow()).lines).toMatchObject([{ state: "go", detail: "1 of 2" }]);
	await sql`update channels set pushing_since = now() + interval '1 s' where id = ${amazon}`;
	const [line] = (await readNow()).lines;
	expect(line).toMatchObject({ state: "ok", detail: "—" });
	expect((await readLogLine(ctx, line?.id ?? 0)).steps.map(({ label }) => label)).toEqual(["nordlicht.myshopify.com"]);
});

test("minutes that were kept count what the rows say, and are counted once", async () => {
	const { merchantId } = merchant;
	await database.ownerClient`
		insert into sync_log (merchant_id, kind, state, channel_id, at)
		select ${merchantId}, 'level.drift', case when g % 4 = 0 then 'warn' else 'ok' end,
			case when g % 2 = 0 then ${shopify}::uuid else ${amazon}::uuid end, now() - g * interval '20 s'
		from generate_series(1, 540) g`;
	const now = ctx.now().getTime();
	const range = { from: now - 3 * 3_600_000, to: now };
	const sum = (bars: { lines: number; troubles: number }[]) =>
		bars.reduce((total, bar) => ({ lines: total.lines + bar.lines, troubles: total.troubles + bar.troubles }), {
			lines: 0,
			troubles: 0,
		});
	const first = await readHistogram(ctx, range);
	expect(first.isWhole).toBe(true);
	expect(sum(first.bars).troubles).toBe(sum(first.bars).lines / 4);
	const direct = await database.ownerClient<{ n: number }[]>`
		select count(*)::int as n from sync_log where merchant_id = ${merchantId} and at >= to_timestamp(${first.from / 1000})`;
	expect(sum(first.bars).lines).toBe(direct[0]?.n);
	// The kept minutes answer from here on.
	await database.ownerClient`delete from sync_log where merchant_id = ${merchantId} and at < now() - interval '10 min'`;
	expect(sum((await readHistogram(ctx, range)).bars).lines).toBe(direct[0]?.n);
	const amazonOnly = await readHistogram(ctx, { ...range, filter: { ...emptyFilter, channelIds: [amazon] } });
	expect(sum(amazonOnly.bars)).toEqual({ lines: 270, troubles: 0 });
});

test("another merchant's lines, minutes and chains are not there", async () => {
	await append({ kind: "channel.back", state: "ok" });
	const [line] = (await readNow()).lines;
	const other = systemContext((await makeMerchant(database)).merchantId, database.db("app"));
	expect((await readLog(other, {})).lines).toEqual([]);
	await expect(readLogLine(other, line?.id ?? 0)).rejects.toMatchObject({ reason: "not_found" });
	expect(await readProgress(other, { ids: [line?.id ?? 0] })).toEqual([]);
});
