/** What is easily done instead, each in the place of one part of the pipeline; all else stays as it is. */
import type postgres from "postgres";
import { clientFor } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import type { WorkTarget } from "@/lib/services/channels/work-target";
import { applyMailBatch } from "@/lib/services/mail/apply-mail";
import { findTarget } from "@/lib/services/sync/find-work";
import { beginLoop } from "@/lib/services/sync/wake";
import { receiveWebhook, type WebhookReply, type WebhookRequest } from "@/lib/services/webhooks/receive-webhook";

export const twins = ["acknowledges first", "marks first"] as const;
export type Twin = (typeof twins)[number];

/** Answers at once and keeps the mail afterwards: quick, until the process ends in between. */
export async function acknowledgeFirst(request: WebhookRequest): Promise<WebhookReply> {
	setImmediate(() => void receiveWebhook(request));
	return { status: 200, body: "" };
}

const idleMs = 200;

/** Takes mail off the list and applies it then, in two transactions: what was taken when the process ended is gone. */
export async function markFirst(): Promise<void> {
	const channels = await clientFor("writer")<{ id: string }[]>`select id from channels`;
	for (const { id } of channels) {
		const target = await findTarget(id);
		if (target) void drain(target);
	}
}

async function drain(target: WorkTarget): Promise<void> {
	// Holds the place of the loop that applies mail as it should be.
	const loop = beginLoop("mail", target.channelId);
	if (!loop) throw new Error("the channel's mail is being applied already");
	for (;;) {
		loop.clear();
		if ((await takeAndApply(target)) === 0) await loop.wait(idleMs);
	}
}

async function takeAndApply(target: WorkTarget): Promise<number> {
	const client = clientFor("app");
	const taken = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) =>
			run<{
				id: string;
			}>`update inbox set state = 1 where channel_id = ${target.channelId}::uuid and state = 0 returning id`,
	);
	if (taken.length === 0) return 0;
	const ids = JSON.stringify(taken.map(({ id }) => id));
	let isShown = false;
	// The batch finds what was taken, inside its own transaction only.
	const begin = (work: (tx: postgres.TransactionSql) => Promise<unknown>) =>
		client.begin(async (tx) => {
			if (!isShown) {
				isShown = true;
				await tx`select set_config('onecount.merchant_id', ${target.merchantId}, true)`;
				await tx`update inbox set state = 0 where id in (select value::bigint from jsonb_array_elements_text(${ids}::text::jsonb))`;
			}
			return work(tx);
		});
	await applyMailBatch(target, { begin } as unknown as postgres.Sql);
	return taken.length;
}
