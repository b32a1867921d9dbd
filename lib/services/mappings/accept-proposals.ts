import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { GridFilter, LinkPreview } from "@/lib/matching/grid";
import { certainScore } from "@/lib/matching/propose";
import { authorise, type Context } from "../context";
import { announce, changeInside } from "./change-mappings";
import { filterInput, wantedSuggestions } from "./filter-sql";
import type { RefusedChange } from "./mapping-change";
import { previewInside, type WantedLink } from "./preview-links";

export const acceptInput = z.object({
	/** 0.95 … 1 */
	threshold: z
		.number()
		.min(certainScore, "Below 95 % each suggestion is looked at by a person: accept them one by one.")
		.max(1),
	filter: filterInput,
});

export type AcceptPreview = {
	/** How many would be linked. */
	links: number;
	/** Of them, how many show another number than they will be set to. */
	changing: number;
	/** Of those, how many are set to zero. */
	toZero: number;
	/** Not counted yet: linked, but nothing is written until somebody says how many there are. */
	uncounted: number;
	parkedLines: number;
	/** The first few, those that change most first. */
	samples: LinkPreview[];
};

/** Enough to judge by; the rest is in the sums. */
const sampleSize = 50;

/** The dry run of {@link acceptProposals}. */
export async function previewAccept(ctx: Context, input: unknown): Promise<AcceptPreview> {
	authorise(ctx, "viewer");
	const { threshold, filter } = acceptInput.parse(input);
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const links = await findAcceptable(tx, threshold, filter, null);
		const previews = await previewInside(statementsOf(tx), links);
		const changing = previews.filter(({ shows, willShow }) => willShow !== null && willShow !== shows);
		return {
			links: previews.length,
			changing: changing.length,
			toZero: changing.filter(({ willShow }) => willShow === 0).length,
			uncounted: previews.filter(({ willShow }) => willShow === null).length,
			parkedLines: previews.reduce((sum, { parkedLines }) => sum + parkedLines, 0),
			samples: [...previews].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, sampleSize),
		};
	});
}

const sizeOf = ({ shows, willShow }: LinkPreview) => (willShow === null ? -1 : Math.abs(willShow - (shows ?? 0)));

export type AcceptStep = {
	/** Give it back with the next step: the whole act is one batch, undone as one. */
	batchId: string;
	linked: number;
	/** Nothing is left that this act may take. */
	isDone: boolean;
	refused: RefusedChange[];
};

/** What one transaction takes: a channel's mail waits for it, so it ends in a fraction of a second. */
const stepSize = 250;

/**
 * Accepts what is at or above the threshold and not ambiguous, within a filter, a step at a time: the caller asks again
 * until nothing is left, and may stop between steps.
 */
export async function acceptProposals(ctx: Context, input: unknown): Promise<AcceptStep> {
	authorise(ctx, "manager");
	const { threshold, filter, batchId } = acceptInput.extend({ batchId: z.uuid().optional() }).parse(input);
	const act = { action: "mapping.linked" as const, batchId: batchId ?? randomUUID(), isOneToOne: true };
	const done = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const links = await findAcceptable(tx, threshold, filter, stepSize);
		const changed = await changeInside(
			tx,
			ctx,
			act,
			// Nobody had decided when it was found; whoever did meanwhile wins.
			links.map(({ listingId, skuId, units }) => ({
				listingId,
				seenVersion: 0,
				next: { state: "linked", skuId, units },
			})),
		);
		// A step that was not full was the last; so is one that changed nothing, since what it was refused comes up again.
		return { ...changed, isDone: links.length < stepSize || changed.changed.length === 0 };
	});
	announce(ctx, done.pendingChannelIds, done.changed.length);
	return { batchId: act.batchId, linked: done.changed.length, isDone: done.isDone, refused: done.refused };
}

async function findAcceptable(
	tx: Transaction,
	threshold: number,
	filter: GridFilter,
	limit: number | null,
): Promise<WantedLink[]> {
	const rows = await tx.execute<WantedLink>(sql`
		select p.listing_id as "listingId", p.sku_id as "skuId", 1 as units
		from proposals p
		join listings l on l.id = p.listing_id
		join channels c on c.id = l.channel_id
		join skus k on k.id = p.sku_id
		where p.rejected_at is null and not p.is_ambiguous and p.score >= ${threshold}
			and l.gone_at is null and l.left_out_reason is null and c.state <> 'disconnected' and k.archived_at is null
			and not exists (select from mappings m where m.listing_id = p.listing_id)
			and not exists (select from mappings m where m.sku_id = p.sku_id and m.channel_id = l.channel_id and m.state = 'linked')
			and ${wantedSuggestions(filter)}
		order by k.code, p.listing_id
		limit ${limit}`);
	return [...rows];
}
