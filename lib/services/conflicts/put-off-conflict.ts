import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant } from "@/db/client";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile } from "../errors";

export const snoozeConflictSchema = z.object({
	ids: z.array(z.guid()).min(1).max(1_000),
	/** Milliseconds since the epoch; null: back at once. */
	until: z.number().nullable(),
});

/** Out of the way until a moment; it comes back by itself. */
export async function snoozeConflict(ctx: Context, input: z.input<typeof snoozeConflictSchema>): Promise<void> {
	authorise(ctx, "support");
	const { ids, until } = snoozeConflictSchema.parse(input);
	const moment = until === null ? null : new Date(until).toISOString();
	await change(
		ctx,
		ids,
		until === null ? "conflict.woken" : "conflict.snoozed",
		sql`state = ${until === null ? "open" : "snoozed"}, snoozed_until = ${moment}::timestamptz`,
	);
}

export const escalateConflictSchema = z.object({
	ids: z.array(z.guid()).min(1).max(1_000),
	/** False takes it back. */
	isEscalated: z.boolean(),
});

/** Asks an owner to look at it: it moves up in everybody's list, with the name of who asked. */
export async function escalateConflict(ctx: Context, input: z.input<typeof escalateConflictSchema>): Promise<void> {
	authorise(ctx, "support");
	const { ids, isEscalated } = escalateConflictSchema.parse(input);
	await change(
		ctx,
		ids,
		isEscalated ? "conflict.escalated" : "conflict.deescalated",
		isEscalated
			? sql`escalated_at = clock_timestamp(), escalated_by = ${ctx.actor}`
			: sql`escalated_at = null, escalated_by = null`,
	);
}

async function change(ctx: Context, ids: string[], action: string, set: ReturnType<typeof sql>): Promise<void> {
	const changed = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const rows = (await tx.execute(sql`
			update conflicts set ${set}
			where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)) and state <> 'decided'
			returning id`)) as unknown as { id: string }[];
		await tx.execute(sql`
			insert into audit_log (merchant_id, actor, action, subject)
			select ${ctx.merchantId}::uuid, ${ctx.actor}, ${action}, 'conflict:' || value
			from jsonb_array_elements_text(${JSON.stringify(rows.map(({ id }) => id))}::jsonb)`);
		return rows.length;
	});
	if (changed === 0) throw new ChangedMeanwhile("Somebody has settled this meanwhile. Reload to see what they chose.");
}
