import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { Context } from "../context";
import { isGuid } from "../guid";
import { changeLevel, type LevelChange } from "../skus/change-level";
import { unknownLocation, unknownSku } from "./not-there";
import { problem } from "./problem";
import { levelJson } from "./read-skus";
import type { Answer } from "./route";
import type { changedLevelSchema, levelSchema } from "./schemas";

type Where = { code: string; locationId: string };

/** Sets or adjusts on hand for another system, by the same core as a person's count, and says what the level is then. */
export async function changeOnHand(
	tx: Transaction,
	ctx: Context,
	{ code, locationId }: Where,
	change: Pick<LevelChange, "mode" | "value" | "seen" | "note">,
	requestId: string,
): Promise<Answer<z.output<typeof changedLevelSchema>>> {
	const run = statementsOf(tx);
	const [sku] = await run<{ id: string }>`select id from skus where code = ${code} and archived_at is null`;
	if (!sku) throw unknownSku(code);
	const [location] = isGuid(locationId) ? await run`select from locations where id = ${locationId}::uuid` : [];
	if (!location) throw unknownLocation(locationId);
	const place = { skuId: sku.id, locationId };
	const changed = await changeLevel(tx, ctx, { ...place, ...change, causeKey: `api:${requestId}` });
	switch (changed.reason) {
		case "below_zero":
			return problem(422, "below_zero", `There can't be ${change.value}; ${changed.onHand} are on hand. Count again.`, {
				asked: change.value,
				onHand: changed.onHand,
			});
		case "stale":
			return problem(
				409,
				"stale_level",
				`You saw ${saw(change.seen)}, by now it is ${changed.onHand} on hand, version ${changed.version}. Read it again, then decide.`,
				{ seen: change.seen, onHand: changed.onHand, version: changed.version },
			);
		case "changed": {
			const level = await readLevel(tx, place);
			return {
				status: 200,
				body: { sku: code, from: changed.from, ...level },
				pendingChannelIds: changed.pendingChannelIds,
			};
		}
	}
}

function saw(seen: LevelChange["seen"]): string {
	if (seen && "version" in seen) return `version ${seen.version}`;
	return seen?.onHand == null ? "no count" : `${seen.onHand} on hand`;
}

async function readLevel(tx: Transaction, { skuId, locationId }: { skuId: string; locationId: string }) {
	const [row] = await tx.execute<{ level: z.output<typeof levelSchema> }>(sql`
		select ${levelJson} as level from levels l join locations o on o.id = l.location_id
		where l.sku_id = ${skuId}::uuid and l.location_id = ${locationId}::uuid`);
	if (!row) throw new Error("the level was changed a moment ago");
	return row.level;
}
