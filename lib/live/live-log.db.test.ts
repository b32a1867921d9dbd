import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { systemContext } from "@/lib/services/context";
import { logFeedFor } from "@/lib/services/log/feeds";
import { readHorizon, readLogAfter } from "@/lib/services/log/read-after";
import { closeBuses } from "./bus";
import { type Cursor, compareCursors, readCursor, writeCursor } from "./cursor";
import { eventStream } from "./event-stream";
import { closeNotifiers, notifyLog } from "./notify";

let database: TestDatabase;
let merchantId: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(async () => {
	await Promise.all([closeBuses(), closeNotifiers()]);
	await database.close();
});

async function newMerchant(): Promise<void> {
	merchantId = randomUUID();
	await database.ownerClient`insert into merchants (id, name, slug) values (${merchantId}, 'Nordlicht', ${merchantId})`;
}

/**
 * Six transactions at once, each taking its ids early and committing when it likes: ids and commits are out of order by
 * up to 40 ms. Returns how many rows were committed.
 */
async function writeOutOfOrder(writers: number, transactions: number, rows: number): Promise<number> {
	const sql = database.client("app");
	await Promise.all(
		Array.from({ length: writers }, async (_, writer) => {
			for (let nth = 0; nth < transactions; nth++) {
				await sql.begin(async (tx) => {
					await tx`select set_config('onecount.merchant_id', ${merchantId}, true)`;
					for (let row = 0; row < rows; row++)
						await tx`insert into sync_log (merchant_id, kind, state, data) values (${merchantId}, 'channel.back', 'ok',
							jsonb_build_object('name', ${`${writer}/${nth}/${row}`}::text))`;
					await sleep(((writer * 7 + nth * 13) % 5) * 10);
				});
				notifyLog(merchantId);
			}
		}),
	);
	return writers * transactions * rows;
}

const committed = async () =>
	(
		await database.ownerClient<{ id: number }[]>`
			select id::float8 as id from sync_log where merchant_id = ${merchantId} order by tx, sync_log.id`
	).map(({ id }) => id);

/** A browser: reads the stream, remembers the last id, and comes again whenever the connection ends. */
function browser(from: Cursor, options: { dropAfterRows?: number } = {}) {
	const ids: number[] = [];
	let lastEventId = writeCursor(from);
	let connections = 0;
	let abort = new AbortController();
	let isDone = false;
	async function connect(): Promise<void> {
		while (!isDone) {
			connections++;
			abort = new AbortController();
			const stream = eventStream({
				signal: abort.signal,
				from: lastEventId,
				follow: (follower) => logFeedFor(merchantId, database.url).follow(readCursor(lastEventId) as Cursor, follower),
				isAllowed: async () => true,
			});
			const reader = stream
				.pipeThrough(new TextDecoderStream() as never)
				.getReader() as ReadableStreamDefaultReader<string>;
			let text = "";
			let sinceConnect = 0;
			for (;;) {
				const { value, done } = await reader.read();
				if (done) break;
				text += value;
				const events = text.split("\n\n");
				text = events.pop() ?? "";
				for (const event of events) {
					const id = /^id: (.+)$/m.exec(event)?.[1];
					if (!/^event: lines$/m.test(event) || !id) continue;
					const { lines } = JSON.parse(/^data: (.+)$/m.exec(event)?.[1] ?? "") as { lines: { id: number }[] };
					ids.push(...lines.map((line) => line.id));
					lastEventId = id;
					sinceConnect += lines.length;
				}
				if (options.dropAfterRows && sinceConnect >= options.dropAfterRows) abort.abort();
			}
		}
	}
	const ended = connect();
	return {
		ids,
		connections: () => connections,
		close: async () => {
			isDone = true;
			abort.abort();
			await ended;
		},
	};
}

async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
	for (const deadline = Date.now() + ms; !(await condition()); await sleep(10))
		if (Date.now() > deadline) throw new Error("waited in vain");
}

test("six writers commit out of order: every browser sees every row once and in order, over reconnects too", async () => {
	await newMerchant();
	const ctx = systemContext(merchantId, database.db("app"));
	const from = await readHorizon(ctx);
	const steady = browser(from);
	const flaky = browser(from, { dropAfterRows: 40 });
	const writing = writeOutOfOrder(6, 40, 5);
	// One comes in the middle, with the cursor of a page that was read then.
	await until(() => steady.ids.length > 200);
	const middle = browser(from);
	const rows = await writing;
	await until(() => [steady, flaky, middle].every(({ ids }) => ids.length >= rows));
	// Nothing more comes than was written.
	await sleep(300);
	const expected = await committed();
	expect(expected).toHaveLength(rows);
	for (const { ids } of [steady, flaky, middle]) expect(ids).toEqual(expected);
	expect(flaky.connections()).toBeGreaterThan(3);
	await Promise.all([steady.close(), flaky.close(), middle.close()]);
	expect(logFeedFor(merchantId, database.url).followers).toBe(0);
});

test("the twin that goes by ids alone misses rows of the same writers", async () => {
	await newMerchant();
	const seen = new Set<number>();
	let last = 0;
	let isWriting = true;
	const reading = (async () => {
		for (;;) {
			const wasWriting = isWriting;
			const rows = await database.ownerClient<{ id: number }[]>`
				select id::float8 as id from sync_log where merchant_id = ${merchantId} and id > ${last} order by id`;
			for (const { id } of rows) seen.add(id);
			last = rows.at(-1)?.id ?? last;
			if (!wasWriting) return;
			await sleep(5);
		}
	})();
	const rows = await writeOutOfOrder(6, 30, 5);
	isWriting = false;
	await reading;
	expect(seen.size).toBeLessThan(rows);
});

test("a row that an older open transaction holds back comes by itself when that ends", async () => {
	await newMerchant();
	const ctx = systemContext(merchantId, database.db("app"));
	const reader = browser(await readHorizon(ctx));
	let release = () => {};
	const held = new Promise<void>((resolve) => {
		release = resolve;
	});
	const older = database.ownerClient.begin(async (tx) => {
		await tx`select pg_current_xact_id()`;
		await held;
	});
	await sleep(50);
	await writeOutOfOrder(1, 1, 3);
	await sleep(300);
	expect(reader.ids).toEqual([]);
	expect((await readLogAfter(ctx, { tx: "0", id: 0 })).isHeldBack).toBe(true);
	release();
	await older;
	await until(() => reader.ids.length === 3);
	await reader.close();
});

test("the LISTEN connection is killed: readers go on by themselves", async () => {
	await newMerchant();
	const reader = browser(await readHorizon(systemContext(merchantId, database.db("app"))));
	await writeOutOfOrder(1, 1, 1);
	await until(() => reader.ids.length === 1);
	const killed = await database.ownerClient`
		select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'onecount-live' and datname = current_database()`;
	expect(killed.length).toBeGreaterThan(0);
	await writeOutOfOrder(1, 1, 1);
	await until(() => reader.ids.length === 2);
	// And the new connection is told, rather than the sweep finding it.
	await until(async () => {
		const [row] = await database.ownerClient`
			select count(*)::int as n from pg_stat_activity where application_name = 'onecount-live' and datname = current_database()`;
		return row?.n === 1;
	});
	await reader.close();
});

test("a browser that doesn't read is let go, and misses nothing when it comes again", async () => {
	await newMerchant();
	const from = await readHorizon(systemContext(merchantId, database.db("app")));
	let left = 0;
	const slow = eventStream({
		signal: new AbortController().signal,
		from: "1-0",
		follow: (follower) => {
			const leave = logFeedFor(merchantId, database.url).follow(from, follower);
			return () => {
				left++;
				leave();
			};
		},
		isAllowed: async () => true,
		backlogBytes: 20_000,
	});
	const rows = await writeOutOfOrder(4, 10, 20);
	await until(() => left === 1);
	await slow.cancel();
	const again = browser(from);
	await until(() => again.ids.length === rows);
	expect(again.ids).toEqual(await committed());
	await again.close();
});

test("a member who was removed stops hearing", async () => {
	await newMerchant();
	let isMember = true;
	const stream = eventStream({
		signal: new AbortController().signal,
		from: "1-0",
		follow: () => () => {},
		isAllowed: async () => isMember,
		beatMs: 20,
	});
	const reader = stream.getReader();
	await reader.read();
	isMember = false;
	await until(async () => (await reader.read()).done);
});

test("another merchant's rows never enter the stream", async () => {
	await newMerchant();
	const mine = merchantId;
	const reader = browser(await readHorizon(systemContext(mine, database.db("app"))));
	await newMerchant();
	await writeOutOfOrder(2, 2, 2);
	notifyLog(mine);
	await sleep(300);
	expect(reader.ids).toEqual([]);
	merchantId = mine;
	await reader.close();
});

test("cursors are exact beyond 2^53 and refuse what is none", () => {
	const big = { tx: "18446744073709551615", id: 7 };
	expect(readCursor(writeCursor(big))).toEqual(big);
	expect(compareCursors({ tx: "9", id: 5 }, { tx: "10", id: 1 })).toBeLessThan(0);
	for (const text of ["", "12", "18446744073709551616-1", "1-2-3", "x-1"]) expect(readCursor(text)).toBeNull();
});
