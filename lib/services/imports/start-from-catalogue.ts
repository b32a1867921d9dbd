import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { normaliseGtin } from "@/lib/channels/gtin";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { lockMail } from "../mail/lock-mail";
import { announce, changeInside } from "../mappings/change-mappings";
import { holdPolicies } from "../policies/policy-fault";
import { appendMovements, type MovementRow } from "../stock/append-movements";

export type FlaggedListing = {
	listingId: string;
	name: string;
	reason: "blank" | "duplicate" | "exists";
	sentence: string;
};

export type CatalogueStart = {
	/** SKUs made (or, in a dry run, to be made), each linked to its listing. */
	made: number;
	units: number;
	/** Made without a count, since the channel keeps none. */
	uncounted: number;
	/** Left for a person: nothing is guessed. */
	flagged: FlaggedListing[];
	/** For undoing the links; null when nothing was linked. */
	batchId: string | null;
};

type Row = {
	id: string;
	sku: string | null;
	title: string;
	options: string | null;
	gtin: string | null;
	image_url: string | null;
	quantity: number | null;
	read_at: string | null;
	twins: number;
	exists_as: string | null;
};

/** SKUs that one transaction makes. */
const stepSize = 500;

/**
 * Takes one channel's catalogue as the start: a SKU per listing, linked to it, its quantity counted in as on hand at the
 * channel's location. Listings without a SKU, with one that occurs twice, or with one that is a SKU of ours already are
 * named and left alone.
 */
export async function startFromCatalogue(
	ctx: Context,
	channelId: string,
	{ isDryRun }: { isDryRun: boolean },
): Promise<CatalogueStart> {
	authorise(ctx, "manager");
	const batchId = randomUUID();
	const result: CatalogueStart = { made: 0, units: 0, uncounted: 0, flagged: [], batchId: null };
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) => readOpen(tx, channelId, null));
	const { good, flagged } = sift(rows);
	result.flagged = flagged;
	if (isDryRun) {
		tally(result, good);
		return result;
	}
	const listingIds = good.map(({ id }) => id);
	for (let from = 0; from < listingIds.length; from += stepSize) {
		const step = listingIds.slice(from, from + stepSize);
		const done = await asMerchant(ctx.db, ctx.merchantId, (tx) => takeStep(tx, ctx, channelId, batchId, step));
		tally(result, done.made);
		if (done.changed.length > 0) result.batchId = batchId;
		announce(ctx, done.pendingChannelIds, done.changed.length);
	}
	return result;
}

function tally(result: CatalogueStart, rows: readonly Row[]): void {
	result.made += rows.length;
	for (const { quantity } of rows) {
		if (quantity === null) result.uncounted += 1;
		else result.units += quantity;
	}
}

async function readOpen(tx: Transaction, channelId: string, ids: readonly string[] | null): Promise<Row[]> {
	const rows = await tx.execute<Row>(sql`
		select l.id, nullif(btrim(l.sku), '') as sku, l.title, l.options, l.gtin, l.image_url, s.expected + s.unexplained as quantity, s.shown_at::text as read_at,
			(select count(*) from listings t where t.channel_id = l.channel_id and t.gone_at is null and t.sku_normalised = l.sku_normalised)::int as twins,
			(select k.code from skus k where k.code_normalised = l.sku_normalised limit 1) as exists_as
		from listings l
		join channels c on c.id = l.channel_id
		left join slots s on s.listing_id = l.id and s.location_ref = c.location_ref
		where l.channel_id = ${channelId} and l.gone_at is null and l.left_out_reason is null
			and not exists (select from mappings m where m.listing_id = l.id)
			and ${ids === null ? sql`true` : sql`l.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`}
		order by l.sku, l.id`);
	return [...rows];
}

function sift(rows: readonly Row[]): { good: Row[]; flagged: FlaggedListing[] } {
	const good: Row[] = [];
	const flagged: FlaggedListing[] = [];
	for (const row of rows) {
		const flag = (reason: FlaggedListing["reason"], sentence: string) =>
			flagged.push({ listingId: row.id, name: row.sku ?? row.title, reason, sentence });
		if (!row.sku || row.twins === 0)
			flag("blank", `${row.title} has no SKU in the store. Give it one there, or link it by hand.`);
		else if (row.twins > 1)
			flag(
				"duplicate",
				`${row.twins} listings have the SKU ${row.sku}. Make them differ in the store, or link each by hand.`,
			);
		else if (row.exists_as)
			flag("exists", `There is a SKU ${row.exists_as} already. It is suggested as a link instead.`);
		else good.push(row);
	}
	return { good, flagged };
}

async function takeStep(
	tx: Transaction,
	ctx: Context,
	channelId: string,
	batchId: string,
	listingIds: readonly string[],
) {
	const run = statementsOf(tx);
	await holdPolicies(run, ctx.merchantId);
	// From here on no order of the channel is applied: its quantities and what is counted belong together.
	await lockMail(run, channelId);
	const [channel] = await run<{
		location_id: string | null;
	}>`select location_id from channels where id = ${channelId}::uuid`;
	if (!channel) throw new NotFound("channel");
	const locationId = channel.location_id;
	if (!locationId)
		throw new Unacceptable("Choose the location whose stock this channel sells, then start from its catalogue.");
	const { good } = sift(await readOpen(tx, channelId, listingIds));
	const made = await run<{ id: string; listing_id: string }>`
		with wanted as (
			select * from jsonb_to_recordset(${JSON.stringify(good.map((row) => ({ ...row, gtin: normaliseGtin(row.gtin) })))}::text::jsonb)
				as w(id uuid, sku text, title text, options text, gtin text, image_url text)
		),
		made as (
			insert into skus (merchant_id, code, title, options, gtin, image_url)
			select ${ctx.merchantId}::uuid, sku, title, options, gtin, image_url from wanted order by sku
			-- Somebody made one of that code meanwhile: theirs stays, and is not linked by us.
			on conflict (merchant_id, code) do nothing returning id, code
		)
		select made.id, wanted.id as listing_id from made join wanted on wanted.sku = made.code`;
	const skuIdByListing = new Map(made.map(({ id, listing_id }) => [listing_id, id]));
	const taken = good.filter(({ id }) => skuIdByListing.has(id));
	const appended = await appendMovements(
		tx,
		ctx.merchantId,
		taken.flatMap((row): MovementRow[] =>
			row.quantity === null
				? []
				: [
						{
							skuId: skuIdByListing.get(row.id) as string,
							locationId,
							delta: row.quantity,
							kind: "import",
							countedFrom: row.read_at,
							causeKey: `import:${channelId}:${row.id}`,
							actor: ctx.actor,
							channelId,
						},
					],
		),
	);
	const changed = await changeInside(
		tx,
		ctx,
		{ action: "mapping.linked", batchId },
		taken.map(({ id }) => ({
			listingId: id,
			seenVersion: 0,
			next: { state: "linked", skuId: skuIdByListing.get(id) as string, units: 1 },
		})),
	);
	const pending = [...changed.pendingChannelIds, ...appended.flatMap(({ pendingChannelIds }) => pendingChannelIds)];
	return { made: taken, changed: changed.changed, pendingChannelIds: [...new Set(pending)] };
}
