import { clientFor } from "@/db/client";
import type { WebhookChannel } from "./webhook-channel";

/** `missigned`: rejected since its signature was wrong, and not because it had none or came from a stranger. */
const kinds = ["accepted", "repeated", "rejected", "missigned"] as const;
type Kind = (typeof kinds)[number];
/** `secretSince`: of what it was held against; only the secret that is kept now is proven or put in doubt. */
type Told = Pick<WebhookChannel, "channelId" | "merchantId"> & Partial<Pick<WebhookChannel, "secretSince">>;
type Counts = Told & Record<Kind, number>;
type Shared = { counts: Map<string, Counts>; timer: NodeJS.Timeout | null };

const holder = globalThis as { onecountWebhookCounts?: Shared };
holder.onecountWebhookCounts ??= { counts: new Map(), timer: null };
const shared = holder.onecountWebhookCounts;

const writeEveryMs = 1_000;

/** Counted in memory and written once a second: a flood of forged mail costs one statement a second. */
export function countWebhook({ channelId, merchantId, secretSince = null }: Told, kind: Kind): void {
	add({ channelId, merchantId, secretSince, accepted: 0, repeated: 0, rejected: 0, missigned: 0, [kind]: 1 });
	writeSoon();
}

function add(more: Counts): void {
	const key = `${more.channelId} ${more.secretSince}`;
	const counts = shared.counts.get(key);
	if (!counts) shared.counts.set(key, { ...more });
	else for (const kind of kinds) counts[kind] += more[kind];
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
	const counted = [...shared.counts.values()];
	shared.counts.clear();
	if (counted.length === 0) return;
	try {
		await write(counted);
	} catch (error) {
		counted.forEach(add);
		throw error;
	}
}

async function write(rows: readonly Counts[]): Promise<void> {
	const input = JSON.stringify(rows);
	const sql = clientFor("writer");
	await sql`
		with counted as (
			select t."channelId", t."merchantId", sum(t.accepted)::int as accepted, sum(t.repeated)::int as repeated,
				sum(t.rejected + t.missigned)::int as rejected,
				coalesce(sum(t.missigned) filter (where w.rotated_at::text is not distinct from t."secretSince"), 0)::int as missigned,
				coalesce(bool_or(t.accepted + t.repeated > 0) filter (where w.rotated_at::text is not distinct from t."secretSince"), false) as is_proof
			from jsonb_to_recordset(${input}::text::jsonb)
				as t("channelId" uuid, "merchantId" uuid, "secretSince" text, accepted int, repeated int, rejected int, missigned int)
			left join credentials w on w.channel_id = t."channelId" and w.purpose = 'webhook'
			group by t."channelId", t."merchantId"
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
			unproven_webhooks = case when not c.is_proof then h.unproven_webhooks + c.missigned end,
			last_webhook_at = case when c.accepted + c.repeated > 0 then now() else h.last_webhook_at end
		from counted c join locked on locked.channel_id = c."channelId" where c."channelId" = h.channel_id`;
}
