import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { notifyLog } from "@/lib/live/notify";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { appendLog } from "../log/append-log";
import { lockMail } from "../mail/lock-mail";
import { lockLevels } from "../stock/lock-levels";
import { recomputeOffers } from "../stock/recompute-offers";
import { wake } from "../sync/wake";
import { type Component, refuseComponents } from "./refuse-components";

/** What of it can't be is said by name, in {@link refuseComponents}. */
export const componentsInput = z.array(
	z.strictObject({ skuId: z.guid("Choose a SKU."), units: z.number("A count is a number of units.") }),
	"Say what it is made of: a list of SKUs, each with a count.",
);

export type ChangedComponents = { isChanged: boolean; pendingChannelIds: string[] };

/**
 * Makes a SKU a bundle of so many units each of other SKUs; of none: a plain SKU again, which is offered once it is
 * counted. What every listing of it, of its components and of bundles beside it is offered follows at once.
 */
export async function setComponents(ctx: Context, skuId: string, input: unknown): Promise<void> {
	authorise(ctx, "manager");
	const wanted = componentsInput.parse(input);
	const { isChanged, pendingChannelIds } = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		changeComponents(tx, ctx, guidOf(skuId, "SKU"), wanted),
	);
	if (!isChanged) return;
	notifyLog(ctx.merchantId);
	wake("work", pendingChannelIds);
}

/** In the caller's transaction, who may do it is the caller's to know. */
export async function changeComponents(
	tx: Transaction,
	ctx: Pick<Context, "merchantId" | "actor">,
	skuId: string,
	wanted: readonly Component[],
): Promise<ChangedComponents> {
	const run = statementsOf(tx);
	// One change of bundles at a time: two that would hold each other can't pass unseen by each other.
	await run`select from merchants where id = ${ctx.merchantId}::uuid for no key update`;
	// A first count of it and a link to it either are there by now, or wait and find a bundle.
	const [sku] = await run`select from skus where id = ${skuId}::uuid for update`;
	if (!sku) throw new NotFound("SKU");
	await lockOrders(run, skuId);
	const before = await readComponents(run, skuId);
	if (isSame(before, wanted)) return { isChanged: false, pendingChannelIds: [] };
	await keepForOrders(run, ctx.merchantId, skuId, before);
	const concerned = [...new Set([skuId, ...[...before, ...wanted].map((one) => one.skuId)])];
	// Levels before slots, as everybody does.
	await lockLevels(run, concerned);
	const codes = await refuseComponents(run, skuId, wanted);
	await write(run, ctx.merchantId, skuId, wanted);
	const named = (parts: readonly Component[]) =>
		parts.map((one) => ({
			sku: codes.get(one.skuId) ?? before.find((was) => was.skuId === one.skuId)?.code,
			units: one.units,
		}));
	await run`
		insert into audit_log (merchant_id, actor, action, subject, data)
		values (${ctx.merchantId}::uuid, ${ctx.actor}, 'sku.components_set', ${skuId}, ${JSON.stringify({ from: named(before), to: named(wanted) })}::text::jsonb)`;
	await appendLog(run, ctx.merchantId, [
		{ kind: "bundle.changed", state: "ok", skuId, data: { parts: named(wanted), actor: ctx.actor } },
	]);
	const { pendingChannelIds } = await recomputeOffers(tx, concerned);
	return { isChanged: true, pendingChannelIds };
}

/** Orders of its listings are held meanwhile: each is taken from what it was made of when it was applied. In one order for everybody. */
async function lockOrders(run: Statement, skuId: string): Promise<void> {
	const channels = await run<{ id: string }>`
		select distinct channel_id as id from mappings where sku_id = ${skuId}::uuid and state = 'linked' order by 1`;
	for (const { id } of channels) await lockMail(run, id);
}

/**
 * What was sold of it and may still be returned keeps what it was taken from; also what the first count held already, and
 * no movement tells of.
 */
async function keepForOrders(
	run: Statement,
	merchantId: string,
	skuId: string,
	before: readonly Component[],
): Promise<void> {
	const parts =
		before.length > 0 ? before.map((one) => ({ skuId: one.skuId, units: one.units })) : [{ skuId, units: 1 }];
	await run`
		update order_lines set parts = ${JSON.stringify(parts)}::text::jsonb
		where channel_id in (select id from channels where merchant_id = ${merchantId}::uuid)
			and sku_id = ${skuId}::uuid and consumed <> 0 and parts is null`;
}

const readComponents = (run: Statement, skuId: string) =>
	run<Component & { code: string }>`
		select c.component_id as "skuId", c.units, k.code from sku_components c join skus k on k.id = c.component_id
		where c.bundle_id = ${skuId}::uuid order by k.code`;

const isSame = (before: readonly Component[], wanted: readonly Component[]): boolean =>
	before.length === wanted.length &&
	before.every(({ skuId, units }) => wanted.some((one) => one.skuId === skuId && one.units === units));

async function write(run: Statement, merchantId: string, skuId: string, wanted: readonly Component[]): Promise<void> {
	await run`delete from sku_components where bundle_id = ${skuId}::uuid`;
	await run`
		insert into sku_components (merchant_id, bundle_id, component_id, units)
		select ${merchantId}::uuid, ${skuId}::uuid, w."skuId", w.units
		from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb) as w("skuId" uuid, units int)`;
	// A bundle has no stock to split.
	await run`
		with own as (
			update levels set is_escrow = false, escrow_since = null, stand_why = null where sku_id = ${skuId}::uuid and is_escrow
		),
		shared as (
			update slots set is_escrow = false where sku_id = ${skuId}::uuid and is_escrow
		)
		update skus set is_bundle = ${wanted.length > 0 ? "yes" : "no"} where id = ${skuId}::uuid`;
}
