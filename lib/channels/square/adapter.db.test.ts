/** What is Square's own, beside what every platform is held to. */
import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { sell } from "@/lib/sandbox/square/sell";
import { setKnobs, setQuantity } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { product } from "@/lib/sandbox/testing/seeds";
import type { Connection } from "../channel-adapter";
import { readAll } from "../testing/read-all";
import { square } from "./adapter";
import { consent } from "./consent";
import { wantedEvents } from "./subscriptions";
import { openAccount } from "./testing/account";

const sandbox = sandboxForTests();
afterEach(() => sandbox.resetClock());

const atTill = { payment: "paid" as const, isAtTill: true };

describe("writing", () => {
	test("less is booked as sold and more as received, each under the call's key", async () => {
		const { row, write, level, sent } = await openAccount(sandbox, {
			products: [product("CUP", 9), product("MUG", 5)],
		});
		const rows = [await row("CUP", 7, 9), await row("MUG", 8, 5)];
		const { rows: outcomes } = await write(rows, "key-1");
		expect(outcomes.map((one) => one.result === "applied" && one.shown)).toEqual([7, 8]);
		expect([await level("CUP"), await level("MUG")]).toEqual([7, 8]);
		const call = sent.find(({ request }) => request.url.endsWith("/batch-create"));
		const { changes } = JSON.parse(call?.request.body ?? "");
		expect(changes.map((one: { adjustment: object }) => one.adjustment)).toMatchObject([
			{ from_state: "IN_STOCK", to_state: "SOLD", quantity: "2", reference_id: "key-1" },
			{ from_state: "NONE", to_state: "IN_STOCK", quantity: "3", reference_id: "key-1" },
		]);
	});

	test("the reply says what an unheard sale at a till left", async () => {
		const { ctx, store, row, write } = await openAccount(sandbox);
		const raised = await row("MUG", 8, 5);
		await sell(ctx, store, { ...atTill, lines: [{ sku: "MUG", quantity: 2 }] });
		expect((await write([raised])).rows).toMatchObject([{ result: "applied", shown: 6 }]);
	});

	test("the same key again does nothing more, and says from the ledger that it was done", async () => {
		const { row, write, level } = await openAccount(sandbox);
		const raised = await row("MUG", 8, 5);
		await write([raised], "once");
		sandbox.putForward(1_000);
		const again = await write([raised], "once");
		expect(again).toMatchObject({ trouble: null, rows: [{ result: "applied", shown: null }] });
		expect(await level("MUG")).toBe(8);
	});

	test("a throttled batch may be done in part, and the ledger says under its key which rows were", async () => {
		const { ctx, store, row, write, level } = await openAccount(sandbox, {
			products: [product("CUP", 9), product("MUG", 5)],
			settings: { throttlesInPart: true },
		});
		const rows = [await row("CUP", 8, 9), await row("MUG", 2, 5)];
		await setKnobs(ctx, store.id, { throttleRate: 1 });
		const first = await write(rows, "once");
		expect(first).toMatchObject({
			trouble: { reason: "throttled" },
			rows: [{ result: "unknown" }, { result: "unknown" }],
		});
		await setKnobs(ctx, store.id, { throttleRate: 0 });
		expect([await level("CUP"), await level("MUG")]).toEqual([8, 5]);
		sandbox.putForward(1_000);
		expect((await write(rows, "once")).rows).toMatchObject([{ result: "applied" }, { result: "unknown" }]);
		expect([await level("CUP"), await level("MUG")]).toEqual([8, 5]);
	});

	test("a key that did something else is no proof for this row", async () => {
		const { row, write } = await openAccount(sandbox, { products: [product("CUP", 9), product("MUG", 5)] });
		await write([await row("CUP", 8, 9)], "once");
		sandbox.putForward(1_000);
		expect((await write([await row("MUG", 8, 5)], "once")).rows).toMatchObject([{ result: "unknown" }]);
	});

	test("where Square names no row, all wait, and its words are handed on", async () => {
		const account = await openAccount(sandbox, {
			products: [product("CUP", 9), product("GLASS", 5)],
			settings: { namesBadChange: false },
		});
		const rows = [await account.row("CUP", 8, 9), await account.row("GLASS", 8, 5)];
		await account.mark("GLASS", { conversion: { of: "X", stockable: "1", nonstockable: "5" } });
		const both = await account.write(rows);
		expect(both.rows.map(({ result }) => result)).toEqual(["not_sent", "not_sent"]);
		expect(both).toMatchObject({ trouble: null, objection: { reason: "refused" } });
		expect(both.objection?.message).toContain("not stockable");
		// Alone it is named by itself.
		expect((await account.write(rows.slice(1))).rows).toMatchObject([{ result: "refused" }]);
		expect(await account.level("CUP")).toBe(9);
	});

	test("what somebody marked as sold out is not piled up behind the mark", async () => {
		const { mark, row, write, level } = await openAccount(sandbox);
		const raised = await row("MUG", 3, 0);
		await mark("MUG", { isSoldOut: true });
		expect(await level("MUG")).toBe(0);
		expect((await write([raised])).rows).toMatchObject([{ result: "refused", error: { code: "SOLD_OUT" } }]);
		await mark("MUG", { isSoldOut: false });
		expect(await level("MUG")).toBe(5);
	});

	test("a clock that is ahead of Square's dates its changes back", async () => {
		const { connection, row, level } = await openAccount(sandbox);
		const lowered = await row("MUG", 4, 5);
		const ahead = (ms: number) => ({ ...connection, now: () => new Date(sandbox.now().getTime() + ms) });
		const near = await square.writeQuantities(ahead(1_500), [lowered], crypto.randomUUID());
		expect(near.rows).toMatchObject([{ result: "applied", shown: 4 }]);
		const far = await square.writeQuantities(ahead(60_000), [lowered], crypto.randomUUID());
		expect(far).toMatchObject({ rows: [{ result: "not_sent" }], trouble: { code: "INVALID_TIME" } });
		expect(far.trouble?.fix).toContain("clock");
		expect(await level("MUG")).toBe(4);
	});

	test("a take that a recount swallowed is not said to be applied", async () => {
		const { ctx, store, connection, row, level } = await openAccount(sandbox);
		const lowered = await row("MUG", 2, 5);
		await setQuantity(ctx, store.id, "MUG", 9);
		const behind = { ...connection, now: () => new Date(sandbox.now().getTime() - 30_000) };
		const { rows } = await square.writeQuantities(behind, [lowered], crypto.randomUUID());
		expect(rows).toMatchObject([{ result: "stale" }]);
		expect(await level("MUG")).toBe(9);
	});
});

describe("reading", () => {
	test("what was never counted is unknown, and not zero", async () => {
		const { ctx, store, listings, level } = await openAccount(sandbox);
		await ctx.db.execute(sql`delete from sandbox.items where store_id = ${store.id} and kind = 'count'`);
		expect((await listings())[0]).toMatchObject({ isManaged: true, quantity: null });
		expect(await level("MUG")).toBeNull();
	});

	test("a zero of which the ledger knows nothing is unknown; one that somebody sold or counted is none", async () => {
		const account = await openAccount(sandbox, { products: [product("CUP", 2), product("MUG", 5), product("PEN", 0)] });
		const { ctx, store, listings, level, sent } = account;
		await sell(ctx, store, { ...atTill, lines: [{ sku: "CUP", quantity: 2 }] });
		const looks = () => sent.filter(({ request }) => request.url.endsWith("/changes/batch-retrieve")).length;
		expect([await level("CUP"), await level("PEN"), await level("MUG")]).toEqual([0, 0, 5]);
		// Of what was found in the ledger once it is not asked again; all three go in one call.
		expect(looks()).toBe(1);

		const [mug] = (await listings()).filter(({ sku }) => sku === "MUG");
		await ctx.db.execute(sql`
			delete from sandbox.items where store_id = ${store.id} and kind = 'change' and parent_id = ${mug?.externalKey ?? ""}`);
		await ctx.db.execute(sql`
			update sandbox.items set data = data || '{"quantity": "0"}', modified_at = ${sandbox.now().toISOString()}
			where store_id = ${store.id} and kind = 'count' and parent_id = ${mug?.externalKey ?? ""}`);
		expect(await level("MUG")).toBeNull();
		expect((await listings()).find(({ sku }) => sku === "MUG")).toMatchObject({ isManaged: true, quantity: null });
		expect(await level("CUP")).toBe(0);

		await setQuantity(ctx, store.id, "MUG", 3);
		await setQuantity(ctx, store.id, "MUG", 0);
		expect(await level("MUG")).toBe(0);
	});

	test("of a zero with a long history a page is enough, and the others are asked for beside it", async () => {
		const { ctx, store, listings, connection } = await openAccount(sandbox, {
			products: [product("CUP", 0), product("MUG", 0)],
		});
		const all = await listings();
		const [cup] = all.filter(({ sku }) => sku === "CUP");
		await ctx.db.execute(sql`
			insert into sandbox.items (store_id, id, parent_id, kind, data, modified_at)
			select store_id, id || n, parent_id, kind, data || '{"occurredAt": "2020-01-01T00:00:00.000Z"}', modified_at
			from sandbox.items, generate_series(1, 1000) n
			where store_id = ${store.id} and kind = 'change' and parent_id = ${cup?.externalKey ?? ""}`);
		const fresh = { ...connection, channelId: "another" };
		expect((await square.readLevels(fresh, all)).map(({ quantity }) => quantity)).toEqual([0, 0]);
	});

	test("a sale that moved nothing but a count is found by the time of that count", async () => {
		const { ctx, store, connection } = await openAccount(sandbox, { products: [product("CUP", 9), product("MUG", 5)] });
		sandbox.putForward(60_000);
		const since = sandbox.now();
		await sell(ctx, store, { ...atTill, lines: [{ sku: "MUG", quantity: 2 }] });
		const found = await readAll((page) => square.listListings(connection, since, page));
		expect(found.map(({ sku, quantity }) => [sku, quantity])).toEqual([["MUG", 3]]);
	});

	test("an offline sale comes days late, is listed when it comes, and is placed when it was made", async () => {
		const { ctx, store, connection, level } = await openAccount(sandbox);
		const madeAt = sandbox.now();
		sandbox.putForward(3 * 86_400_000);
		const since = sandbox.now();
		await sell(ctx, store, { ...atTill, lines: [{ sku: "MUG", quantity: 2 }], madeAt, amount: 700 });
		const { items } = await square.listOrders(connection, since, null);
		expect(items).toMatchObject([{ placedAt: madeAt.toISOString(), status: "closed" }]);
		expect(items[0]?.lines.map(({ listingRef, taken }) => [listingRef !== null, taken])).toEqual([
			[true, 2],
			[false, 0],
		]);
		expect(await level("MUG")).toBe(3);
	});
});

describe("connecting", () => {
	test("a merchant agrees, the code works once, and what renews it stays the same", async () => {
		const { connection, connectionWith, app } = await openAccount(sandbox);
		const { baseUrl, http } = connection;
		const redirectUri = "https://one.example/api/oauth/square";
		const address = consent.authorizeUrl?.({ app, baseUrl, state: "word", redirectUri }) ?? "";
		const back = new URL((await fetch(address, { redirect: "manual" })).headers.get("location") ?? "");
		const returned = consent.readReturn(back.searchParams);
		if (returned.result !== "agreed") throw new Error(returned.sentence);
		expect(returned.state).toBe("word");
		const visit = { app, baseUrl, redirectUri, given: returned.given };
		const first = await consent.exchange({ http, now: sandbox.now }, visit);
		expect((first.expiresAt?.getTime() ?? 0) - sandbox.now().getTime()).toBeGreaterThan(29 * 86_400_000);
		const again = consent.exchange({ http, now: sandbox.now }, visit);
		await expect(again).rejects.toMatchObject({ reason: "access_revoked" });

		const renewed = await square.refreshAccess?.(connectionWith(first.access), app);
		expect(renewed?.access.refreshToken).toBe(first.access.refreshToken);
		expect(renewed?.access.accessToken).not.toBe(first.access.accessToken);
		const { checks } = await square.connect(connectionWith(renewed?.access ?? {}));
		expect(checks.filter(({ state }) => state === "failed")).toEqual([]);
	});

	test("whoever does not agree is told so", async () => {
		const { connection, app } = await openAccount(sandbox);
		const address = consent.authorizeUrl?.({
			app,
			baseUrl: connection.baseUrl,
			state: "word",
			redirectUri: "https://one.example/back",
		});
		const reply = await fetch(`${address}&answer=deny`, { redirect: "manual" });
		const back = new URL(reply.headers.get("location") ?? "");
		expect(consent.readReturn(back.searchParams)).toMatchObject({ result: "denied", state: "word" });
	});

	test("a pasted token is not renewed, and neither does it run out", async () => {
		const { connection, app } = await openAccount(sandbox);
		expect(await square.refreshAccess?.(connection, app)).toEqual({ access: connection.access, expiresAt: null });
	});

	test("an agreement's token can't ask for news; the application's own beside it can", async () => {
		const { connectionWith, app, keys } = await openAccount(sandbox);
		const callbackUrl = "https://one.example/api/webhooks/square/1";
		const agreed = await square.refreshAccess?.(connectionWith({ refreshToken: keys.refreshToken ?? "" }), app);
		const access = agreed?.access ?? {};
		expect(await square.registerWebhooks(connectionWith(access), callbackUrl, "")).toEqual({
			state: "unreachable",
			missing: [...wantedEvents],
		});
		const both = connectionWith({ ...access, personalToken: keys.accessToken ?? "" });
		const made = await square.registerWebhooks(both, callbackUrl, "");
		expect(made).toMatchObject({ state: "registered", missing: [] });
		expect(made.secret?.endsWith(` ${callbackUrl}`)).toBe(true);
		// The key is Square's, and stays.
		expect((await square.registerWebhooks(both, callbackUrl, made.secret ?? "")).secret).toBe(made.secret);
	});

	test("an application's token that Square does not take keeps news away, and nothing else", async () => {
		const { connectionWith, keys } = await openAccount(sandbox);
		const access = { accessToken: keys.accessToken ?? "", personalToken: `EAAA${"x".repeat(60)}` };
		const connection = connectionWith(access);
		const callbackUrl = "https://one.example/api/webhooks/square/1";
		expect(await square.registerWebhooks(connection, callbackUrl, "")).toEqual({
			state: "unreachable",
			missing: [...wantedEvents],
		});
		const { checks } = await square.connect({
			...connection,
			facts: { ...connection.facts, publicUrl: "https://one.example" },
		});
		expect(checks.find(({ name }) => name === "webhooks")).toMatchObject({
			state: "warned",
			fix: expect.stringContaining("access token of the application"),
		});
		const wrong = connectionWith({ accessToken: access.personalToken });
		await expect(square.registerWebhooks(wrong, callbackUrl, "")).rejects.toMatchObject({ reason: "access_revoked" });
	});

	test("whether news will come without https is said: from an account beside us it does, from Square it does not", async () => {
		const { connection } = await openAccount(sandbox);
		const beside = { ...connection, facts: { publicUrl: "http://one.example" } };
		const { exchanges, send } = connection.http;
		const real: Connection = {
			...beside,
			baseUrl: connection.baseUrl.replace("http:", "https:"),
			http: { exchanges, send: (request) => send({ ...request, url: request.url.replace("https:", "http:") }) },
		};
		const newsOf = async (one: Connection) =>
			(await square.connect(one)).checks.find(({ name }) => name === "webhooks")?.state;
		expect(await newsOf(beside)).toBe("passed");
		expect(await newsOf(real)).toBe("warned");
	});

	test("an address that is not https is not delivered to, and the channel is polled", async () => {
		const { connection } = await openAccount(sandbox, { settings: { deliversToHttp: false } });
		const made = await square.registerWebhooks(connection, "http://one.example/api/webhooks/square/1", "");
		expect(made.state).toBe("unreachable");
	});
});
