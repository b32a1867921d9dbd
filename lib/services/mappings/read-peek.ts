import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { Peek, PeekListing, PeekOther, PeekSku } from "@/lib/matching/grid";
import { readTitle, titleLikeness } from "@/lib/matching/titles";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { previewInside } from "./preview-links";

/** What is looked at: a listing, a SKU's cell in a channel, or the pair of both. */
export type PeekInput = { listingId: string | null; skuId: string | null; channelId: string | null };

/** The two sides of one cell: why they may be one, what linking would do, and what else it could be. */
export async function readPeek(ctx: Context, input: PeekInput): Promise<Peek> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const listing = input.listingId ? await readListing(tx, input.listingId) : null;
		if (input.listingId && !listing) throw new NotFound("listing");
		const skuId = input.skuId ?? listing?.link?.skuId ?? null;
		const sku = skuId ? await readSku(tx, skuId) : null;
		const proposal = listing && sku ? await readProposal(tx, listing.id, sku.id) : null;
		const canLink = listing && sku && listing.link?.state !== "linked";
		const [preview] = canLink
			? await previewInside(statementsOf(tx), [{ listingId: listing.id, skuId: sku.id, units: 1 }])
			: [];
		// From the SKU's side other listings could be meant, from the listing's other SKUs.
		const others =
			input.channelId && sku
				? await otherListings(tx, sku, input.channelId, listing?.id ?? null)
				: listing
					? await otherSkus(tx, listing, skuId)
					: [];
		return { listing, sku, proposal, preview: preview ?? null, others };
	});
}

async function readListing(tx: Transaction, listingId: string): Promise<PeekListing | null> {
	const [row] = await tx.execute<
		PeekListing & { seen_at: Date; link_state: "linked" | "left_out" | null; by: string; linked_at: Date }
	>(sql`
		select l.id, l.channel_id as "channelId", l.sku, l.gtin, l.title, l.options, l.price, l.image_url as "imageUrl", l.url,
			l.is_managed as "isManaged", l.left_out_reason as "leftOutReason", l.seen_at, s.expected + s.unexplained as shows, s.offered,
			m.state as link_state, m.sku_id as "skuId", m.units, m.version, m.reason, m.linked_at, coalesce(u.name, u.email, m.linked_by) as by
		from listings l
		join channels c on c.id = l.channel_id
		left join slots s on s.listing_id = l.id and s.location_ref = c.location_ref
		left join mappings m on m.listing_id = l.id
		left join users u on 'user:' || u.id = m.linked_by
		where l.id = ${listingId}`);
	if (!row) return null;
	const { seen_at, link_state, by, linked_at, ...rest } = row as typeof row & Record<string, never>;
	const { skuId, units, version, reason, ...listing } = rest as unknown as PeekListing & {
		skuId: string | null;
		units: number;
		version: number;
		reason: string | null;
	};
	return {
		...listing,
		seenAt: new Date(seen_at).toISOString(),
		link: link_state
			? { state: link_state, skuId, units, version, reason, by, at: new Date(linked_at).toISOString() }
			: null,
	};
}

async function readSku(tx: Transaction, skuId: string): Promise<PeekSku | null> {
	const [row] = await tx.execute<PeekSku>(sql`
		select id, code, gtin, title, options, image_url as "imageUrl" from skus where id = ${skuId}`);
	return row ?? null;
}

async function readProposal(tx: Transaction, listingId: string, skuId: string): Promise<Peek["proposal"]> {
	const [row] = await tx.execute<NonNullable<Peek["proposal"]>>(sql`
		select score, tier, reasons, is_ambiguous as "isAmbiguous" from proposals
		where listing_id = ${listingId} and sku_id = ${skuId} and rejected_at is null`);
	return row ?? null;
}

const othersShown = 5;
/** Below it a title only shares a size or a colour. */
const leastScore = 0.4;

/** Words worth looking for: the longest say the most. */
function searchPatterns(title: string): string {
	const words = [...readTitle(title).words].filter((word) => word.length > 2).sort((a, b) => b.length - a.length);
	return JSON.stringify(words.slice(0, 2).map((word) => `%${word.replace(/[\\%_]/g, "\\$&")}%`));
}

/** Ranks what the database found by its words; all words weigh alike here, and 0.9 is the most that a title is worth. */
const likeness = (title: string, options: string | null, other: { title: string; options: string | null }) =>
	Math.round(titleLikeness(readTitle(title, options), readTitle(other.title, other.options), () => 1) * 90) / 100;

const best = (others: PeekOther[]) =>
	others
		.filter(({ score }) => score >= leastScore)
		.sort((a, b) => b.score - a.score || a.name.localeCompare(b.name))
		.slice(0, othersShown);

async function otherListings(
	tx: Transaction,
	sku: PeekSku,
	channelId: string,
	shownId: string | null,
): Promise<PeekOther[]> {
	const rows = await tx.execute<{
		id: string;
		sku: string | null;
		title: string;
		options: string | null;
		version: number;
		score: number | null;
	}>(sql`
		select l.id, l.sku, l.title, l.options, coalesce(m.version, 0) as version, p.score
		from listings l left join mappings m on m.listing_id = l.id
		left join proposals p on p.listing_id = l.id and p.sku_id = ${sku.id} and p.rejected_at is null
		where l.channel_id = ${channelId} and l.gone_at is null and l.id is distinct from ${shownId}::uuid and m.state is distinct from 'linked'
			and (p.sku_id is not null
				or l.title ilike any (select jsonb_array_elements_text(${searchPatterns(sku.title)}::text::jsonb)))
		order by p.score desc nulls last limit 60`);
	return best(
		[...rows].map((row) => ({
			listingId: row.id,
			skuId: sku.id,
			name: row.sku || row.title,
			title: row.title,
			version: row.version,
			score: row.score ?? likeness(sku.title, sku.options, row),
		})),
	);
}

async function otherSkus(tx: Transaction, listing: PeekListing, shownId: string | null): Promise<PeekOther[]> {
	const rows = await tx.execute<{
		id: string;
		code: string;
		title: string;
		options: string | null;
		score: number | null;
	}>(sql`
		select k.id, k.code, k.title, k.options, p.score
		from skus k left join proposals p on p.listing_id = ${listing.id} and p.sku_id = k.id and p.rejected_at is null
		where k.archived_at is null and k.id is distinct from ${shownId}::uuid
			and (p.sku_id is not null
				or k.title ilike any (select jsonb_array_elements_text(${searchPatterns(listing.title)}::text::jsonb)))
		order by p.score desc nulls last limit 60`);
	return best(
		[...rows].map((row) => ({
			listingId: listing.id,
			skuId: row.id,
			name: row.code,
			title: row.title,
			version: listing.link?.version ?? 0,
			score: row.score ?? likeness(listing.title, listing.options, row),
		})),
	);
}
