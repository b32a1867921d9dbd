import type { LogKind, LogState } from "@/db/schema";
import type { Statement } from "@/db/statement";
import { type OpenedConflict, tellConflicts } from "../endpoints/tell";

export type LogLine = {
	kind: LogKind;
	state: LogState;
	channelId?: string | null;
	skuId?: string | null;
	listingId?: string | null;
	skuVersion?: number | null;
	orderRef?: string | null;
	inboxId?: number | null;
	pushId?: string | null;
	data?: Record<string, unknown>;
};

/**
 * Appends lines to the sync log, in their order, within the caller's transaction. Wake readers after the commit (lib/live).
 * A conflict is opened with its line, so who wants to hear of conflicts is told here.
 */
export async function appendLog(run: Statement, merchantId: string, lines: readonly LogLine[]): Promise<void> {
	if (lines.length === 0) return;
	const written = run`
		insert into sync_log (merchant_id, kind, state, channel_id, sku_id, listing_id, sku_version, order_ref, inbox_id, push_id, data)
		select ${merchantId}::uuid, l.kind, l.state, l."channelId", l."skuId", l."listingId", l."skuVersion", l."orderRef", l."inboxId", l."pushId", coalesce(l.data, '{}'::jsonb)
		from rows from (jsonb_to_recordset(${JSON.stringify(lines)}::text::jsonb) as (
			kind text, state text, "channelId" uuid, "skuId" uuid, "listingId" uuid, "skuVersion" bigint, "orderRef" text,
			"inboxId" bigint, "pushId" uuid, data jsonb)) with ordinality as l
		order by ordinality`;
	await Promise.all([
		written,
		tellConflicts(run, merchantId, lines.filter(({ kind }) => kind === "conflict.opened").map(openedConflict)),
	]);
}

function openedConflict({ skuId, channelId, data = {} }: LogLine): OpenedConflict {
	return {
		id: String(data.conflictId),
		kind: String(data.kind),
		skuId: skuId ?? null,
		channelId: channelId ?? null,
		units: typeof data.units === "number" ? data.units : null,
		orderNumber: typeof data.orderNumber === "string" ? data.orderNumber : null,
	};
}
