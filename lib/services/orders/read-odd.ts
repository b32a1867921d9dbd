import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import type { OddRow } from "@/lib/channels/listing";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { oddRowKey } from "../mail/letter-keys";
import { keepOdd } from "./keep-orders";
import { mostSingleReads, readByRef, troubleOfStore } from "./read-by-ref";

/**
 * Orders that a list tells in a form that nobody knows. Asked for by itself an order may come as promised; else it is kept
 * as it came, for a person to see, and the list goes on. Returns how much of it is new.
 */
export async function readOdd(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	odd: readonly OddRow[],
): Promise<number> {
	const fresh = odd.length > 0 ? await unkept(client, target, odd) : [];
	if (fresh.length === 0) return 0;
	// So many odd ones on a page are a platform that has changed.
	const toAsk = fresh.length > mostSingleReads ? [] : fresh.map(({ ref }) => ref);
	const read = await readByRef(client, target, open, toAsk, false);
	const trouble = await troubleOfStore(client, target, read.failed);
	if (trouble) throw trouble;
	const unreadable = new Set(read.failed.map(({ orderRef }) => orderRef));
	const letters = toAsk.length === 0 ? fresh : fresh.filter(({ ref }) => unreadable.has(ref));
	return read.fresh + (await asMerchantPrepared(client, target.merchantId, (run) => keepOdd(run, target, letters)));
}

/** Those that are no letters yet, or none any more. */
async function unkept(client: postgres.Sql, target: WorkTarget, odd: readonly OddRow[]): Promise<OddRow[]> {
	const kept = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{ key: string }>`
			select dedupe_key as key from inbox where channel_id = ${target.channelId}::uuid
				and dedupe_key like 'odd:%' and state <> 1
				and dedupe_key in (select jsonb_array_elements_text(${JSON.stringify(odd.map(oddRowKey))}::text::jsonb))`,
	);
	const keys = new Set(kept.map(({ key }) => key));
	return odd.filter((one) => !keys.has(oddRowKey(one)));
}
