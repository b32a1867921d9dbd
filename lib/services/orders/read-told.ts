import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { wake } from "../sync/wake";
import { mostSingleReads, readByRef } from "./read-by-ref";

/**
 * News that did not carry its order whole: read it, and put it into the inbox like polled orders. Where that fails,
 * the next poll has it: its cursor lies before the change.
 */
export async function readTold(
	client: postgres.Sql,
	target: WorkTarget,
	orderRefs: readonly string[],
	open: () => Promise<OpenConnection>,
): Promise<void> {
	try {
		// The next poll reads them by page.
		if (orderRefs.length > mostSingleReads) return await pollSoon(client, target);
		const { failed } = await readByRef(client, target, await open(), orderRefs);
		if (failed.length > 0) await pollSoon(client, target);
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		await pollSoon(client, target);
	}
}

async function pollSoon(client: postgres.Sql, target: WorkTarget): Promise<void> {
	await asMerchantPrepared(
		client,
		target.merchantId,
		(run) =>
			run`update channel_health set next_poll_at = now(), deep_polled_at = null where channel_id = ${target.channelId}::uuid`,
	);
	wake("work", [target.channelId]);
}
