import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { formatNumber } from "@/lib/format/number";

/** Webhooks of today: those that were signed wrongly or not at all, and those that were not. */
export type RejectedWebhooks = { rejected: number; believed: number };

/** One or two are a scanner's. */
const fewest = 10;
/** After so long without one it is over. */
const overAfterMs = 60 * 60_000;

/** Channels of which many webhooks were rejected today, more than a tenth of all, and lately. */
export async function readRejectedWebhooks(
	tx: Transaction,
	merchantId: string,
	now: number,
): Promise<Map<string, RejectedWebhooks>> {
	const rows = await tx.execute<RejectedWebhooks & { id: string }>(sql`
		select d.channel_id as id, d.rejected, d.accepted + d.repeated as believed
		from webhook_days d join channel_health h on h.channel_id = d.channel_id
		where d.merchant_id = ${merchantId}::uuid and d.day = current_date
			and d.rejected >= ${fewest}::int and d.rejected * 10 > d.accepted + d.repeated + d.rejected
			and h.last_rejected_at > ${new Date(now - overAfterMs).toISOString()}::timestamptz`);
	return new Map([...rows].map(({ id, ...counts }) => [id, counts]));
}

/** Why they are likely rejected, in half a sentence. */
export const likelyReason = ({ believed }: RejectedWebhooks): string =>
	believed > 0
		? `likely somebody else's mail: ${formatNumber(believed)} of its own came rightly signed`
		: "none came rightly signed: a changed secret, or somebody else's mail";
