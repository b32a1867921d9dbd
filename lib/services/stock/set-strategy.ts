import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { strategies } from "@/lib/stock/strategy";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { wake } from "../sync/wake";
import { type Offered, recomputeOffers } from "./recompute-offers";

const strategyInput = z.enum(strategies, "Choose how listings share the stock: adaptive, escrow or shared.");

/** How the listings of one SKU share its stock; null: as the merchant's do. What each is offered follows at once. */
export async function setSkuStrategy(ctx: Context, skuId: string, strategy: unknown): Promise<void> {
	authorise(ctx, "manager");
	const chosen = strategyInput.nullable().parse(strategy);
	await change(ctx, async (run, tx) => {
		const changed = await run`update skus set strategy = ${chosen} where id::text = ${skuId} returning id`;
		if (changed.length === 0) throw new NotFound("SKU");
		await audit(run, ctx, "sku.strategy_set", skuId, { strategy: chosen });
		return recomputeOffers(tx, [skuId]);
	});
}

/** How a channel's stock is shared with the others that sell it, unless the SKU says otherwise; null: as the merchant's. */
export async function setChannelStrategy(ctx: Context, channelId: string, strategy: unknown): Promise<void> {
	authorise(ctx, "manager");
	const chosen = strategyInput.nullable().parse(strategy);
	await change(ctx, async (run, tx) => {
		const changed = await run`update channels set strategy = ${chosen} where id::text = ${channelId} returning id`;
		if (changed.length === 0) throw new NotFound("channel");
		await audit(run, ctx, "channel.strategy_set", channelId, { strategy: chosen });
		const skus = await run<{ id: string }>`
			select distinct s.sku_id as id from slots s join skus k on k.id = s.sku_id
			where s.channel_id::text = ${channelId} and k.strategy is null`;
		return recomputeOffers(
			tx,
			skus.map(({ id }) => id),
		);
	});
}

/** How listings share a SKU's stock, unless the SKU or a channel says otherwise. */
export async function setDefaultStrategy(ctx: Context, strategy: unknown): Promise<void> {
	authorise(ctx, "manager");
	const chosen = strategyInput.parse(strategy);
	await change(ctx, async (run, tx) => {
		await run`update merchants set strategy = ${chosen} where id = ${ctx.merchantId}::uuid`;
		await audit(run, ctx, "merchant.strategy_set", ctx.merchantId, { strategy: chosen });
		const skus = await run<{ id: string }>`
			select distinct s.sku_id as id from slots s join skus k on k.id = s.sku_id where k.strategy is null`;
		return recomputeOffers(
			tx,
			skus.map(({ id }) => id),
		);
	});
}

const mostLaunchMs = 14 * 24 * 60 * 60_000;
const launchInput = z
	.object({ from: z.coerce.date("Say when the launch begins."), until: z.coerce.date("Say when the launch ends.") })
	.nullable();

/** Marks a launch: an adaptive SKU is in escrow from before its first sale. Null: there is none. */
export async function markLaunch(ctx: Context, skuId: string, launch: unknown): Promise<void> {
	authorise(ctx, "manager");
	const chosen = launchInput.parse(launch);
	if (chosen && chosen.until <= chosen.from)
		throw new Unacceptable("This launch would end before it begins: choose an end after its begin.");
	if (chosen && chosen.until <= ctx.now())
		throw new Unacceptable("This launch would be over already: choose an end that is still to come.");
	if (chosen && chosen.until.getTime() - chosen.from.getTime() > mostLaunchMs)
		throw new Unacceptable("A launch lasts two weeks at the most; for longer choose escrow itself.");
	await change(ctx, async (run, tx) => {
		const changed = await run`
			update skus set launch_from = ${chosen?.from.toISOString() ?? null}::timestamptz, launch_until = ${chosen?.until.toISOString() ?? null}::timestamptz
			where id::text = ${skuId} returning id`;
		if (changed.length === 0) throw new NotFound("SKU");
		await audit(run, ctx, "sku.launch_marked", skuId, { launch: chosen });
		return recomputeOffers(tx, [skuId]);
	});
}

async function change(ctx: Context, work: (run: Statement, tx: Transaction) => Promise<Offered>): Promise<void> {
	const { pendingChannelIds } = await asMerchant(ctx.db, ctx.merchantId, (tx) => work(statementsOf(tx), tx));
	wake("work", pendingChannelIds);
}

const audit = (run: Statement, ctx: Context, action: string, subject: string, data: object) =>
	run`
		insert into audit_log (merchant_id, actor, action, subject, data)
		values (${ctx.merchantId}::uuid, ${ctx.actor}, ${action}, ${subject}, ${JSON.stringify(data)}::text::jsonb)`;
