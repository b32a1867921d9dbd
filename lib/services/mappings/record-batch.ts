import type { Statement } from "@/db/statement";
import { countOf } from "@/lib/format/number";
import type { Context } from "../context";
import { appendLog, type LogLine } from "../log/append-log";
import type { MappingAct, MappingTarget, RecordedChange } from "./mapping-change";

type Change = RecordedChange & { channelId: string };

/**
 * Keeps what was there before under the act's name, and writes the audit line and the log: a line per channel, or one
 * that names the listing. Steps of one act add to its batch.
 */
export async function recordBatch(
	run: Statement,
	ctx: Pick<Context, "merchantId" | "actor">,
	{ batchId, action }: { batchId: string; action: MappingAct["action"] },
	changes: readonly Change[],
): Promise<void> {
	const recorded: RecordedChange[] = changes.map(({ listingId, before, after }) => ({ listingId, before, after }));
	const [batch] = await run<{ listings: number }>`
		insert into mapping_batches (id, merchant_id, actor, sentence, changes)
		values (${batchId}::uuid, ${ctx.merchantId}::uuid, ${ctx.actor}, '', ${JSON.stringify(recorded)}::text::jsonb)
		on conflict (id) do update set changes = mapping_batches.changes || excluded.changes where mapping_batches.undone_at is null
		returning jsonb_array_length(changes) as listings`;
	if (!batch) throw new Error("a batch that was undone takes no more changes");
	const sentence = `${verbs[action]} ${countOf(batch.listings, "listing")}`;
	await run`update mapping_batches set sentence = ${sentence} where id = ${batchId}::uuid`;
	await run`
		insert into audit_log (merchant_id, actor, action, subject, data)
		values (${ctx.merchantId}::uuid, ${ctx.actor}, ${action}, ${batchId}, ${JSON.stringify({ listings: recorded.length })}::text::jsonb)`;
	await appendLog(run, ctx.merchantId, logLines(ctx.actor, batchId, changes));
}

const verbs: Record<MappingAct["action"], string> = {
	"mapping.linked": "Linked",
	"mapping.unlinked": "Unlinked",
	"mapping.left_out": "Left out",
	"mapping.undone": "Put back",
};

function logLines(actor: string, batchId: string, changes: readonly Change[]): LogLine[] {
	const groups = new Map<string, Change[]>();
	for (const change of changes) {
		const key = `${change.channelId} ${change.after?.state === "linked"}`;
		groups.set(key, [...(groups.get(key) ?? []), change]);
	}
	return [...groups.values()].map((group) => {
		const first = group[0] as Change;
		const isLinked = first.after?.state === "linked";
		const skuId = linkedSku(isLinked ? first.after : first.before);
		return {
			kind: isLinked ? "mapping.linked" : "mapping.unlinked",
			state: isLinked ? "ok" : "none",
			channelId: first.channelId,
			...(group.length === 1 && { listingId: first.listingId, skuId }),
			data: { count: group.length, actor, batchId },
		};
	});
}

const linkedSku = (target: MappingTarget) => (target?.state === "linked" ? target.skuId : null);
