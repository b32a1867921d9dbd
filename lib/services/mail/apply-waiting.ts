import type postgres from "postgres";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { readTold } from "../orders/read-told";
import { applyMailBatch } from "./apply-mail";

/** Applies all of a channel's mail, for who must know what it says: the orders that it only names are read, too. */
export async function applyWaiting(client: postgres.Sql, target: WorkTarget, open: OpenConnection): Promise<void> {
	for (;;) {
		const { rows, orderRefsToRead } = await applyMailBatch(target, client);
		if (orderRefsToRead.length > 0) await readTold(client, target, orderRefsToRead, async () => open);
		else if (rows === 0) return;
	}
}
