import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import type { WriteOutcome, WriteResult, WriteRow } from "@/lib/channels/listing";
import { notifyLog } from "@/lib/live/notify";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { reachable } from "../sync/fault-points";
import type { ClaimedPush } from "./claim-push";
import { type SettledPush, settlePush } from "./settle-push";

export type SentPush = SettledPush & { answer: WriteResult };

/** One call: what was claimed goes out under the push's id as its key, and what became of it is recorded. */
export async function sendPush(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	push: ClaimedPush,
): Promise<SentPush> {
	reachable("claim");
	const answer = await write(open, push.rows, push.pushId);
	reachable("push");
	return settleWith(client, target, open, push, answer);
}

/** Without a call: the platform's words against the row of this push are known from the call that it spoilt. */
export function refusePush(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	push: ClaimedPush,
	error: ChannelError,
): Promise<SentPush> {
	const rows = push.rows.map(({ externalKey }): WriteOutcome => ({ externalKey, result: "refused", error }));
	return settleWith(client, target, open, push, { rows, exchanges: [], trouble: null, budget: null });
}

async function settleWith(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	push: ClaimedPush,
	answer: WriteResult,
): Promise<SentPush> {
	const settled = await settlePush(client, target, open.adapter.facts, push, answer, Date.now());
	reachable("record");
	notifyLog(target.merchantId);
	return { ...settled, answer };
}

/** Adapters don't throw for what a store answers; should one, nothing is known of what it did. */
async function write(open: OpenConnection, rows: WriteRow[], key: string): Promise<WriteResult> {
	const connection = open.connection();
	try {
		return await open.adapter.writeQuantities(connection, rows, key);
	} catch (cause) {
		const trouble = new ChannelError("unreadable", "The store's answer could not be understood.", { cause });
		return {
			rows: rows.map(({ externalKey }) => ({ externalKey, result: "unknown" })),
			exchanges: [...connection.http.exchanges],
			trouble,
			budget: null,
		};
	}
}

/** `claimedAt`: in milliseconds. */
export type Orphan = ClaimedPush & { claimedAt: number };

/**
 * Pushes whose answer was lost, or whose sender died: with a platform that remembers keys they are sent again as they
 * were; elsewhere they are settled as unknown, and read after the last moment at which they could land (S6).
 */
export async function orphanedPushes(client: postgres.Sql, target: WorkTarget): Promise<Orphan[]> {
	const rows = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{
			push_id: string;
			claimed_at: number;
			slot_id: number;
			quantity: number;
			expected: number;
			open: number | null;
			external_key: string;
			ids: Record<string, string>;
		}>`
			select s.push_id, extract(epoch from p.claimed_at)::float8 * 1000 as claimed_at, s.id::float8 as slot_id, s.push_quantity as quantity, s.push_expected as expected, s.push_open as open, l.external_key, l.ids
			from pushes p
			join push_items i on i.push_id = p.id
			join slots s on s.id = i.slot_id and s.push_id = p.id
			join listings l on l.id = s.listing_id
			where p.channel_id = ${target.channelId}::uuid and p.finished_at is null
			order by s.push_id, s.id`,
	);
	const pushes = new Map<string, Orphan>();
	for (const row of rows) {
		const push = pushes.get(row.push_id) ?? { pushId: row.push_id, claimedAt: row.claimed_at, rows: [], slotIds: [] };
		push.rows.push({
			externalKey: row.external_key,
			ids: row.ids,
			quantity: row.quantity,
			expected: row.expected,
			open: row.open ?? undefined,
		});
		push.slotIds.push(row.slot_id);
		pushes.set(row.push_id, push);
	}
	return [...pushes.values()];
}
