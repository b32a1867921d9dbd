import type { Statement } from "@/db/statement";

/**
 * One transaction at a time tells a channel's slots what its own buyers did: applying its mail, and recording what a
 * read showed. Held until the transaction ends.
 */
export async function lockMail(run: Statement, channelId: string): Promise<void> {
	await run`select pg_advisory_xact_lock(hashtextextended(${`mail:${channelId}`}, 0))`;
}
