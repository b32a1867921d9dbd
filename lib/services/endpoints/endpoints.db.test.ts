/** What another system is told: each change at least once, the newest of each level, signed, and of nothing that did not happen. */
import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import { type Caller, makeCaller } from "../api/testing";
import { openOversold } from "../conflicts/open-oversold";
import { systemContext } from "../context";
import { appendLog } from "../log/append-log";
import { releaseExpired } from "../reservations/release-expired";
import { adjustStock } from "../skus/adjust-stock";
import { appendMovements } from "../stock/append-movements";
import { makeChannel, makeMerchant, makeSku } from "../testing/fixtures";
import { removeEndpoint, setEndpointEvents, switchEndpoint } from "./change-endpoint";
import { deliverMessages } from "./deliver-messages";
import { findDueEndpoints, findEndpoint } from "./find-endpoint";
import { listEndpoints } from "./list-endpoints";
import { makeEndpoint } from "./make-endpoint";
import { messageSchemas } from "./message-body";
import { readDeliveries } from "./read-deliveries";
import { renewSecret } from "./renew-secret";
import { replayMessages } from "./replay-messages";
import { sendTest } from "./send-test";

process.env.ONECOUNT_ALLOW_PRIVATE_ADDRESSES = "on";

type Heard = {
	headers: IncomingHttpHeaders;
	raw: string;
	type: string;
	sequence: number;
	data: Record<string, unknown>;
};

let database: TestDatabase;
let server: Server;
let url: string;
/** What the receiver has got, and what it answers. */
let heard: Heard[] = [];
let answer: (message: Heard) => { status: number; headers?: Record<string, string>; body?: string };
beforeAll(async () => {
	database = await testDatabase();
	server = createServer(async (incoming, outgoing) => {
		let raw = "";
		for await (const chunk of incoming) raw += chunk;
		const message = { headers: incoming.headers, raw, ...JSON.parse(raw) };
		heard.push(message);
		const { status, headers, body } = answer(message);
		outgoing.writeHead(status, headers).end(body);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
	server.closeAllConnections();
	server.close();
	await closeNotifiers(database.url);
	await database.close();
});

let shop: Caller;
let ctx: ReturnType<typeof manager>;
let skuId: string;
let endpointId: string;
let secret: string;
beforeEach(async () => {
	heard = [];
	answer = () => ({ status: 204 });
	shop = await makeCaller(database);
	ctx = manager(shop.merchant.merchantId);
	skuId = await makeSku(database, shop.merchant, "MUG", 5);
	({ id: endpointId, secret } = await makeEndpoint(ctx, {
		url,
		events: ["level.changed", "reservation.expired", "conflict.opened"],
	}));
});

function manager(merchantId: string) {
	const userId = randomUUID();
	return {
		...systemContext(merchantId, database.db("app")),
		role: "manager" as const,
		userId,
		actor: `user:${userId}`,
	};
}

const move = (delta: number, id = skuId) =>
	asMerchant(ctx.db, ctx.merchantId, (tx) =>
		appendMovements(tx, ctx.merchantId, [
			{
				skuId: id,
				locationId: shop.merchant.locationId,
				delta,
				kind: "adjustment",
				causeKey: randomUUID(),
				actor: "test",
			},
		]),
	);
/** As if the time had come for all that waits; then one run of the function. */
async function deliver() {
	await database.ownerClient`update webhook_messages set next_try_at = now() where endpoint_id = ${endpointId} and state = 'waiting'`;
	await database.ownerClient`update webhook_endpoints set paused_until = null where id = ${endpointId}`;
	return run();
}
/** As if the time had come for what was never tried alone. */
async function deliverNewest() {
	await database.ownerClient`update webhook_messages set next_try_at = now() where endpoint_id = ${endpointId} and body is null`;
	await database.ownerClient`update webhook_endpoints set paused_until = null where id = ${endpointId}`;
	return run();
}
async function run() {
	const target = await findEndpoint(endpointId);
	return target && deliverMessages(target, { maxMs: 5_000, lingerMs: 0 });
}
const deliveries = async () => (await readDeliveries(ctx, endpointId)).messages;
const endpoint = async () => (await listEndpoints(ctx)).find(({ id }) => id === endpointId);

describe("a message", () => {
	it("tells a changed level by names, is signed over its bytes, and is what its schema says", async () => {
		await move(-2);
		await deliver();
		expect(heard).toHaveLength(1);
		const [{ headers, raw, data } = {} as Heard] = heard;
		expect(data).toEqual({
			sku: { id: skuId, code: "MUG" },
			location: { id: shop.merchant.locationId, name: "Main" },
			onHand: 3,
			reserved: 0,
			available: 3,
			version: 2,
		});
		const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${raw}`;
		const key = Buffer.from(secret.replace("whsec_", ""), "base64");
		expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
		expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(10);
		expect(messageSchemas["level.changed"].parse(JSON.parse(raw))).toEqual(JSON.parse(raw));
	});

	it("of a change that was rolled back is never sent", async () => {
		const failing = asMerchant(ctx.db, ctx.merchantId, async (tx) => {
			await appendMovements(tx, ctx.merchantId, [
				{ skuId, locationId: shop.merchant.locationId, delta: 1, kind: "adjustment", causeKey: "x", actor: "test" },
			]);
			throw new Error("it failed");
		});
		await expect(failing).rejects.toThrow("it failed");
		await deliver();
		expect(heard).toEqual([]);
	});

	it("is one for many changes of a level that nobody was told of yet: the newest", async () => {
		for (const delta of [1, 1, 1, -2]) await move(delta);
		await deliver();
		expect(heard.map(({ data }) => data.onHand)).toEqual([6]);
		await move(1);
		await deliver();
		expect(heard.map(({ data }) => data.onHand)).toEqual([6, 7]);
		expect(heard[1]?.sequence).toBeGreaterThan(heard[0]?.sequence ?? Number.NaN);
	});

	it("that stands for several changes is as old as the newest of them: the list is in the order of its ages", async () => {
		const other = await makeSku(database, shop.merchant, "LAMP", 5);
		await move(1);
		await move(1, other);
		await move(1);
		const messages = await deliveries();
		expect(messages.map(({ about }) => about)).toEqual(["MUG", "LAMP"]);
		const ages = messages.map(({ createdAt }) => Date.parse(createdAt));
		expect(ages).toEqual(ages.toSorted((a, b) => b - a));
		await deliver();
		expect(heard.find(({ data }) => data.onHand === 7)?.raw).toContain(`"timestamp":"${messages[0]?.createdAt}"`);
	});

	it("comes of each way in which a level changes: by a person, by a reservation, by its end, by its sale", async () => {
		await adjustStock(ctx, {
			skuId,
			locationId: shop.merchant.locationId,
			mode: "set",
			value: 9,
			seen: 5,
			key: randomUUID(),
		});
		await deliver();
		const held = await shop.call("POST", "/reservations", { body: { lines: [{ sku: "MUG", quantity: 2 }] } });
		await deliver();
		await shop.call("POST", `/reservations/${held.body.id}/confirm`);
		await deliver();
		const other = await shop.call("POST", "/reservations", { body: { lines: [{ sku: "MUG", quantity: 3 }] } });
		await deliver();
		await shop.call("POST", `/reservations/${other.body.id}/release`);
		await deliver();
		expect(heard.map(({ data }) => [data.onHand, data.reserved, data.available])).toEqual([
			[9, 0, 9],
			[9, 2, 7],
			[7, 0, 7],
			[7, 3, 4],
			[7, 0, 7],
		]);
	});

	it("comes of a bundle's components when the bundle moves", async () => {
		const bundle = await makeSku(database, shop.merchant, "PAIR", null);
		await database.ownerClient`
			insert into sku_components (merchant_id, bundle_id, component_id, units) values (${ctx.merchantId}, ${bundle}, ${skuId}, 2)`;
		await move(-1, bundle);
		await deliver();
		expect(heard.map(({ data }) => data)).toMatchObject([{ sku: { code: "MUG" }, onHand: 3 }]);
	});

	it("comes of an expired reservation and of a conflict, each as its schema says", async () => {
		const { body } = await shop.call("POST", "/reservations", {
			body: { lines: [{ sku: "MUG", quantity: 2 }], reference: "CART-1" },
		});
		await database.ownerClient`update reservations set expires_at = now() where id = ${body.id}`;
		await releaseExpired();
		const channelId = await makeChannel(database, shop.merchant);
		await asMerchantPrepared(database.client("app"), ctx.merchantId, async (run) => {
			const movement = {
				row: 0,
				skuId,
				locationId: shop.merchant.locationId,
				delta: -2,
				balance: -1,
				reserved: 0,
				version: 9,
				skuVersion: 9,
				isSplit: false,
			};
			const row = {
				...movement,
				kind: "order",
				causeKey: "o",
				actor: "system",
				channelId,
				orderRef: "1",
				orderNumber: "#7",
			} as const;
			await appendLog(run, ctx.merchantId, await openOversold(run, ctx.merchantId, [{ movement, row }]));
		});
		await deliver();
		const of = (type: string) => heard.filter((message) => message.type === type);
		expect(of("reservation.expired")).toMatchObject([{ data: { id: body.id, state: "expired", reference: "CART-1" } }]);
		expect(of("conflict.opened")).toMatchObject([
			{
				data: {
					kind: "oversold",
					sku: { code: "MUG" },
					channel: { id: channelId, name: "a store" },
					units: 1,
					orderNumber: "#7",
				},
			},
		]);
		for (const { type, raw } of heard) {
			const parsed = messageSchemas[type as keyof typeof messageSchemas].parse(JSON.parse(raw));
			expect(parsed).toEqual(JSON.parse(raw));
		}
	});

	it("goes only to who chose its event, and to nobody of another merchant", async () => {
		const other = manager((await makeMerchant(database)).merchantId);
		await makeEndpoint(other, { url, events: ["level.changed"] });
		await setEndpointEvents(ctx, endpointId, ["conflict.opened"]);
		await move(1);
		const rows =
			await database.ownerClient`select from webhook_messages where merchant_id in (${ctx.merchantId}, ${other.merchantId})`;
		expect(rows).toHaveLength(0);
	});
});

describe("a try that fails", () => {
	it("is made again with the same id and the same bytes, freshly signed, until it is taken", async () => {
		answer = () => ({ status: 500, body: "no" });
		await move(1);
		await deliver();
		const [waiting] = await deliveries();
		expect(waiting).toMatchObject({ state: "waiting", attempts: [{ status: 500, response: "no" }] });
		expect(new Date(waiting?.nextTryAt ?? 0).getTime()).toBeGreaterThan(Date.now());
		answer = () => ({ status: 200 });
		await deliver();
		expect(await deliveries()).toMatchObject([
			{ state: "delivered", nextTryAt: null, attempts: [{ status: 200 }, { status: 500 }] },
		]);
		expect(heard).toHaveLength(2);
		expect(heard[1]?.raw).toBe(heard[0]?.raw);
		expect(heard[1]?.headers["webhook-id"]).toBe(heard[0]?.headers["webhook-id"]);
	});

	it("is overtaken by a newer change of the same level: an endpoint that was down hears the newest", async () => {
		answer = () => ({ status: 503 });
		await move(1);
		await deliver();
		await move(1);
		await move(1);
		answer = () => ({ status: 200 });
		await deliver();
		expect(heard.map(({ data }) => data.onHand)).toEqual([6, 8]);
		expect((await deliveries()).map(({ state }) => state)).toEqual(["delivered", "superseded"]);
	});

	it("is not made again once a newer change of the same level was taken, though it was due only later", async () => {
		answer = () => ({ status: 503 });
		await move(1);
		await deliver();
		answer = () => ({ status: 200 });
		await move(1);
		await deliverNewest();
		expect(heard.map(({ data }) => data.onHand)).toEqual([6, 7]);
		await deliver();
		expect(heard.map(({ data }) => data.onHand)).toEqual([6, 7]);
		expect((await deliveries()).map(({ state }) => state)).toEqual(["delivered", "superseded"]);
	});

	it("is not made again for what a newer one tells that has been tried as well", async () => {
		answer = () => ({ status: 503 });
		await move(1);
		await deliver();
		await move(1);
		await deliverNewest();
		answer = () => ({ status: 200 });
		await deliver();
		expect(heard.map(({ data }) => data.onHand)).toEqual([6, 7, 7]);
		expect((await deliveries()).map(({ state }) => state)).toEqual(["delivered", "superseded"]);
	});

	it("is recorded whatever it was answered, also where its beginning ends within a character", async () => {
		answer = () => ({ status: 500, body: `${"x".repeat(999)}😀\u0000` });
		await move(1);
		await deliver();
		expect(await deliveries()).toMatchObject([{ state: "waiting", attempts: [{ status: 500 }] }]);
	});

	it("quiets the endpoint: nothing more is sent until its pause is over, and then one message first", async () => {
		answer = () => ({ status: 503, headers: { "retry-after": "120" } });
		for (const code of ["A", "B", "C"]) await move(1, await makeSku(database, shop.merchant, code, 1));
		await deliver();
		expect(heard).toHaveLength(3);
		const { pausedUntil, failingSince } = (await endpoint()) ?? {};
		expect(failingSince).not.toBeNull();
		expect(new Date(pausedUntil ?? 0).getTime()).toBeGreaterThan(Date.now() + 100_000);
		await move(1);
		const done = await run();
		expect(done).toMatchObject({ tried: 0 });
		expect(done?.nextDueAt).toBeGreaterThan(Date.now() + 100_000);
		expect(await findDueEndpoints()).not.toContain(endpointId);
		await deliver();
		expect(heard).toHaveLength(4);
		answer = () => ({ status: 200 });
		await deliver();
		expect((await deliveries()).every(({ state }) => state === "delivered")).toBe(true);
		expect(await endpoint()).toMatchObject({ failingSince: null, pausedUntil: null, waiting: 0 });
	});

	it("for what it says, as often as there are such messages, holds up no other for longer than a pause", async () => {
		const isKnown = ({ data }: Heard) => (data.sku as { code: string }).code === "MUG";
		answer = (message) => ({ status: isKnown(message) ? 200 : 422 });
		for (let at = 0; at < 20; at++) await move(1, await makeSku(database, shop.merchant, `UNKNOWN-${at}`, 1));
		await deliver();
		expect(heard).toHaveLength(16);
		await move(1);
		await deliverNewest();
		expect(heard.filter(isKnown)).toHaveLength(1);
		expect(heard).toHaveLength(21);
	});

	it("to an address that refuses or leads elsewhere counts as one, and no redirect is followed", async () => {
		answer = () => ({ status: 302, headers: { location: `${url}/other` } });
		await move(1);
		await deliver();
		expect(heard).toHaveLength(1);
		await database.ownerClient`update webhook_endpoints set url = 'http://127.0.0.1:9/' where id = ${endpointId}`;
		await deliver();
		const [{ attempts } = { attempts: [] }] = await deliveries();
		expect(attempts.map(({ status }) => status)).toEqual([null, 302]);
		expect(attempts[0]?.response).toBe("127.0.0.1:9 can't be reached.");
	});

	it("is the last after three days; the endpoint is switched off, and the log says so", async () => {
		answer = () => ({ status: 500 });
		await move(1);
		await deliver();
		await database.ownerClient`update webhook_messages set queued_at = now() - interval '4 days' where endpoint_id = ${endpointId}`;
		await database.ownerClient`update webhook_endpoints set failing_since = now() - interval '4 days' where id = ${endpointId}`;
		await deliver();
		expect(await deliveries()).toMatchObject([{ state: "failed", nextTryAt: null }]);
		expect(await endpoint()).toMatchObject({ disabledWhy: "failing", disabledAt: expect.any(String) });
		const [line] = await database.ownerClient`
			select state, data from sync_log where merchant_id = ${ctx.merchantId} and kind = 'endpoint.disabled'`;
		expect(line).toEqual({ state: "off", data: { host: new URL(url).host, why: "failing" } });
		await move(1);
		expect(await deliveries()).toHaveLength(1);
	});

	it("that is answered 410 switches the endpoint off at once, and a person switches it on again", async () => {
		answer = () => ({ status: 410 });
		await move(1);
		await deliver();
		expect(await endpoint()).toMatchObject({ disabledWhy: "gone", waiting: 1 });
		expect(await run()).toBeNull();
		answer = () => ({ status: 200 });
		await switchEndpoint(ctx, endpointId, true);
		await deliver();
		expect(await endpoint()).toMatchObject({ disabledAt: null, disabledWhy: null, waiting: 0 });
	});

	it("whose sender died is made by the next: the message was never taken off the queue", async () => {
		await move(1);
		await database.ownerClient`update webhook_messages set next_try_at = now(), tries = 1 where endpoint_id = ${endpointId}`;
		expect((await run())?.tried).toBe(1);
		expect(heard).toHaveLength(1);
	});
});

describe("a replay", () => {
	it("of one sends it again as it was", async () => {
		await move(1);
		await deliver();
		const [message] = await deliveries();
		expect(await replayMessages(ctx, endpointId, { messageId: message?.id })).toEqual({ count: 1 });
		await run();
		expect(heard).toHaveLength(2);
		expect(heard[1]?.raw).toBe(heard[0]?.raw);
	});

	it("of one that newer ones followed is made until it is taken: somebody asked for that very one", async () => {
		await move(1);
		await deliver();
		await move(1);
		await deliver();
		const [, older] = await deliveries();
		await replayMessages(ctx, endpointId, { messageId: older?.id });
		answer = () => ({ status: 503 });
		await run();
		answer = () => ({ status: 200 });
		await deliver();
		expect(heard.map(({ data }) => data.onHand)).toEqual([6, 7, 6, 6]);
	});

	it("of all since a moment sends what was told or given up since, and nothing from before", async () => {
		for (const code of ["A", "B", "C"]) await move(1, await makeSku(database, shop.merchant, code, 1));
		await deliver();
		await database.ownerClient`
			update webhook_messages set created_at = now() - interval '2 hours' where data->>'skuId' = (select id::text from skus where code = 'A' and merchant_id = ${ctx.merchantId})`;
		await database.ownerClient`
			update webhook_messages set state = 'failed' where data->>'skuId' = (select id::text from skus where code = 'B' and merchant_id = ${ctx.merchantId})`;
		heard = [];
		const since = new Date(Date.now() - 3_600_000).toISOString();
		expect(await replayMessages(ctx, endpointId, { since })).toEqual({ count: 2 });
		await run();
		expect(heard.map(({ data }) => (data.sku as { code: string }).code).sort()).toEqual(["B", "C"]);
	});
});

describe("an endpoint", () => {
	it("gets a test when somebody asks for one, and tells its secret once", async () => {
		await sendTest(ctx, endpointId);
		await run();
		expect(heard).toMatchObject([{ type: "endpoint.tested" }]);
		const [row] = await database.ownerClient`select * from webhook_endpoints where id = ${endpointId}`;
		expect(JSON.stringify([row, await listEndpoints(ctx), await readDeliveries(ctx, endpointId)])).not.toContain(
			secret.replace("whsec_", ""),
		);
	});

	it("has a new secret beside the old one for a day: both sign, then the new one alone", async () => {
		const renewed = (await renewSecret(ctx, endpointId)).secret;
		const signatures = async () => {
			heard = [];
			await sendTest(ctx, endpointId);
			await run();
			const [{ headers, raw } = {} as Heard] = heard;
			const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${raw}`;
			const by = (one: string) =>
				`v1,${createHmac("sha256", Buffer.from(one.replace("whsec_", ""), "base64"))
					.update(signed)
					.digest("base64")}`;
			return { found: headers["webhook-signature"], old: by(secret), renewed: by(renewed) };
		};
		const during = await signatures();
		expect(during.found).toBe(`${during.renewed} ${during.old}`);
		await database.ownerClient`update webhook_endpoints set previous_until = now() where id = ${endpointId}`;
		const after = await signatures();
		expect(after.found).toBe(after.renewed);
	});

	it.each([
		["ftp://erp.example.com", "not_an_address"],
		["erp.example.com", "not_an_address"],
		["https://user:pass@erp.example.com", "has_password"],
	])("is not at %s", async (address, reason) => {
		await expect(makeEndpoint(ctx, { url: address, events: ["level.changed"] })).rejects.toMatchObject({ reason });
	});

	it("is made, changed, replayed and removed by managers of its own merchant alone", async () => {
		const other = manager((await makeMerchant(database)).merchantId);
		const acts = (who: typeof ctx) => [
			() => readDeliveries(who, endpointId),
			() => setEndpointEvents(who, endpointId, ["level.changed"]),
			() => switchEndpoint(who, endpointId, false),
			() => replayMessages(who, endpointId, { messageId: randomUUID() }),
			() => renewSecret(who, endpointId),
			() => removeEndpoint(who, endpointId),
		];
		for (const act of acts(other)) await expect(act()).rejects.toMatchObject({ status: 404 });
		await expect(sendTest(other, endpointId)).rejects.toMatchObject({ status: 422 });
		const support = { ...ctx, role: "support" as const } as unknown as typeof ctx;
		for (const act of [
			...acts(support),
			() => listEndpoints(support),
			() => makeEndpoint(support, { url, events: ["level.changed"] }),
		])
			await expect(act()).rejects.toMatchObject({ status: 403 });
		expect(await endpoint()).toMatchObject({ disabledAt: null });
		await move(1);
		await removeEndpoint(ctx, endpointId);
		expect(await listEndpoints(ctx)).toEqual([]);
		expect(await database.ownerClient`select from webhook_messages where endpoint_id = ${endpointId}`).toHaveLength(0);
	});
});

it("a merchant without an endpoint writes nothing, and looks at no level for it", async () => {
	const merchant = await makeMerchant(database);
	const id = await makeSku(database, merchant, "LAMP", 5);
	const { tellLevels } = await import("./tell");
	const plan = await asMerchantPrepared(database.client("app"), merchant.merchantId, async (run) => {
		const explaining = ((strings: TemplateStringsArray, ...values: never[]) =>
			run<{ "QUERY PLAN": string }>(
				Object.assign([`explain (analyze, format text) ${strings[0]}`, ...strings.slice(1)], {
					raw: strings.raw,
				}) as never,
				...values,
			).then((lines) => {
				seen.push(...lines.map((line) => line["QUERY PLAN"]));
				return [];
			})) as typeof run;
		const seen: string[] = [];
		await tellLevels(explaining, merchant.merchantId, [{ skuId: id, locationId: merchant.locationId }]);
		return seen;
	});
	const levels = plan.filter((line) => /levels/.test(line));
	expect(levels.length).toBeGreaterThan(0);
	expect(levels.every((line) => line.includes("never executed"))).toBe(true);
});
