import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";

const nameInput = z
	.string()
	.trim()
	.min(1, "Give the location a name.")
	.max(80, "A location's name has 80 characters at the most.");

/** Another place where stock lies. Nothing sells from it until a store is told to. Throws Unacceptable where its name is taken. */
export async function addLocation(ctx: Context, name: unknown): Promise<{ locationId: string }> {
	authorise(ctx, "manager");
	const chosen = nameInput.parse(name);
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [added] = await run<{ id: string }>`
			insert into locations (merchant_id, name)
			select ${ctx.merchantId}::uuid, ${chosen} where not exists (select from locations where lower(name) = lower(${chosen}))
			on conflict do nothing returning id`;
		if (!added) throw new Unacceptable(`There is a location called ${chosen} already.`, "name_taken");
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'location.added', ${added.id}, ${JSON.stringify({ name: chosen })}::text::jsonb)`;
		return { locationId: added.id };
	});
}
