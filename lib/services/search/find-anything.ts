import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import type { Context } from "../context";

export type Hit = { kind: "sku" | "order" | "channel"; id: string; label: string; detail: string; href: string };

const perKind = 6;

/**
 * Whatever a merchant may paste: a SKU, part of a title, a barcode, an order number, a channel's name. Exact codes come
 * first. Titles are scanned: 50,000 of one merchant take a few hundredths of a second and only a person waits.
 */
export async function findAnything(ctx: Pick<Context, "db" | "merchantId">, typed: string): Promise<Hit[]> {
	const text = typed.trim().slice(0, 80);
	if (text.length < 2) return [];
	const escaped = text.replace(/[\\%_]/g, "\\$&");
	const normalised = text.replace(/[^\p{L}\p{N}]/gu, "").toUpperCase();
	const order = text.replace(/^#/, "");
	const gtin = /^\d{8,14}$/.test(text) ? text.padStart(14, "0") : null;

	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const skus = await tx.execute<{ id: string; code: string; title: string; options: string | null }>(sql`
			select id, code, title, options from skus
			where merchant_id = ${ctx.merchantId} and archived_at is null
				and (gtin = ${gtin} or code ilike ${`%${escaped}%`} or title ilike ${`%${escaped}%`}
					or (${normalised} <> '' and code_normalised like ${`${normalised}%`}))
			order by (gtin = ${gtin}) desc nulls last, (upper(code) = ${text.toUpperCase()}) desc,
				(code_normalised = ${normalised}) desc, length(title), id
			limit ${perKind}`);
		const orders = await tx.execute<{ ref: string; channel_id: string; number: string; channel: string }>(sql`
			select o.order_ref as ref, o.channel_id, o.number, c.name as channel
			from orders o join channels c on c.id = o.channel_id
			where o.merchant_id = ${ctx.merchantId} and (ltrim(o.number, '#') = ${order} or o.order_ref = ${text})
			order by o.heard_at desc limit ${perKind}`);
		const channels = await tx.execute<{ id: string; name: string; store_key: string }>(sql`
			select id, name, store_key from channels
			where merchant_id = ${ctx.merchantId} and state <> 'disconnected'
				and (name ilike ${`%${escaped}%`} or store_key ilike ${`%${escaped}%`})
			order by name limit ${perKind}`);
		return [
			...skus.map(
				(sku): Hit => ({
					kind: "sku",
					id: sku.id,
					label: [sku.title, sku.options].filter(Boolean).join(", "),
					detail: sku.code,
					href: `/inventory/${sku.id}`,
				}),
			),
			...orders.map(
				(one): Hit => ({
					kind: "order",
					id: `${one.channel_id}:${one.ref}`,
					label: `Order ${one.number}`,
					detail: one.channel,
					href: `/activity?${new URLSearchParams({ q: `order:${one.number}` })}`,
				}),
			),
			...channels.map(
				(channel): Hit => ({
					kind: "channel",
					id: channel.id,
					label: channel.name,
					detail: channel.store_key,
					href: `/channels/${channel.id}`,
				}),
			),
		];
	});
}
