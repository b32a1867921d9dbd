import { z } from "zod";
import { asMerchant } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { raceRules } from "@/lib/stock/competing-edits";
import { losingRules } from "@/lib/stock/losing-order";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";

export const losingRuleSchema = z
	.object({
		rule: z.enum(losingRules, `Choose which order loses: ${losingRules.join(", ")}.`),
		/** The store whose orders lose first; only with `lowest_channel`. */
		channelId: z.guid("Choose which store's orders lose first.").nullable(),
	})
	.refine(({ rule, channelId }) => (rule === "lowest_channel") === (channelId !== null), {
		message: "Choose which store's orders lose first, and a store only with that rule.",
	});

/** Which order loses from now on when more was sold than there is (R8). Conflicts that are open keep their loser. */
export async function setLosingRule(ctx: Context, input: unknown): Promise<void> {
	authorise(ctx, "manager");
	const { rule, channelId } = losingRuleSchema.parse(input);
	await change(ctx, "merchant.losing_rule_set", { rule, channelId }, async (run) => {
		const isKnown =
			channelId === null ||
			(await run`select from channels where id = ${channelId}::uuid and state <> 'disconnected'`).length > 0;
		if (!isKnown)
			throw new Unacceptable("That store is not connected any more. Choose another rule, or another store.");
		await run`
			update merchants set losing_rule = ${rule}, losing_channel_id = ${channelId}::uuid where id = ${ctx.merchantId}::uuid`;
	});
}

const raceRuleInput = z.enum(raceRules, "Choose what holds when two change one number.");

/** What holds from now on when two places change one number, neither having seen the other (R8). */
export async function setRaceRule(ctx: Context, input: unknown): Promise<void> {
	authorise(ctx, "manager");
	const rule = raceRuleInput.parse(input);
	await change(ctx, "merchant.race_rule_set", { rule }, async (run) => {
		await run`update merchants set race_rule = ${rule} where id = ${ctx.merchantId}::uuid`;
	});
}

async function change(
	ctx: Context,
	action: string,
	data: object,
	work: (run: Statement) => Promise<void>,
): Promise<void> {
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		await work(run);
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, ${action}, ${ctx.merchantId}, ${JSON.stringify(data)}::text::jsonb)`;
	});
}
