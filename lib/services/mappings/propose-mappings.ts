import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { type MatchListing, type MatchSku, type Proposal, proposeForChannel } from "@/lib/matching/propose";
import { authorise, type Context } from "../context";

export type Proposed = { channels: number; proposals: number };

/**
 * Looks again at every listing that nobody decided about, channel by channel, and keeps what it thinks. A rejected
 * pair stays rejected. Links nothing. After an import, after new SKUs, or when a person asks.
 */
export async function proposeMappings(ctx: Context, channelIds: readonly string[] | null = null): Promise<Proposed> {
	authorise(ctx, "support");
	const { channels, skus } = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		return {
			channels: await run<{ id: string }>`
				select id from channels where state <> 'disconnected'
					and (${channelIds === null}::boolean or id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(channelIds ?? [])}::text::jsonb)))
				order by created_at, id`,
			skus: await run<MatchSku>`select id, code, gtin, title, options from skus where archived_at is null order by code`,
		};
	});
	let proposals = 0;
	for (const { id } of channels)
		proposals += await asMerchant(ctx.db, ctx.merchantId, (tx) => proposeChannel(tx, ctx, id, skus));
	return { channels: channels.length, proposals };
}

async function proposeChannel(
	tx: Transaction,
	ctx: Pick<Context, "merchantId">,
	channelId: string,
	skus: readonly MatchSku[],
): Promise<number> {
	const run = statementsOf(tx);
	// Two who look at once would each keep half of the other's answer.
	await run`select pg_advisory_xact_lock(hashtextextended(${`propose:${channelId}`}, 0))`;
	const listings = await run<MatchListing & { linked_sku_id: string | null }>`
		select l.id, l.sku, l.gtin, l.title, l.options, case when m.state = 'linked' then m.sku_id end as linked_sku_id
		from listings l left join mappings m on m.listing_id = l.id
		where l.channel_id = ${channelId}::uuid and l.gone_at is null`;
	const linked = new Set(listings.flatMap(({ linked_sku_id }) => (linked_sku_id ? [linked_sku_id] : [])));
	// Linked ones are asked about too, so that a duplicate of theirs is seen as one; their own answers are not kept.
	const open = new Set(listings.filter(({ linked_sku_id }) => !linked_sku_id).map(({ id }) => id));
	const proposals = proposeForChannel(
		listings.filter(({ id }) => open.has(id)),
		skus,
		linked,
	);
	await keepProposals(run, ctx.merchantId, channelId, proposals);
	return proposals.length;
}

/** Set-based, in slices: one statement with a whole catalogue's reasons would be tens of megabytes. */
const sliceSize = 5_000;

async function keepProposals(
	run: Statement,
	merchantId: string,
	channelId: string,
	proposals: readonly Proposal[],
): Promise<void> {
	await run`
		delete from proposals p using listings l
		where l.id = p.listing_id and l.channel_id = ${channelId}::uuid and p.rejected_at is null`;
	for (let from = 0; from < proposals.length; from += sliceSize) {
		const slice = JSON.stringify(proposals.slice(from, from + sliceSize));
		await run`
			insert into proposals (merchant_id, listing_id, sku_id, score, tier, reasons, is_ambiguous, made_at)
			select ${merchantId}::uuid, p."listingId", p."skuId", p.score, p.tier, p.reasons, p."isAmbiguous", clock_timestamp()
			from jsonb_to_recordset(${slice}::text::jsonb) as p("listingId" uuid, "skuId" uuid, score float8, tier text, reasons jsonb, "isAmbiguous" boolean)
			-- What a person rejected stays rejected, with today's reasons.
			on conflict (listing_id, sku_id) do update set score = excluded.score, tier = excluded.tier, reasons = excluded.reasons,
				is_ambiguous = excluded.is_ambiguous, made_at = excluded.made_at`;
	}
}

/** Rejects pairs: the listing is not this SKU, and is not proposed as it again. `isRejected` false takes it back. */
export async function rejectProposals(
	ctx: Context,
	pairs: readonly { listingId: string; skuId: string }[],
	isRejected = true,
): Promise<number> {
	authorise(ctx, "support");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const rejected = await tx.execute(sql`
			update proposals p set rejected_at = ${isRejected ? sql`clock_timestamp()` : sql`null`}
			from jsonb_to_recordset(${JSON.stringify(pairs)}::text::jsonb) as r("listingId" uuid, "skuId" uuid)
			where p.listing_id = r."listingId" and p.sku_id = r."skuId" and (p.rejected_at is null) = ${isRejected}`);
		const count = rejected.count ?? 0;
		if (count > 0)
			await tx.execute(sql`
				insert into audit_log (merchant_id, actor, action, data)
				values (${ctx.merchantId}, ${ctx.actor}, ${isRejected ? "mapping.rejected" : "mapping.unrejected"}, ${JSON.stringify({ pairs })}::text::jsonb)`);
		return count;
	});
}
