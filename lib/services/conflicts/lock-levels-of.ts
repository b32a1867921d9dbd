import type { Statement } from "@/db/statement";
import { lockLevels } from "../stock/lock-levels";

/**
 * Locks the levels that these conflicts are short at, before the conflicts themselves: whoever moves stock locks levels
 * first, and then the conflicts that this closes.
 */
export async function lockLevelsOf(run: Statement, conflictIds: readonly string[]): Promise<void> {
	const rows = await run<{ sku_id: string }>`
		select distinct sku_id from conflicts
		where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(conflictIds)}::text::jsonb))
			and kind = 'oversold' and sku_id is not null`;
	if (rows.length > 0)
		await lockLevels(
			run,
			rows.map(({ sku_id }) => sku_id),
		);
}
