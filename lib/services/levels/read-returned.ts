import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import type { SlotToRead } from "./due-reads";

/** Units that came back since a level was last in order, of those that were found too high before: by slot. */
export async function readReturned(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	slots: readonly SlotToRead[],
): Promise<ReadonlyMap<number, number>> {
	if (!open.adapter.readReturns) return new Map();
	const ids = JSON.stringify(slots.map(({ id }) => id));
	const high = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{ id: number; since: number }>`
			select id::float8 as id, extract(epoch from verified_at)::float8 * 1000 as since from slots
			where id in (select value::bigint from jsonb_array_elements_text(${ids}::text::jsonb)) and unexplained > 0 and verified_at is not null`,
	);
	if (high.length === 0) return new Map();
	const keyOf = new Map(slots.map(({ id, external_key }) => [id, external_key]));
	const asked = high.flatMap(({ id, since }) => {
		const externalKey = keyOf.get(id);
		return externalKey ? [{ externalKey, since: new Date(since) }] : [];
	});
	const back = await open.adapter.readReturns(open.connection(), asked);
	return new Map(high.map(({ id }) => [id, back.get(keyOf.get(id) ?? "") ?? 0]));
}
