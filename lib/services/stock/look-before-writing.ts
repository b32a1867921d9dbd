import type { Statement } from "@/db/statement";
import { adapterFor, connectablePlatforms } from "@/lib/channels/registry";
import { writesBlindly } from "@/lib/stock/slot-news";

/** Platforms that compare nothing: a write there goes over whatever was typed in the store meanwhile. */
async function blindPlatforms(): Promise<string[]> {
	const adapters = await Promise.all(connectablePlatforms.map(adapterFor));
	return adapters.flatMap(({ facts }) => (writesBlindly(facts.writeMode) ? [facts.platform] : []));
}

/**
 * Somebody changed on hand of these SKUs. Where a store would have to be written blindly, its level is read before it is
 * raised: an edit there, of which we have not heard, is found as it would be where the platform compares (R8). A lowering
 * goes at once all the same, unless the first write wins: then it waits for that one read (lib/stock `looksFirst`).
 *
 * What is typed there between that read and the write nobody can know: the read-back shows our number, and the store's stamp
 * of its last change is that of our write.
 */
export async function lookBeforeWriting(run: Statement, skuIds: readonly string[]): Promise<void> {
	if (skuIds.length === 0) return;
	const platforms = await blindPlatforms();
	await run`
		update slots s set hint = null, read_due_at = least(s.read_due_at, clock_timestamp())
		from channels c join merchants m on m.id = c.merchant_id
		where c.id = s.channel_id and c.platform in (select jsonb_array_elements_text(${JSON.stringify(platforms)}::text::jsonb))
			and s.sku_id in (
				select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)
				union select bundle_id from sku_components
				where component_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)))
			and s.is_pending and (s.offered > s.expected + s.unexplained or m.race_rule = 'first_write_wins')
			-- While a write is under way or its answer is lost, a read proves nothing; it is read back afterwards.
			and s.push_id is null and s.maybe is null and not s.is_fenced`;
}
