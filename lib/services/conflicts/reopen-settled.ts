import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";
import { type OpenedRow, openedLine } from "./open-short";

/**
 * What settled by itself with the stock that these decisions had found, now that it is taken back, and what only became
 * smaller by it; and the log's lines.
 */
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
	const raised = await run<OpenedRow>`
		update conflicts f set units = f.units + e.units, facts = jsonb_set(f.facts, '{eased}', e.others)
		from (
			select c.id, sum((one->>'units')::int) filter (where is_theirs)::int as units,
				coalesce(jsonb_agg(one) filter (where not is_theirs), '[]') as others
			from conflicts c cross join jsonb_array_elements(c.facts->'eased') as one
			cross join lateral (
				select one->'foundBy' ?| array(select jsonb_array_elements_text(${JSON.stringify(decidedIds)}::text::jsonb)) as is_theirs
			) t
			where c.merchant_id = ${merchantId}::uuid and c.kind = 'oversold' and c.state <> 'decided' and c.facts ? 'eased'
			group by c.id
		) e
		where f.id = e.id and e.units > 0
		returning f.id, f.sku_id, f.channel_id, f.order_ref, f.units, f.facts`;
	const all = [...reopened, ...raised];
	return { ids: all.map(({ id }) => id), log: all.map(openedLine) };
}
