import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import type { WorkTarget } from "./work-target";

/** A store asked somebody beside its worker for a rest: everybody heeds it. */
export async function keepQuiet(client: postgres.Sql, target: WorkTarget, ms: number): Promise<void> {
	await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run`
			update channel_health set quiet_until = greatest(quiet_until, now() + ${ms}::int * interval '1 ms')
			where channel_id = ${target.channelId}::uuid`,
	);
}
