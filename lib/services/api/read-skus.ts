import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { availableUnits } from "../mappings/read-sku-rows";
import { isText } from "../text";
import { unknownSku } from "./not-there";
import type { levelSchema, locationSchema, skuPageSchema, skuSchema } from "./schemas";

type ApiSku = z.output<typeof skuSchema>;

/** SKUs in the order of their codes, with levels and offers. The cursor is the last code: a page costs the same wherever it is. */
export async function readSkus(
	ctx: Context,
	{ limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<z.output<typeof skuPageSchema>> {
	authorise(ctx, "viewer");
	const after = cursor === undefined ? sql`true` : sql`k.code > ${readCursor(cursor)}`;
	const found = await asMerchant(ctx.db, ctx.merchantId, (tx) => readWhere(tx, after, limit + 1));
	const data = found.slice(0, limit);
	const last = data.at(-1);
	return { data, nextCursor: found.length > limit && last ? Buffer.from(last.code).toString("base64url") : null };
}

export async function readSkuByCode(ctx: Context, code: string): Promise<ApiSku> {
	authorise(ctx, "viewer");
	const [sku] = await asMerchant(ctx.db, ctx.merchantId, (tx) => readWhere(tx, sql`k.code = ${code}`, 1));
	if (!sku) throw unknownSku(code);
	return sku;
}

export async function readLocations(ctx: Context): Promise<{ data: z.output<typeof locationSchema>[] }> {
	authorise(ctx, "viewer");
	const data = await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) => statementsOf(tx)<z.output<typeof locationSchema>>`select id, name from locations order by created_at, name`,
	);
	return { data };
}

function readCursor(cursor: string): string {
	const code = Buffer.from(cursor, "base64url").toString("utf8");
	// What is no page's end would be a page from somewhere, and nobody would notice.
	if (code === "" || !isText(code) || Buffer.from(code).toString("base64url") !== cursor)
		throw new Unacceptable("This cursor is not one that a page ended with.", "bad_cursor");
	return code;
}

type Level = z.output<typeof levelSchema>;

/** A level as the API tells it, of a row `l` of levels joined to its location `o`. */
export const levelJson: SQL = sql`jsonb_build_object('location', jsonb_build_object('id', o.id, 'name', o.name),
	'onHand', l.on_hand, 'reserved', l.reserved, 'available', l.on_hand - l.reserved, 'version', l.version, 'countedAt', l.counted_at)`;

async function readWhere(tx: Transaction, where: SQL, limit: number): Promise<ApiSku[]> {
	const rows = await tx.execute<
		Pick<ApiSku, "id" | "code" | "title" | "gtin" | "isBundle" | "available"> & {
			levels: Level[] | null;
			offers: ApiSku["offers"] | null;
		}
	>(sql`
		select k.id, k.code, k.title, k.gtin, k.is_bundle = 'yes' as "isBundle", ${availableUnits} as available,
			(select jsonb_agg(${levelJson} order by o.created_at, o.name)
				from levels l join locations o on o.id = l.location_id where l.sku_id = k.id) as levels,
			(select jsonb_agg(jsonb_build_object('channel', jsonb_build_object('id', c.id, 'name', c.name, 'platform', c.platform),
					'listing', jsonb_build_object('id', i.id, 'title', concat_ws(', ', i.title, i.options)),
					'units', s.units, 'offered', s.offered, 'shows', s.expected + s.unexplained) order by c.created_at, c.name, s.id)
				from slots s join channels c on c.id = s.channel_id and c.state <> 'disconnected' join listings i on i.id = s.listing_id
				where s.sku_id = k.id) as offers
		from skus k where k.archived_at is null and ${where} order by k.code limit ${limit}`);
	return [...rows].map(({ levels, offers, ...sku }) => ({ ...sku, levels: levels ?? [], offers: offers ?? [] }));
}
