/** An import as a row: asked for, under way, over. The event that starts it may be lost; the row is not. */
import type { Statement } from "@/db/statement";
import type { ChannelError } from "@/lib/channels/errors";
import type { WorkTarget } from "../channels/work-target";

/** In the caller's transaction; after its commit, `wake("import", …)` starts it. Asked for twice, it is one. */
export async function askForImport(run: Statement, target: Pick<WorkTarget, "merchantId" | "channelId">) {
	await run`
		insert into channel_jobs (merchant_id, channel_id, kind, state)
		select ${target.merchantId}::uuid, ${target.channelId}::uuid, 'import', 'waiting'
		where not exists (select from channel_jobs where channel_id = ${target.channelId}::uuid and state = 'waiting')`;
}

/** The waiting one, or a new one. Imports of a channel never run beside each other, so one that still runs was abandoned. */
export async function beginImport(run: Statement, target: WorkTarget): Promise<string> {
	const [row] = await run<{ id: string }>`
		with abandoned as (
			update channel_jobs set state = 'cancelled', finished_at = now() where channel_id = ${target.channelId}::uuid and state = 'running'
		),
		waiting as (
			update channel_jobs set state = 'running', started_at = now(), beat_at = now()
			where channel_id = ${target.channelId}::uuid and state = 'waiting' returning id
		),
		made as (
			insert into channel_jobs (merchant_id, channel_id, kind)
			select ${target.merchantId}::uuid, ${target.channelId}::uuid, 'import' where not exists (select from waiting) returning id
		)
		select id from waiting union all select id from made`;
	if (!row) throw new Error("the import job was not made");
	return row.id;
}

export async function noteProgress(run: Statement, jobId: string, done: number, total: number | null): Promise<void> {
	await run`
		update channel_jobs set done = ${done}::int, total = coalesce(${total}::int, total), beat_at = now() where id = ${jobId}::uuid`;
}

export async function endImport(run: Statement, jobId: string, done: number): Promise<void> {
	await run`
		update channel_jobs set state = 'done', finished_at = now(), done = ${done}::int, total = ${done}::int where id = ${jobId}::uuid`;
}

export async function failImport(run: Statement, jobId: string, error: ChannelError): Promise<void> {
	const named = JSON.stringify({ reason: error.reason, sentence: error.message, fix: error.fix });
	await run`
		update channel_jobs set state = 'failed', finished_at = now(), error = ${named}::text::jsonb where id = ${jobId}::uuid`;
}
