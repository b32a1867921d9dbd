import { clientFor } from "@/db/client";
import type { WebhookChannel } from "./webhook-channel";

type Kind = "accepted" | "repeated" | "rejected";
type Counts = { merchantId: string } & Record<Kind, number>;
type Shared = { counts: Map<string, Counts>; timer: NodeJS.Timeout | null };

const holder = globalThis as { onecountWebhookCounts?: Shared };
holder.onecountWebhookCounts ??= { counts: new Map(), timer: null };
const shared = holder.onecountWebhookCounts;

const writeEveryMs = 1_000;

/** Counted in memory and written once a second: a flood of forged mail costs one statement a second. */
export function countWebhook(channel: Pick<WebhookChannel, "channelId" | "merchantId">, kind: Kind): void {
	add(channel.channelId, { merchantId: channel.merchantId, accepted: 0, repeated: 0, rejected: 0, [kind]: 1 });
	writeSoon();
}

function add(channelId: string, more: Counts): void {
	const counts = shared.counts.get(channelId);
	if (!counts) shared.counts.set(channelId, { ...more });
	else for (const kind of ["accepted", "repeated", "rejected"] as const) counts[kind] += more[kind];
}

function writeSoon(): void {
	shared.timer ??= setTimeout(() => {
		shared.timer = null;
		// What could not be written is still counted, and goes with the next.
		writeCounts().catch(writeSoon);
	}, writeEveryMs);
	shared.timer.unref();
}

/** Writes what was counted since the last time; what fails to be written is counted again. */
export async function writeCounts(): Promise<void> {
	const counted = [...shared.counts];
	shared.counts.clear();
	if (counted.length === 0) return;
	try {
		await write(counted.map(([channelId, counts]) => ({ channelId, ...counts })));
	} catch (error) {
		for (const [channelId, counts] of counted) add(channelId, counts);
		throw error;
	}
}

async function write(rows: ({ channelId: string } & Counts)[]): Promise<void> {
	const input = JSON.stringify(rows);
	const sql = clientFor("writer");
	await sql`
		with counted as (
			select * from jsonb_to_recordset(${input}::text::jsonb) as c("channelId" uuid, "merchantId" uuid, accepted int, repeated int, rejected int)
		),
		by_day as (
			insert into webhook_days (channel_id, day, merchant_id, accepted, repeated, rejected)
			select "channelId", current_date, "merchantId", accepted, repeated, rejected from counted order by "channelId"
			on conflict (channel_id, day) do update set accepted = webhook_days.accepted + excluded.accepted,
				repeated = webhook_days.repeated + excluded.repeated, rejected = webhook_days.rejected + excluded.rejected
		),
		locked as (
			-- In the order in which everybody locks several channels.
			select h.channel_id from channel_health h join counted c on c."channelId" = h.channel_id
			order by h.channel_id for no key update of h
		)
		update channel_health h set
			rejected_webhooks = h.rejected_webhooks + c.rejected,
			last_rejected_at = case when c.rejected > 0 then now() else h.last_rejected_at end,
			last_webhook_at = case when c.accepted + c.repeated > 0 then now() else h.last_webhook_at end
		from counted c join locked on locked.channel_id = c."channelId" where c."channelId" = h.channel_id`;
}
