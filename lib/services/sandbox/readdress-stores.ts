import { asMerchant, clientFor, dbFor } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { openAccess, sealAccess } from "../channels/open-connection";
import { sandboxOrigin } from "../channels/public-address";
import { askForImport } from "../imports/import-jobs";
import { wake } from "../sync/wake";

/**
 * Sandbox stores live at this process's own port, which may be another than yesterday: their channels follow it, with what
 * of their keys is an address (a queue), and their webhooks are made to point here. Returns how many moved.
 */
export async function readdressSandboxStores(): Promise<number> {
	const origin = sandboxOrigin();
	const moved = await clientFor("writer")<{ id: string; merchant_id: string }[]>`
		select id, merchant_id from channels
		where is_sandbox and state <> 'disconnected' and base_url ~ '^http://127[.]0[.]0[.]1:[0-9]+/sandbox/' and base_url not like ${`${origin}/%`}`;
	for (const { id, merchant_id } of moved)
		await asMerchant(dbFor("app"), merchant_id, async (tx) => {
			const run = statementsOf(tx);
			await run`
				update channels set base_url = regexp_replace(base_url, '^http://127[.]0[.]0[.]1:[0-9]+', ${origin}) where id = ${id}::uuid`;
			await readdressAccess(run, id, origin);
			await askForImport(run, { merchantId: merchant_id, channelId: id });
		});
	wake(
		"import",
		moved.map(({ id }) => id),
	);
	return moved.length;
}

async function readdressAccess(run: Statement, channelId: string, origin: string): Promise<void> {
	const [kept] = await run<{ sealed: string }>`
		select sealed from credentials where channel_id = ${channelId}::uuid and purpose = 'access'`;
	if (!kept) return;
	const entries = Object.entries(openAccess(channelId, kept.sealed)).map(([name, value]) => [
		name,
		value.replace(/^http:\/\/127\.0\.0\.1:\d+(?=\/sandbox\/)/, origin),
	]);
	await run`
		update credentials set sealed = ${sealAccess(channelId, Object.fromEntries(entries))}, rotated_at = now()
		where channel_id = ${channelId}::uuid and purpose = 'access'`;
}
