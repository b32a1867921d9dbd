import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { type PolicyField, type PolicyFields, policyFields } from "@/lib/stock/offer-policy";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { lockLevels } from "../stock/lock-levels";
import { recomputeOffers } from "../stock/recompute-offers";
import { wake } from "../sync/wake";
import { policyColumns, policyOf, policyTables, slotsOf } from "./policy-sql";
import { type PolicyTarget, policyTarget } from "./policy-target";
import { refuseFaults } from "./refuse-faults";
import { readStandings, refuseUnusual } from "./refuse-unusual";

const whole = (name: string, least: number, most: number, tooMany: string) =>
	z
		.number(`${name} is a number.`)
		.int(`${name} is a whole number.`)
		.min(least, least === 0 ? `${name} can't be negative.` : `${name} is at least ${least}.`)
		.max(most, tooMany)
		.nullable()
		.optional();
const likelyTyping = (name: string, most: string) => `${name} of more than ${most} is likely a typing error.`;

/** What is left out stays as it is; null: the next level decides. */
export const policyPatch = z.strictObject({
	bufferUnits: whole("A buffer", 0, 10_000, likelyTyping("A buffer", "10,000 units")),
	// Beyond ten minutes, half a minute's sales tell nothing.
	bufferSeconds: whole("A buffer in seconds", 0, 600, "A buffer in seconds has up to 600, ten minutes of sales."),
	sharePercent: whole("A share", 1, 100, "A share is at most 100 %."),
	minUnits: whole("A minimum", 0, 1_000_000, likelyTyping("A minimum", "1,000,000")),
	capUnits: whole("A maximum", 0, 1_000_000, likelyTyping("A maximum", "1,000,000")),
	outOfStockBelow: whole("The number below which none is shown", 0, 1_000_000, "That many is likely a typing error."),
});

/**
 * Says at one level what channels are offered; fields that disagree with what holds at another level are refused, and so is
 * what would never sell. An unusual share of a catalogue is changed only by who has agreed to it by its numbers (R12). What
 * is offered follows at once.
 */
export async function setOfferPolicy(
	ctx: Context,
	input: unknown,
	fields: unknown,
	{ isConfirmed = false } = {},
): Promise<void> {
	authorise(ctx, "manager");
	const target = policyTarget.parse(input);
	const patch = policyPatch.parse(fields);
	const pending = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		// One change of policy at a time: two that disagree can't pass unseen by each other.
		await run`select from merchants where id = ${ctx.merchantId}::uuid for no key update`;
		const skuIds = await readSkuIds(tx, target);
		// Levels before slots, as everybody does.
		await lockLevels(run, skuIds);
		const before = isConfirmed ? [] : await readStandings(run, target);
		const changes = await write(tx, ctx, target, patch);
		if (Object.keys(changes).length === 0) return [];
		await refuseFaults(tx, target);
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'offer_policy.set', ${`${target.level}:${idOf(ctx, target)}`}, ${JSON.stringify(changes)}::text::jsonb)`;
		const { pendingChannelIds } = await recomputeOffers(tx, skuIds);
		await refuseUnusual(run, before);
		return pendingChannelIds;
	});
	wake("work", pending);
}

const idOf = (ctx: Context, target: PolicyTarget) => (target.level === "merchant" ? ctx.merchantId : target.id);

/** SKUs whose offers may change. */
async function readSkuIds(tx: Transaction, target: PolicyTarget): Promise<string[]> {
	if (target.level === "sku") return [target.id];
	const rows = await tx.execute<{ sku_id: string }>(
		sql`select distinct sku_id from slots where sku_id is not null and ${slotsOf(target)}`,
	);
	return [...rows].map(({ sku_id }) => sku_id);
}

type Changes = Partial<Record<PolicyField, { from: number | null; to: number | null }>>;

/** Writes what differs, and returns it. */
async function write(tx: Transaction, ctx: Context, target: PolicyTarget, patch: Partial<PolicyFields>) {
	const { table, key, what } = policyTables[target.level];
	const own = sql`from ${table} t where t.${key} = ${idOf(ctx, target)}::uuid`;
	const [row] = await tx.execute<{ before: PolicyFields }>(sql`select ${policyOf("t")} as before ${own}`);
	if (!row) throw new NotFound(what);
	const changes: Changes = {};
	for (const field of policyFields) {
		// The merchant's buffer is the end of every chain: without one it is zero.
		const wanted = target.level === "merchant" && field === "bufferUnits" ? (patch[field] ?? 0) : patch[field];
		if (patch[field] === undefined || wanted === undefined || wanted === row.before[field]) continue;
		changes[field] = { from: row.before[field], to: wanted };
	}
	const sets = Object.entries(changes).map(
		([field, { to }]) => sql`${sql.identifier(policyColumns[field as PolicyField])} = ${to}::int`,
	);
	if (sets.length > 0)
		await tx.execute(sql`update ${table} set ${sql.join(sets, sql`, `)} where ${key} = ${idOf(ctx, target)}::uuid`);
	return changes;
}
