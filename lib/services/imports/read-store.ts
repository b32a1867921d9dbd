import type postgres from "postgres";
import { ensureWebhooks } from "../channels/ensure-webhooks";
import { openConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { systemContext } from "../context";
import { proposeMappings } from "../mappings/propose-mappings";
import { type Imported, importListings } from "./import-listings";

/** What follows a new connection: its webhooks, so that no news is missed from here on; its listings; what they may be. */
export async function readStore(client: postgres.Sql, target: WorkTarget): Promise<Imported> {
	const imported = await importListings(client, target, async () => {
		const open = await openConnection(client, target);
		await ensureWebhooks(client, target, open);
		return open;
	});
	await proposeMappings(systemContext(target.merchantId), [target.channelId]);
	return imported;
}
