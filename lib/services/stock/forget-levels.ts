import type { Statement } from "@/db/statement";

/**
 * Takes what these slots show and may sell for unknown, as if they had never been read: what they held is free for others.
 * The answer to a write that is under way finds nobody. The next listing or reading of them begins anew. Returns their SKUs.
 */
export async function forgetLevels(run: Statement, slotIds: readonly number[]): Promise<string[]> {
	if (slotIds.length === 0) return [];
	const rows = await run<{ sku_id: string | null }>`
		update slots set expected = null, expected_version = expected_version + 1, unexplained = 0, unexplained_since = null, changed_at = null,
			shown = null, shown_at = null, shown_until = null, verified_at = null, hint = null, read_due_at = null,
			bound = null, doubt = 0, open_until = null, proof_quantity = null, proof_until = null, reserved_source = null, reserved_open = null, is_fenced = false,
			push_id = null, push_kind = null, push_quantity = null, push_expected = null, push_open = null, push_offered_version = null, push_sku_version = null,
			claimed_until = null, maybe = null, accepted = null, unapplied = 0
		where id = any(array(select value::bigint from jsonb_array_elements_text(${JSON.stringify(slotIds)}::text::jsonb)))
		returning sku_id`;
	return [...new Set(rows.flatMap(({ sku_id }) => sku_id ?? []))];
}
