import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";
import { type OpenedRow, openedLine } from "./open-short";

/** What settled by itself with the stock that these decisions had found, now that it is taken back; and the log's lines. */
export async function reopenSettled(
	run: Statement,
	merchantId: string,
	decidedIds: readonly string[],
): Promise<{ ids: string[]; log: LogLine[] }> {
	const reopened = await run<OpenedRow>`
		update conflicts f set state = 'open', decided_at = null, decided_by = null, decision = null
		where merchant_id = ${merchantId}::uuid and kind = 'oversold' and state = 'decided'
			and decision->'because'->'foundBy' ?| array(select jsonb_array_elements_text(${JSON.stringify(decidedIds)}::text::jsonb))
			-- Found again meanwhile: that one is open.
			and not exists (
				select from conflicts o where o.merchant_id = f.merchant_id and o.dedupe_key = f.dedupe_key and o.state <> 'decided')
		returning id, sku_id, channel_id, order_ref, units, facts`;
	return { ids: reopened.map(({ id }) => id), log: reopened.map(openedLine) };
}
