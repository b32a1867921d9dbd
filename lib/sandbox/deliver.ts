/** One delivery: built, posted with the platform's own timeouts, and what a failure means to the webhook. */
import { sql } from "drizzle-orm";
import { Agent, request as undiciRequest } from "undici";
import { findStore } from "./context";
import { knobsOf } from "./knobs";
import { sandboxPlatform } from "./platforms";
import type { DeliveryRules, SandboxContext, SandboxPlatform, SandboxStore } from "./sandbox-platform";
import type { Outcome } from "./settle-deliveries";

/** A delivery that was claimed, with its webhook; its fields are null where that is gone. */
export type ClaimedRow = {
	id: string;
	store_id: string;
	webhook_id: string;
	topic: string;
	resource_id: string;
	body: Buffer | null;
	headers: Record<string, string>;
	attempts: number;
	url: string | null;
	secret: string | null;
	status: string | null;
	failures: number | null;
};
const usualRules: DeliveryRules = {
	connectTimeoutMs: 1_000,
	totalTimeoutMs: 5_000,
	isDelivered: (status) => status >= 200 && status < 300,
};

export async function deliver(ctx: SandboxContext, row: ClaimedRow): Promise<Outcome> {
	const id = Number(row.id);
	const dropped: Outcome = { id, state: "dropped", status: null, dueAt: null };
	const store = await findStore(ctx.db, row.store_id);
	const platform = store && sandboxPlatform(store.platform);
	if (!store || !platform || row.url === null || row.secret === null || row.status !== "active") return dropped;
	const built = await platform.build(ctx, store, {
		webhookId: row.webhook_id,
		topic: row.topic,
		resourceId: row.resource_id,
		body: row.body,
		headers: row.headers,
		secret: row.secret,
		id,
		attempt: row.attempts,
	});
	if (!built) return dropped;
	const rules = platform.delivery ?? usualRules;
	const { webhookForgeryRate } = knobsOf(store);
	// First, so that a receiver that remembers forged mail would miss the good one.
	if (webhookForgeryRate > 0 && ctx.random() < webhookForgeryRate)
		await post(row.url, { ...built, body: tampered(built.body) }, rules);
	const status = await post(row.url, built, rules);
	if (status !== null && rules.isDelivered(status)) {
		await forgiveFailures(ctx, row);
		return { id, state: "sent", status, dueAt: null };
	}
	return afterFailure(ctx, store, platform, row, status);
}

async function afterFailure(
	ctx: SandboxContext,
	store: SandboxStore,
	platform: SandboxPlatform,
	row: ClaimedRow,
	status: number | null,
): Promise<Outcome> {
	const id = Number(row.id);
	const [webhook] = await ctx.db.execute<{ failures: number }>(sql`
		update sandbox.webhooks set failures = failures + 1
		where store_id = ${store.id} and id = ${row.webhook_id} returning failures`);
	failing.add(`${store.id} ${row.webhook_id}`);
	const verdict = webhook ? platform.afterFailures(webhook.failures, row.attempts) : "keep";
	if (verdict === "delete")
		await ctx.db.execute(sql`
			with gone as (delete from sandbox.webhooks where store_id = ${store.id} and id = ${row.webhook_id})
			update sandbox.deliveries set state = 'dropped'
			where store_id = ${store.id} and webhook_id = ${row.webhook_id} and state = 'waiting' and id <> ${id}`);
	if (verdict === "disable")
		await ctx.db.execute(
			sql`update sandbox.webhooks set status = 'disabled' where store_id = ${store.id} and id = ${row.webhook_id}`,
		);
	const retryMs = verdict === "keep" ? platform.retryDelayMs(row.attempts, store) : null;
	if (retryMs === null) return { id, state: "failed", status, dueAt: null };
	return { id, state: "waiting", status, dueAt: new Date(ctx.now().getTime() + retryMs) };
}

/** Webhooks that failed since their deliveries were claimed: a success costs a statement only where there is something to forgive. */
const failing = new Set<string>();

async function forgiveFailures(ctx: SandboxContext, row: ClaimedRow): Promise<void> {
	const isFailing = failing.delete(`${row.store_id} ${row.webhook_id}`);
	if (isFailing || row.failures)
		await ctx.db.execute(
			sql`update sandbox.webhooks set failures = 0 where store_id = ${row.store_id} and id = ${row.webhook_id}`,
		);
}

/** Null: nobody answered in time. */
async function post(
	url: string,
	{ body, headers }: { body: Buffer; headers: Record<string, string> },
	rules: DeliveryRules,
): Promise<number | null> {
	try {
		const reply = await undiciRequest(url, {
			method: "POST",
			headers,
			body,
			dispatcher: agentFor(rules.connectTimeoutMs),
			signal: AbortSignal.timeout(rules.totalTimeoutMs),
		});
		await reply.body.dump();
		return reply.statusCode;
	} catch {
		return null;
	}
}

const agents = new Map<number, Agent>();
function agentFor(connectTimeoutMs: number): Agent {
	let agent = agents.get(connectTimeoutMs);
	if (!agent) {
		agent = new Agent({ connect: { timeout: connectTimeoutMs }, connections: 64, keepAliveTimeout: 4_000 });
		agents.set(connectTimeoutMs, agent);
	}
	return agent;
}

/** The same mail with another number in it, under the good one's signature. */
function tampered(body: Buffer): Buffer {
	const text = body.toString("latin1");
	const at = text.search(/\d(?=\D*$)/);
	if (at < 0) return Buffer.concat([body, Buffer.from(" ")]);
	const copy = Buffer.from(body);
	copy[at] = text[at] === "9" ? 0x30 : (copy[at] ?? 0x30) + 1;
	return copy;
}
