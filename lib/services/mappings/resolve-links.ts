import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { normaliseCode } from "@/lib/matching/codes";
import type { ResolvedLink } from "@/lib/matching/grid";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { readCsv } from "../read-csv";
import { previewInside } from "./preview-links";

const text = z.string().trim().max(300);

/** One wish, from a pasted cell or a line of a file. SKU and channel by id where the grid knows them, else by name. */
export const wishInput = z.object({
	wishes: z
		.array(
			z.object({
				line: z.int(),
				skuId: z.uuid().nullable().default(null),
				sku: text.default(""),
				channelId: z.uuid().nullable().default(null),
				channel: text.default(""),
				listing: text,
				units: z.int().min(1).max(10_000).nullable().default(null),
			}),
		)
		.max(20_000, "Up to 20,000 links at once. Split them and bring the parts one after another."),
});

export type LinkWish = z.output<typeof wishInput>["wishes"][number];

/**
 * Finds what each wish means and what it would do, and changes nothing: what is unknown or not clear is said line by
 * line, what is linked so already is skipped.
 */
export async function resolveLinks(ctx: Context, input: unknown): Promise<ResolvedLink[]> {
	authorise(ctx, "support");
	const { wishes } = wishInput.parse(input);
	const lines = wishes.map((wish) => ({
		...wish,
		code: normaliseCode(wish.listing) ?? "",
		skuCode: normaliseCode(wish.sku) ?? "",
	}));
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const rows = await run<{
			line: number;
			channel_id: string | null;
			channels: number;
			sku_id: string | null;
			skus: number;
			sku: string | null;
			listing_ids: string[] | null;
			linked_sku_id: string | null;
			linked_sku: string | null;
			linked_units: number | null;
			version: number | null;
		}>`
			with wish as (
				select * from jsonb_to_recordset(${JSON.stringify(lines)}::text::jsonb) as w(
					line int, "skuId" uuid, sku text, "skuCode" text, "channelId" uuid, channel text, listing text, code text)
			),
			placed as (
				select w.*, c.id as channel_id, c.count as channels, k.id as sku_id, k.count as skus
				from wish w
				left join lateral (
					select (array_agg(c.id))[1] as id, count(*)::int as count from channels c
					where c.state <> 'disconnected' and (c.id = w."channelId" or (w."channelId" is null and (lower(c.name) = lower(w.channel) or c.store_key = w.channel)))
				) c on true
				left join lateral (
					-- The exact code settles what only looks alike.
					select coalesce(min(k.id::text) filter (where k.code = w.sku), min(k.id::text))::uuid as id,
						case when bool_or(k.code = w.sku or k.id = w."skuId") then 1 else count(*)::int end as count
					from skus k where k.archived_at is null and (k.id = w."skuId" or (w."skuId" is null and w."skuCode" <> '' and k.code_normalised = w."skuCode"))
				) k on true
			)
			select p.line, p.channel_id, p.channels, p.sku_id, p.skus, k.code as sku, l.ids as listing_ids,
				m.sku_id as linked_sku_id, mk.code as linked_sku, m.units as linked_units, m.version
			from placed p
			left join skus k on k.id = p.sku_id
			left join lateral (
				select array_agg(l.id) as ids from (
					select l.id from listings l where l.channel_id = p.channel_id and l.gone_at is null and l.external_key = p.listing
					union
					select l.id from listings l where l.channel_id = p.channel_id and l.gone_at is null and p.code <> '' and l.sku_normalised = p.code
				) l
			) l on true
			left join mappings m on m.listing_id = l.ids[1] and m.state = 'linked'
			left join skus mk on mk.id = m.sku_id
			order by p.line`;
		const wishesByLine = new Map(wishes.map((wish) => [wish.line, wish]));
		const resolved = rows.map((row): ResolvedLink => {
			const wish = wishesByLine.get(row.line) as LinkWish;
			const name = wish.listing;
			const refuse = (sentence: string): ResolvedLink => ({
				line: row.line,
				outcome: "refused",
				name,
				sku: row.sku ?? wish.sku,
				sentence,
				link: null,
				preview: null,
			});
			if (!row.channel_id) return refuse(`There is no channel “${wish.channel}”.`);
			if (row.channels > 1)
				return refuse(`${row.channels} channels are named “${wish.channel}”. Name it by its address.`);
			if (!row.sku_id) return refuse(`There is no SKU “${wish.sku}”.`);
			if (row.skus > 1) return refuse(`${row.skus} SKUs look like “${wish.sku}”. Write it exactly.`);
			const [listingId, second] = row.listing_ids ?? [];
			if (!listingId) return refuse(`No listing of this channel has the SKU “${name}”.`);
			if (second) return refuse(`${row.listing_ids?.length} listings of this channel have the SKU “${name}”.`);
			const link = {
				listingId,
				skuId: row.sku_id,
				units: wish.units ?? row.linked_units ?? 1,
				seenVersion: row.version ?? 0,
			};
			const isSame = row.linked_sku_id === link.skuId && row.linked_units === link.units;
			const sentence = isSame
				? "Linked so already."
				: row.linked_sku && row.linked_sku_id !== link.skuId
					? `Moves from ${row.linked_sku}.`
					: "";
			return {
				line: row.line,
				outcome: isSame ? "same" : "link",
				name,
				sku: row.sku ?? "",
				sentence,
				link,
				preview: null,
			};
		});
		const wanted = resolved.flatMap(({ outcome, link }) => (outcome === "link" && link ? [link] : []));
		const previews = new Map((await previewInside(run, wanted)).map((preview) => [preview.listingId, preview]));
		return resolved.map((one) => ({ ...one, preview: one.link ? (previews.get(one.link.listingId) ?? null) : null }));
	});
}

/** The columns that our own export writes, and those of the four-column file that Linnworks' users have. */
const names = {
	sku: ["sku", "linnworkssku", "mastersku"],
	channel: ["channel", "subsource"],
	listing: ["listing", "channelsku", "listingsku"],
	key: ["listingkey"],
	units: ["units"],
};

/** A file of links as wishes. Lines without a listing or without a SKU say nothing and are skipped. */
export function readLinkFile(bytes: Uint8Array): { wishes: unknown[] } {
	const { columns, rows, brokenLines } = readCsv(bytes);
	if (brokenLines.length > 0)
		throw new Unacceptable(
			`A quote is opened and not closed in line ${brokenLines[0]}. Close it and bring the file again.`,
		);
	const find = (aliases: string[]) => aliases.find((alias) => columns.includes(alias)) ?? null;
	const [sku, channel, listing, key, units] = [names.sku, names.channel, names.listing, names.key, names.units].map(
		find,
	);
	if (!sku || !channel || !(listing || key))
		throw new Unacceptable("The first line must name the columns channel, listing and sku; units is optional.");
	return {
		wishes: rows.flatMap(({ line, values }) => {
			const of = (column: string | null | undefined) => (column ? (values[column] ?? "") : "");
			const name = of(key) || of(listing);
			if (!name || !of(sku)) return [];
			return [{ line, sku: of(sku), channel: of(channel), listing: name, units: Number(of(units)) || null }];
		}),
	};
}
