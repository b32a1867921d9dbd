import { clientFor } from "@/db/client";
import { reachable } from "../sync/fault-points";
import { wake } from "../sync/wake";

export type Mail = { merchantId: string; channelId: string; topic: string; dedupeKey: string; body: Buffer };
/** False: it was there already. */
export type Kept = { isNew: boolean };

/** Puts a batch of mail into the inbox in one statement, and wakes whoever applies it. Once this returns it may be acknowledged (R2). */
export async function keepMail(mail: readonly Mail[]): Promise<Kept[]> {
	const sql = clientFor("writer");
	// All bodies as one value, cut up there: what is written once is neither quoted nor unquoted.
	let end = 1;
	const starts = mail.map(({ body }) => {
		const start = end;
		end += body.length;
		return start;
	});
	const kept = await sql<{ channel_id: string; dedupe_key: string }[]>`
		with bodies as materialized (select decode(${Buffer.concat(mail.map((one) => one.body)).toString("base64")}, 'base64') as bytes)
		insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body)
		select m, c, 'webhook', t, k, substring(bytes from start for size)
		from bodies, unnest(
			${mail.map((one) => one.merchantId)}::uuid[], ${mail.map((one) => one.channelId)}::uuid[],
			${mail.map((one) => one.topic)}::text[], ${mail.map((one) => one.dedupeKey)}::text[],
			${starts}::int[], ${mail.map((one) => one.body.length)}::int[]
		) as u(m, c, t, k, start, size)
		on conflict (channel_id, dedupe_key) do nothing
		returning channel_id, dedupe_key`;
	reachable("inbox");
	const fresh = new Set(kept.map((row) => `${row.channel_id} ${row.dedupe_key}`));
	wake("mail", new Set(kept.map((row) => row.channel_id)));
	return mail.map((one) => ({ isNew: fresh.delete(`${one.channelId} ${one.dedupeKey}`) }));
}
