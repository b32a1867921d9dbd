/** What may go wrong around the engine, and what must not come of it. */
import { spawn } from "node:child_process";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dbRoles } from "@/db/roles";
import { createEngine, engineHealth, httpTransport, inProcessTransport, type Transport } from ".";
import { defaultSettings } from "./settings";
import { mendRuns, sweep } from "./sweep";
import {
	embeddedApp,
	type Harness,
	newTag,
	openHarness,
	pause,
	serveApp,
	testKeys,
	times,
	whats,
} from "./testing/harness";

let harness: Harness;
const open = async () => {
	harness = await openHarness();
};
const close = () => harness.close();

/** Connections that only this executor uses, as in a process of its own. */
const ownConnections = () =>
	postgres(harness.database.url, {
		max: 4,
		onnotice: () => {},
		connection: { role: dbRoles.engine, application_name: "onecount-engine-own" },
	});

const sendNothing = (app: ReturnType<typeof embeddedApp>, tag: string, count = 1) =>
	app.inngest.send(Array.from({ length: count }, (_, n) => ({ name: "conf/nothing", data: { tag, n } })));

const leftovers = async () => {
	const [row] = await harness.database.ownerClient`
		select (select count(*)::int from engine.queue) as queue, (select count(*)::int from engine.slots) as slots,
			(select count(*)::int from engine.runs where status = 'failed') as failed`;
	return row;
};

/** Once the last answers are written down. */
const untilIdle = async () => {
	for (const end = Date.now() + 10_000; Date.now() < end; await pause(25))
		if ((await leftovers())?.queue === 0) return leftovers();
	return leftovers();
};

function gates() {
	const opened = new Set<string>();
	return {
		gate: async (tag: string) => {
			while (!opened.has(tag)) await pause(10);
		},
		open: (tag: string) => opened.add(tag),
	};
}

describe("an app that cannot be called", () => {
	beforeAll(open);
	afterAll(close);

	it("costs no attempt: calls wait until it answers again", async () => {
		const app = embeddedApp(harness);
		const real = inProcessTransport(app.handler);
		let isDown = false;
		let refused = 0;
		const transport: Transport = {
			...real,
			send: (request) => {
				if (!isDown) return real.send(request);
				refused += 1;
				return Promise.reject(new Error("connect ECONNREFUSED"));
			},
		};
		const engine = harness.startEngine(app, { transport });
		app.use(engine);
		await engine.ready;
		isDown = true;
		const tag = newTag();
		await sendNothing(app, tag, 3);
		await expect.poll(() => refused).toBeGreaterThanOrEqual(5);
		expect(engine.unreachable()).toMatch(/ECONNREFUSED/);
		expect(await harness.seen(tag)).toEqual([]);
		isDown = false;
		await harness.until(tag, (all) => times(all, "ran") === 3);
		expect(await untilIdle()).toEqual({ queue: 0, slots: 0, failed: 0 });
		expect(engine.unreachable()).toBeNull();
		await engine.stop();
	});

	it("is not taken for one that answered: a 200 that is not the SDK's completes nothing", async () => {
		const app = embeddedApp(harness);
		const real = inProcessTransport(app.handler);
		let pages = 3;
		const transport: Transport = {
			...real,
			send: async (request) =>
				request.method === "POST" && pages-- > 0
					? { status: 200, header: () => null, body: "<html>Be right back</html>" }
					: real.send(request),
		};
		const engine = harness.startEngine(app, { transport });
		app.use(engine);
		await engine.ready;
		const tag = newTag();
		await sendNothing(app, tag);
		await harness.until(tag, (all) => times(all, "ran") === 1);
		expect(await untilIdle()).toEqual({ queue: 0, slots: 0, failed: 0 });
		await engine.stop();
	});

	it("is not believed when it signs with another key", async () => {
		const app = embeddedApp(harness);
		const real = inProcessTransport(app.handler);
		const tag = newTag();
		let forged = 2;
		const transport: Transport = {
			...real,
			send: async (request) => {
				const answer = await real.send(request);
				return request.method === "POST" && request.body?.includes(tag) && forged-- > 0
					? { ...answer, body: '[{"op":"RunComplete","id":"x"}]' }
					: answer;
			},
		};
		const engine = harness.startEngine(app, { transport });
		app.use(engine);
		await engine.ready;
		await sendNothing(app, tag);
		// It ran, its answers were thrown away, so it runs again: at least once.
		await harness.until(tag, (all) => times(all, "ran") === 3);
		await untilIdle();
		await engine.stop();
	});

	it("is called over HTTP, checkpoints included", async () => {
		const app = embeddedApp(harness);
		const { origin, server } = await serveApp(app);
		const engine = createEngine({
			...testKeys,
			sql: harness.database.client("engine"),
			app: { endpoint: `${origin}/api/inngest`, transport: httpTransport() },
		});
		app.use(engine);
		await engine.ready;
		const tag = newTag();
		await app.inngest.send({ name: "conf/sequential", data: { tag } });
		const all = await harness.until(tag, (seen) => times(seen, "c") === 1);
		expect(whats(all)).toEqual(["entered", "a", "b", "c"]);
		await untilIdle();
		await engine.stop();
		server.close();
	});
});

describe("several executors", () => {
	beforeAll(open);
	afterAll(close);

	it("share the work: each run once, limits kept across them", async () => {
		const app = embeddedApp(harness);
		const calls = [0, 0];
		const counted = (n: number): Transport => {
			const real = inProcessTransport(app.handler);
			return {
				...real,
				send: (request) => {
					calls[n] = (calls[n] ?? 0) + 1;
					return real.send(request);
				},
			};
		};
		const pools = [ownConnections(), ownConnections()];
		const [first, second] = pools.map((sql, n) =>
			harness.startEngine(app, { sql, transport: counted(n), settings: { capacity: 4, capacityPerFunction: 4 } }),
		);
		if (first) app.use(first);
		await Promise.all([first?.ready, second?.ready]);
		const [tag, limited] = [newTag(), newTag()];
		await Promise.all([
			...Array.from({ length: 10 }, () => sendNothing(app, tag, 20)),
			app.inngest.send(
				Array.from({ length: 12 }, (_, n) => ({
					name: "conf/limited",
					data: { tag: limited, key: `${limited}-${n % 4}` },
				})),
			),
		]);
		await harness.until(tag, (all) => times(all, "ran") >= 200);
		const work = await harness.until(limited, (all) => times(all, "stop") >= 12);
		expect(await untilIdle()).toEqual({ queue: 0, slots: 0, failed: 0 });
		expect(times(await harness.seen(tag), "ran")).toBe(200);
		expect(Math.min(...calls)).toBeGreaterThan(10);
		let together = 0;
		for (const { what } of work) {
			together += what === "start" ? 1 : -1;
			expect(together).toBeLessThanOrEqual(3);
		}
		await Promise.all([first?.stop(), second?.stop()]);
		await Promise.all(pools.map((sql) => sql.end()));
	});

	it("take over from one that vanished in the middle of a step; what was memoised is not done again", async () => {
		const { gate, open: letGo } = gates();
		const app = embeddedApp(harness, { gate });
		const dying = ownConnections();
		const first = harness.startEngine(app, { sql: dying, settings: { leaseMs: 600 } });
		app.use(first);
		await first.ready;
		const tag = newTag();
		await app.inngest.send({ name: "conf/gated", data: { tag } });
		await harness.until(tag, (all) => times(all, "gated") === 1);
		// It is cut off from everything at once, and says nothing more.
		await dying.end({ timeout: 0 });
		const second = harness.startEngine(app, { settings: { leaseMs: 600 } });
		app.use(second);
		await harness.until(tag, (all) => times(all, "gated") === 2);
		letGo(tag);
		await harness.until(tag, (all) => times(all, "last") >= 1);
		expect(await untilIdle()).toEqual({ queue: 0, slots: 0, failed: 0 });
		expect(whats(await harness.seen(tag)).sort()).toEqual(["first", "gated", "gated", "last"]);
		await Promise.all([first.stop(), second.stop()]);
	});

	it("never write over each other: who lost its lease is told to stop, and its run does not fail", async () => {
		const { gate, open: letGo } = gates();
		const app = embeddedApp(harness, { gate });
		const answers: number[] = [];
		const real = inProcessTransport(app.handler);
		const stale = harness.startEngine(app, {
			transport: {
				...real,
				send: async (request) => {
					const answer = await real.send(request);
					if (request.url.includes("conf-gated")) answers.push(answer.status);
					return answer;
				},
			},
		});
		app.use(stale);
		await stale.ready;
		const tag = newTag();
		await app.inngest.send({ name: "conf/gated", data: { tag } });
		await harness.until(tag, (all) => times(all, "gated") === 1);
		// As if its lease had run out while it slept.
		const other = harness.startEngine(app);
		await other.ready;
		await harness.database.ownerClient`update engine.queue set at = now() - interval '1 second'`;
		await harness.database.ownerClient`select pg_notify('engine_wake', '')`;
		await harness.until(tag, (all) => times(all, "gated") === 2);
		letGo(tag);
		await harness.until(tag, (all) => times(all, "last") >= 1);
		// The SDK answers a refused checkpoint as if the function had failed for good.
		await expect.poll(() => answers).toEqual([400]);
		expect(await untilIdle()).toEqual({ queue: 0, slots: 0, failed: 0 });
		expect(times(await harness.seen(tag), "last")).toBe(1);
		await Promise.all([stale.stop(), other.stop()]);
	});

	it("wake each other: an event of a process that runs nothing does not wait for the next poll", async () => {
		const app = embeddedApp(harness);
		const runner = harness.startEngine(app, { settings: { pollMs: 60_000 } });
		await runner.ready;
		const sender = createEngine({ ...testKeys, sql: harness.database.client("engine"), app: null });
		app.use(sender);
		// The first round is over, and the engine listens.
		await pause(300);
		const tag = newTag();
		const began = Date.now();
		await sendNothing(app, tag);
		await harness.until(tag, (all) => times(all, "ran") === 1, 5_000);
		expect(Date.now() - began).toBeLessThan(2_000);
		await runner.stop();
	});

	it("stop without losing or repeating: calls under way are finished, the rest is left to the next", async () => {
		const { gate, open: letGo } = gates();
		const app = embeddedApp(harness, { gate });
		const first = harness.startEngine(app);
		app.use(first);
		await first.ready;
		const tag = newTag();
		await app.inngest.send({ name: "conf/gated", data: { tag } });
		await harness.until(tag, (all) => times(all, "gated") === 1);
		const stopped = first.stop();
		const later = newTag();
		await sendNothing(app, later);
		letGo(tag);
		await stopped;
		expect(whats(await harness.seen(tag))).toEqual(["first", "gated", "last"]);
		expect(await harness.seen(later)).toEqual([]);
		const second = harness.startEngine(app);
		await harness.until(later, (all) => times(all, "ran") === 1);
		expect(await untilIdle()).toEqual({ queue: 0, slots: 0, failed: 0 });
		await second.stop();
	});
});

describe("the database", () => {
	beforeAll(open);
	afterAll(close);

	it("may drop every connection: what runs is finished, nothing is done twice that was memoised", async () => {
		const app = embeddedApp(harness);
		const engine = harness.startEngine(app);
		app.use(engine);
		await engine.ready;
		const tags = Array.from({ length: 4 }, newTag);
		await app.inngest.send(tags.map((tag) => ({ name: "conf/long", data: { tag } })));
		for (let round = 0; round < 3; round++) {
			await pause(150);
			await harness.database.ownerClient`
				select pg_terminate_backend(pid) from pg_stat_activity
				where datname = current_database() and application_name = 'onecount-engine'`;
		}
		for (const tag of tags) {
			// What was claimed by a connection that is gone is found once its lease has ended.
			const all = await harness.until(tag, (seen) => times(seen, "end") >= 1, 90_000);
			expect(new Set(whats(all)).size).toBe(11);
		}
		expect(await untilIdle()).toEqual({ queue: 0, slots: 0, failed: 0 });
		await engine.stop();
	}, 180_000);

	it("never leaves a run at a standstill: what has neither a call nor a wait is asked for again", async () => {
		const { gate, open: letGo } = gates();
		const app = embeddedApp(harness, { gate });
		const engine = harness.startEngine(app);
		app.use(engine);
		await engine.ready;
		const tag = newTag();
		await app.inngest.send({ name: "conf/gated", data: { tag } });
		await harness.until(tag, (all) => times(all, "gated") === 1);
		await harness.database.ownerClient`delete from engine.queue`;
		letGo(tag);
		const sql = harness.database.client("engine");
		await expect.poll(() => mendRuns(sql, { olderThanMs: 0 })).toHaveLength(1);
		await harness.until(tag, (all) => times(all, "last") === 1);
		expect(await mendRuns(sql, { olderThanMs: 0 })).toEqual([]);
		await untilIdle();
		await engine.stop();
	});

	it("keeps runs for a while, then forgets them with their steps", async () => {
		const [before] = await harness.database.ownerClient`
			select (select count(*)::int from engine.runs) as runs, (select count(*)::int from engine.steps) as steps`;
		expect(before?.runs).toBeGreaterThan(0);
		expect(before?.steps).toBeGreaterThan(0);
		const sql = harness.database.client("engine");
		await sweep(sql, defaultSettings);
		expect(await harness.database.ownerClient`select from engine.runs`).toHaveLength(before?.runs);
		await sweep(sql, { ...defaultSettings, keepCompletedMs: 0, keepFailedMs: 0 });
		expect(await harness.database.ownerClient`select from engine.runs`).toHaveLength(0);
		expect(await harness.database.ownerClient`select from engine.steps`).toHaveLength(0);
	});

	it("tells how it goes", async () => {
		const app = embeddedApp(harness);
		const engine = harness.startEngine(app);
		app.use(engine);
		await engine.ready;
		const tag = newTag();
		await app.inngest.send({ name: "conf/non-retriable", data: { tag } });
		await sendNothing(app, tag);
		await harness.until(tag, (all) => times(all, "ran") === 1 && times(all, "tried") === 1);
		await untilIdle();
		const health = await engineHealth(harness.database.url);
		expect(health).toMatchObject({
			oldestRunnableMs: null,
			calls: { underWay: 0, due: 0, later: 0, atLimit: 0 },
			runs: { unfinished: 0, failedLastDay: 1 },
			waits: 0,
		});
		expect(health.lastCompletedAt?.getTime()).toBeGreaterThan(Date.now() - 10_000);
		expect(health.recentFailures[0]).toMatchObject({ fnId: "conf-non-retriable", error: "no use" });
		await engine.stop();
	});
});

describe("kill -9", () => {
	beforeAll(open);
	afterAll(close);

	it("of the executor, again and again: every step is done, every run completes, nothing is left held", async () => {
		const script = path.join(import.meta.dirname, "testing", "worker.ts");
		const startWorker = async () => {
			const child = spawn(process.execPath, ["--import", "tsx", script, harness.database.url], {
				stdio: ["ignore", "pipe", "inherit"],
			});
			await new Promise<void>((resolve, reject) => {
				child.stdout.once("data", () => resolve());
				child.once("exit", (code) => reject(new Error(`The worker ended with ${code}.`)));
			});
			return child;
		};
		const kills = 4;
		const tags = Array.from({ length: 5 }, newTag);
		const done = async () => (await Promise.all(tags.map(harness.seen))).flat().length;
		const send = async () => {
			const app = embeddedApp(harness);
			app.use(createEngine({ ...testKeys, sql: harness.database.client("engine"), app: null }));
			await app.inngest.send(tags.map((tag) => ({ name: "conf/long", data: { tag } })));
		};
		for (let kill = 0; kill <= kills; kill++) {
			const worker = await startWorker();
			if (kill === 0) await send();
			if (kill === kills) {
				for (const tag of tags) await harness.until(tag, (all) => times(all, "end") >= 1);
				await untilIdle();
			} else {
				// In the middle of the work, wherever that is.
				const before = await done();
				await expect
					.poll(done, { timeout: 10_000, interval: 5 })
					.toBeGreaterThan(before + 3 + Math.floor(Math.random() * 8));
			}
			worker.kill("SIGKILL");
			await new Promise((resolve) => worker.once("exit", resolve));
		}
		const wanted = [...Array.from({ length: 8 }, (_, i) => `s${i}`), "left", "right", "end"].sort();
		let repeats = 0;
		for (const tag of tags) {
			const all = whats(await harness.seen(tag));
			expect([...new Set(all)].sort()).toEqual(wanted);
			repeats += all.length - wanted.length;
		}
		// A step that was under way when its process died is done again; those before it are not.
		expect(repeats).toBeLessThanOrEqual(kills * tags.length * 2);
		expect(await leftovers()).toEqual({ queue: 0, slots: 0, failed: 0 });
	}, 60_000);
});
