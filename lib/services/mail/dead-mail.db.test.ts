/** What a person sees of news that could not be read, and what they can do about it. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { plainSentence } from "@/lib/format/log-line";
import { type Context, systemContext } from "../context";
import { readLogLine } from "../log/read-line";
import { readLog } from "../log/read-log";
import { readOverview } from "../overview/read-overview";
import { beginLoop } from "../sync/wake";
import { makeChannel, makeMerchant } from "../testing/fixtures";
import { applyMailBatch } from "./apply-mail";
import { dismissMail } from "./dismiss-mail";
import { retryMail } from "./retry-mail";

let database: TestDatabase;
let ctx: Context;
let channelId: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
	const merchant = await makeMerchant(database);
	channelId = await makeChannel(database, merchant, { name: "nordlicht" });
	ctx = { ...systemContext(merchant.merchantId, database.db("app")), role: "manager" };
});

const read = () =>
	applyMailBatch({ channelId, merchantId: ctx.merchantId, platform: "shopify" }, database.client("app"));

/** Mail that came and was read; returns its place in the inbox. */
async function tell(body: string): Promise<number> {
	const [mail] = await database.ownerClient<{ id: number }[]>`
		insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body)
		values (${ctx.merchantId}, ${channelId}, 'webhook', 'products/update', ${crypto.randomUUID()}, ${Buffer.from(body)}) returning id::float8 as id`;
	await read();
	return mail?.id ?? 0;
}

async function lines() {
	const settled = async () =>
		(
			await database.ownerClient<{ is_settled: boolean }[]>`
				select coalesce(max(tx) < pg_snapshot_xmin(pg_current_snapshot()), true) as is_settled from sync_log where merchant_id = ${ctx.merchantId}`
		)[0]?.is_settled;
	await expect.poll(settled, { timeout: 20_000, interval: 10 }).toBe(true);
	return (await readLog(ctx, {})).lines;
}

const deadNeeds = async () => (await readOverview(ctx)).needs.filter(({ key }) => key === "dead").length;
const stateOf = async (id: number) =>
	(await database.ownerClient<{ state: number }[]>`select state from inbox where id = ${id}`)[0]?.state;
const audit = async () =>
	(
		await database.ownerClient<{ action: string }[]>`
			select action from audit_log where merchant_id = ${ctx.merchantId} order by id`
	).map(({ action }) => action);

test("each stands in the log by itself, with why and with what came, and is nowhere called counted", async () => {
	await tell("{");
	await tell("");
	const [empty, broken] = await lines();
	expect(empty?.repeatKey).toBeNull();
	expect([empty, broken].map((line) => plainSentence(line?.parts ?? []))).toEqual([
		"News from nordlicht could not be read and is kept: The body is empty",
		"News from nordlicht could not be read and is kept: The body is not JSON",
	]);
	const chain = await readLogLine(ctx, broken?.id ?? 0);
	expect(chain.steps.map(({ label, state }) => [label, state])).toEqual([
		["Shopify webhook", "ok"],
		["Not counted", "warn"],
	]);
	expect(chain.mail).toMatchObject({ state: "dead", topic: "products/update", body: "{", bytes: 1, isHex: false });
});

test("what came is not for those who may only look", async () => {
	await tell("{");
	const [line] = await lines();
	expect((await readLogLine({ ...ctx, role: "viewer" }, line?.id ?? 0)).mail).toBeNull();
});

test("dismissed by a manager it waits for nobody any more, and stays as it came", async () => {
	const id = await tell("{");
	expect(await deadNeeds()).toBe(1);
	await expect(dismissMail({ ...ctx, role: "support" }, { inboxId: id })).rejects.toMatchObject({
		reason: "forbidden",
	});
	await dismissMail(ctx, { inboxId: id });
	expect(await deadNeeds()).toBe(0);
	const [line] = await lines();
	expect((await readLogLine(ctx, line?.id ?? 0)).mail).toMatchObject({ state: "dismissed", body: "{" });
	await expect(dismissMail(ctx, { inboxId: id })).rejects.toMatchObject({ reason: "changed_meanwhile" });
	expect(await audit()).toEqual(["mail.dismissed"]);
});

test("tried again it is read once more: still dead, or gone from what waits", async () => {
	const broken = await tell("{");
	const mended = await tell('{"id":1}');
	await database.ownerClient`update inbox set state = 2, error = 'could not be read' where id = ${mended}`;
	const reader = beginLoop("mail", channelId);
	for (const inboxId of [broken, mended]) await retryMail({ ...ctx, role: "support" }, { inboxId });
	expect(reader?.end()).toBe(true);
	await read();
	expect([await stateOf(broken), await stateOf(mended)]).toEqual([2, 1]);
	await expect(retryMail(ctx, { inboxId: mended })).rejects.toMatchObject({ reason: "changed_meanwhile" });
	expect(await audit()).toEqual(["mail.retried", "mail.retried"]);
});

test("another merchant's can be neither dismissed nor tried again", async () => {
	const id = await tell("{");
	const other = { ...systemContext((await makeMerchant(database)).merchantId, database.db("app")) };
	for (const act of [dismissMail, retryMail])
		await expect(act(other, { inboxId: id })).rejects.toMatchObject({ reason: "changed_meanwhile" });
	expect(await stateOf(id)).toBe(2);
});
