/** Bad mail at both doors for webhooks: the fast path in front of Next, and the route handler of any host. The answers are the same. */
import { createHmac, randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { POST } from "@/app/api/webhooks/[platform]/[channelId]/route";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { seal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { readChannel } from "@/lib/services/channels/read-channels";
import { systemContext } from "@/lib/services/context";
import { applyMailBatch } from "@/lib/services/mail/apply-mail";
import { type FixtureMerchant, makeChannel, makeMerchant } from "@/lib/services/testing/fixtures";
import { writeCounts } from "@/lib/services/webhooks/count-webhooks";
import { microBatcher } from "@/lib/services/webhooks/micro-batcher";
import { largestWebhookBytes } from "@/lib/services/webhooks/receive-webhook";
import { frontDoor, usualDoors } from "./front-door";

let database: TestDatabase;
let server: Server;
let merchant: FixtureMerchant;
let channelId: string;
const secret = "the app's client secret";
const batcher = globalThis as { onecountInbox?: unknown };

beforeAll(async () => {
	database = await testDatabase();
	server = createServer(frontDoor(usualDoors((_, outgoing) => void outgoing.writeHead(404).end("page"), false)));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	await database.close();
});
beforeEach(async () => {
	merchant = await makeMerchant(database);
	channelId = await makeChannel(database, merchant);
	await sealSecret(channelId);
});
afterEach(() => {
	vi.restoreAllMocks();
	delete batcher.onecountInbox;
});

const sealSecret = (id: string) => database.ownerClient`
	insert into credentials (merchant_id, channel_id, purpose, sealed)
	values (${merchant.merchantId}, ${id}, 'webhook', ${seal(secret, `credentials:${id}:webhook`, env().sealingKeys)})`;

type Answer = { status: number; retryAfter: string | null };
type Door = (platform: string, channelId: string, init: RequestInit) => Promise<Answer>;

const answerOf = async (response: Response): Promise<Answer> => {
	await response.arrayBuffer();
	return { status: response.status, retryAfter: response.headers.get("retry-after") };
};

const doors: [string, Door][] = [
	[
		"the fast path",
		async (platform, id, init) => {
			const { port } = server.address() as { port: number };
			const address = `http://127.0.0.1:${port}/api/webhooks/${platform}/${id}`;
			return answerOf(await fetch(address, { method: "POST", ...init }));
		},
	],
	[
		"the route handler",
		async (platform, id, init) => {
			const request = new Request(`http://onecount.test/api/webhooks/${platform}/${id}`, { method: "POST", ...init });
			return answerOf(await POST(request, { params: Promise.resolve({ platform, channelId: id }) }));
		},
	],
];

const signature = (body: Buffer, key = secret) => createHmac("sha256", key).update(body).digest("base64");
const headersFor = (signed: string | null, topic = "orders/create"): Record<string, string> => ({
	"x-shopify-topic": topic,
	"x-shopify-webhook-id": randomUUID(),
	...(signed === null ? {} : { "x-shopify-hmac-sha256": signed }),
});
/** As the store sends it. */
const signed = (
	text: string | Buffer,
	topic?: string,
): { body: Uint8Array<ArrayBuffer>; headers: Record<string, string> } => {
	const body = Buffer.from(text);
	return { body: new Uint8Array(body), headers: headersFor(signature(body), topic) };
};

const inbox = () => database.ownerClient<{ body: Buffer; state: number; error: string | null }[]>`
	select body, state, error from inbox where channel_id = ${channelId} order by id`;

describe.each(doors)("at %s", (_, send) => {
	it("signed mail is kept as it came and acknowledged; told twice it is kept once", async () => {
		const mail = signed('{"id": 1}');
		expect(await send("shopify", channelId, mail)).toEqual({ status: 200, retryAfter: null });
		expect(await send("shopify", channelId, mail)).toEqual({ status: 200, retryAfter: null });
		expect((await inbox()).map(({ body }) => body.toString())).toEqual(['{"id": 1}']);
	});

	it.each([
		["of a channel that nobody has", "shopify", async () => randomUUID()],
		["of a name that no channel has", "shopify", async () => "not-a-channel"],
		["of another platform's channel", "woocommerce", async () => channelId],
		["of a platform that can't be connected", "amazon", async () => channelId],
		["of a platform that there isn't", "etsy", async () => channelId],
		[
			"of a store that was disconnected",
			"shopify",
			async () => {
				const id = await makeChannel(database, merchant);
				await sealSecret(id);
				await database.ownerClient`update channels set state = 'disconnected' where id = ${id}`;
				return id;
			},
		],
	])("mail %s finds nobody: 404", async (_, platform, idOf) => {
		expect(await send(platform, await idOf(), signed("{}"))).toEqual({ status: 404, retryAfter: null });
		expect(await inbox()).toHaveLength(0);
	});

	it("forged mail is refused, counted, and shown with the channel: 401", async () => {
		const body = Buffer.from('{"id": 1}');
		const forgeries = [
			headersFor(null),
			headersFor(""),
			headersFor(signature(body, "another secret")),
			headersFor(signature(Buffer.from('{"id": 2}'))),
			headersFor("not base64"),
		];
		for (const headers of forgeries)
			expect(await send("shopify", channelId, { body: new Uint8Array(body), headers })).toEqual({
				status: 401,
				retryAfter: null,
			});
		expect(await inbox()).toHaveLength(0);
		await writeCounts();
		const ctx = systemContext(merchant.merchantId, database.db("app"));
		const { webhooks } = await readChannel(ctx, channelId);
		expect(webhooks.rejected).toBe(forgeries.length);
		expect(Date.now() - Date.parse(webhooks.lastRejectedAt ?? "")).toBeLessThan(10_000);
		const [day] =
			await database.ownerClient`select accepted, rejected from webhook_days where channel_id = ${channelId}`;
		expect(day).toEqual({ accepted: 0, rejected: forgeries.length });
	});

	it("mail of a channel without a secret is refused, whatever it is signed with: 401", async () => {
		const bare = await makeChannel(database, merchant);
		const body = Buffer.from("{}");
		for (const key of ["", "undefined", "null"]) {
			const headers = headersFor(signature(body, key));
			expect((await send("shopify", bare, { body: new Uint8Array(body), headers })).status).toBe(401);
		}
	});

	it("mail of the largest size is taken; a byte more is refused, whether it says its size or not: 413", async () => {
		const most = Buffer.alloc(largestWebhookBytes, " ");
		expect((await send("shopify", channelId, signed(most))).status).toBe(200);
		const more = Buffer.alloc(largestWebhookBytes + 1, " ");
		expect((await send("shopify", channelId, signed(more))).status).toBe(413);
		const { headers } = signed(more);
		expect(
			(await send("shopify", channelId, { headers, body: inChunks(more), duplex: "half" } as RequestInit)).status,
		).toBe(413);
		expect(await inbox()).toHaveLength(1);
	});

	it("signed mail that nobody can read is acknowledged, and kept as a dead letter with its bytes: 200", async () => {
		const strange = [
			Buffer.from("not json"),
			Buffer.from('{"id": 1'),
			Buffer.from("[]"),
			Buffer.from('"text"'),
			Buffer.from("null"),
			Buffer.from(""),
			Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
			Buffer.from('{"id": "1", "line_items": "none"}'),
			Buffer.from(`${"[".repeat(20_000)}${"]".repeat(20_000)}`),
		];
		for (const body of strange) expect((await send("shopify", channelId, signed(body))).status).toBe(200);
		const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
		expect((await applyMailBatch(target, database.client("app"))).rows).toBe(strange.length);
		const kept = await inbox();
		expect(kept.map(({ body }) => Buffer.from(body).toString("hex"))).toEqual(
			strange.map((body) => body.toString("hex")),
		);
		expect(kept.map(({ state }) => state)).toEqual(strange.map(() => 2));
		for (const { error } of kept)
			expect(error).toMatch(/^The body is (empty|not JSON|JSON, but not what orders\/create promises)\.$/);
		const [log] = await database.ownerClient`
			select count(*)::int as lines from sync_log where channel_id = ${channelId} and kind = 'mail.dead'`;
		expect(log?.lines).toBe(strange.length);
	});

	it("good mail behind a dead letter is applied all the same", async () => {
		await send("shopify", channelId, signed("broken"));
		await send("shopify", channelId, signed('{"id": 7}', "products/update"));
		const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
		await applyMailBatch(target, database.client("app"));
		expect((await inbox()).map(({ state }) => state)).toEqual([2, 1]);
	});

	it("a queue that is full asks to come again in a moment, and keeps nothing: 503", async () => {
		batcher.onecountInbox = microBatcher({ commit: async () => [], largestBatch: 1, inFlight: 1, longestQueue: 0 });
		expect(await send("shopify", channelId, signed("{}"))).toEqual({ status: 503, retryAfter: "1" });
		expect(await inbox()).toHaveLength(0);
	});

	it("mail that the database does not take is not acknowledged: 503", async () => {
		const complaint = vi.spyOn(console, "error").mockImplementation(() => {});
		batcher.onecountInbox = microBatcher({
			commit: () => Promise.reject(new Error("the disk is full")),
			largestBatch: 1,
			inFlight: 1,
			longestQueue: 10,
		});
		expect(await send("shopify", channelId, signed("{}"))).toEqual({ status: 503, retryAfter: "5" });
		expect(complaint).toHaveBeenCalledOnce();
	});

	it("a database that is away is no reason to drop mail: 503", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		const stranger = await makeChannel(database, merchant);
		const { ONECOUNT_DATABASE_URL: url } = process.env;
		process.env.ONECOUNT_DATABASE_URL = "postgres://nobody@127.0.0.1:1/away?connect_timeout=1";
		try {
			expect(await send("shopify", stranger, signed("{}"))).toEqual({ status: 503, retryAfter: "5" });
		} finally {
			process.env.ONECOUNT_DATABASE_URL = url;
		}
	});
});

function inChunks(bytes: Buffer): ReadableStream<Uint8Array> {
	let from = 0;
	return new ReadableStream({
		pull(stream) {
			if (from >= bytes.length) return stream.close();
			stream.enqueue(new Uint8Array(bytes.subarray(from, from + 65_536)));
			from += 65_536;
		},
	});
}
