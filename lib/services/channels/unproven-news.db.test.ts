/** A store whose news is signed by another secret than the one that was pasted, over HTTP in both directions. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkout, createSandboxStore, sandboxKeys } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { systemContext } from "../context";
import { readOverview } from "../overview/read-overview";
import { wake } from "../sync/wake";
import { makeChannel, makeMerchant } from "../testing/fixtures";
import { productsOf } from "../testing/live-store";
import { type Runner, startRunner } from "../testing/runner";
import { countWebhook, writeCounts } from "../webhooks/count-webhooks";
import { receiveWebhook, type WebhookRequest } from "../webhooks/receive-webhook";
import { connectStore } from "./connect-store";
import { readChannel } from "./read-channels";

const sandbox = sandboxForTests();
const { database } = sandbox;
let runner: Runner;
beforeAll(async () => {
	runner = await startRunner(database);
});
afterAll(() => runner?.stop());

const until = (hold: () => Promise<void>) => vi.waitFor(hold, { timeout: 20_000, interval: 200 });

async function openStore() {
	const { merchantId } = await makeMerchant(database);
	const ctx = systemContext(merchantId, database.db("app"));
	const { id } = await createSandboxStore(sandbox.ctx, {
		platform: "bigcommerce",
		name: "a store",
		products: productsOf({ CUP: 90 }),
		settings: { hookStartsAfterMs: 0 },
	});
	const { baseUrl, access } = await sandboxKeys(sandbox.ctx, id);
	async function connect(clientSecret: string): Promise<string> {
		const connected = await connectStore(ctx, {
			platform: "bigcommerce",
			baseUrl,
			access: { ...access, clientSecret },
			isSandbox: true,
		});
		if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
		const { channelId } = connected;
		await until(async () => {
			const { state, webhooks } = await readChannel(ctx, channelId);
			expect([state, webhooks.state]).toEqual(["read_only", "registered"]);
		});
		return channelId;
	}
	return { ctx, id, clientSecret: access.clientSecret ?? "", connect };
}

/** How often it is asked for orders, as its next poll has it. */
async function nextPace(channelId: string, ms: number): Promise<void> {
	await database.ownerClient`update channel_health set next_poll_at = now(), poll_interval_ms = 1 where channel_id = ${channelId}`;
	wake("work", [channelId]);
	await until(async () => {
		const [row] =
			await database.ownerClient`select poll_interval_ms from channel_health where channel_id = ${channelId}`;
		expect(row?.poll_interval_ms).toBe(ms);
	});
}

test("a wrong client secret is told of with what to paste, and its orders are asked for as without webhooks until it is right", async () => {
	const { ctx, id, clientSecret, connect } = await openStore();
	const channelId = await connect("f".repeat(64));
	const needs = async () => (await readOverview(ctx)).needs.filter(({ key }) => key === `silence:${channelId}`);
	const buy = () => checkout(sandbox.ctx, id, [{ sku: "CUP", quantity: 1 }]);
	await nextPace(channelId, 60_000);

	for (let n = 0; n < 3; n++) await buy();
	await until(async () => {
		await writeCounts();
		const { silence, webhooks } = await readChannel(ctx, channelId);
		expect(silence).toEqual({ of: "signature", refused: webhooks.rejected, secret: "client secret" });
	});
	expect(await needs()).toMatchObject([
		{
			title: "a store: webhooks refused",
			detail:
				"its news comes signed by another secret than the one that was pasted; paste the app's client secret again",
			href: `/channels/connect/bigcommerce?again=${channelId}&way=keys`,
		},
	]);
	await nextPace(channelId, 5_000);

	await connect(clientSecret);
	expect((await readChannel(ctx, channelId)).silence).toBeNull();
	// News from before the new secret was read is refused still.
	await until(async () => {
		await buy();
		await writeCounts();
		expect((await readChannel(ctx, channelId)).webhooks.lastAt).not.toBeNull();
	});
	expect(await needs()).toEqual([]);
	await nextPace(channelId, 60_000);
	expect(runner.errors).toEqual([]);
}, 60_000);

const unproven = async (channelId: string) => {
	await writeCounts();
	const [row] =
		await database.ownerClient`select unproven_webhooks from channel_health where channel_id = ${channelId}`;
	return row?.unproven_webhooks;
};

test("what a stranger sends, unsigned or without our word, says nothing about the secret", async () => {
	const { connect } = await openStore();
	const channelId = await connect("f".repeat(64));
	const before = await unproven(channelId);
	const post = (headers: Record<string, string>): WebhookRequest => ({
		platform: "bigcommerce",
		channelId,
		headers,
		rawBody: Buffer.from("{}"),
	});
	const signature = { "webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA" };
	for (const headers of [{}, signature, { ...signature, "x-onecount-secret": "guessed" }])
		expect((await receiveWebhook(post(headers))).status).toBe(401);
	expect(await unproven(channelId)).toBe(before);
});

test("once news was accepted, forgeries never put the secret in doubt", async () => {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	const channel = { channelId, merchantId: merchant.merchantId };
	for (let n = 0; n < 2; n++) countWebhook(channel, "missigned");
	expect(await unproven(channelId)).toBe(2);
	countWebhook({ ...channel, secretSince: "2026-11-24 12:00:00+00" }, "accepted");
	// Under a secret that has been replaced since.
	expect(await unproven(channelId)).toBe(2);
	countWebhook(channel, "accepted");
	expect(await unproven(channelId)).toBeNull();
	for (let n = 0; n < 5; n++) countWebhook(channel, "missigned");
	expect(await unproven(channelId)).toBeNull();
	const [health] =
		await database.ownerClient`select rejected_webhooks from channel_health where channel_id = ${channelId}`;
	expect(health?.rejected_webhooks).toBe(7);
});

test("what strangers post to a store that calls nobody is not shown on its card", async () => {
	const merchant = await makeMerchant(database);
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	const shown = async (platform: "magento" | "amazon" | "woocommerce") => {
		const channelId = await makeChannel(database, merchant, { platform });
		countWebhook({ channelId, merchantId: merchant.merchantId }, "rejected");
		await writeCounts();
		return (await readChannel(ctx, channelId)).webhooks.rejected;
	};
	expect([await shown("magento"), await shown("amazon"), await shown("woocommerce")]).toEqual([0, 0, 1]);
});
