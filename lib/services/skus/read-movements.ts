import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant } from "@/db/client";
import type { MovementKind, Platform } from "@/db/schema";
import { platformLabel } from "@/lib/format/platforms";
import { authorise, type Context } from "../context";
import { actorName } from "../log/actor-name";

export const readMovementsSchema = z.object({
	skuId: z.guid(),
	/** Per location, the version below which to go on. */
	after: z.record(z.guid(), z.number().int()).nullable().default(null),
});

export type MovementView = {
	id: number;
	at: number;
	delta: number;
	/** "Amazon order 302-118", "Counted by Jana: “found torn”" */
	sentence: string;
	location: string;
	/** On hand over all locations after it. */
	balance: number;
	orderNumber: string | null;
};

export type MovementPage = {
	/** Newest first. */
	movements: MovementView[];
	next: Record<string, number> | null;
};

const pageSize = 30;

type Row = {
	id: number;
	at_ms: number;
	location_id: string;
	location: string;
	delta: number;
	balance: number;
	version: number;
	kind: MovementKind;
	order_number: string | null;
	platform: Platform | null;
	channel: string | null;
	person: string | null;
	note: string | null;
};

/**
 * The SKU's ledger, newest first, with a running balance over all its locations. A page costs the same wherever it is:
 * each location's chain is read from where the page before left it, and the chains are merged.
 */
export async function readMovements(ctx: Context, input: z.input<typeof readMovementsSchema>): Promise<MovementPage> {
	authorise(ctx, "viewer");
	const { skuId, after } = readMovementsSchema.parse(input);
	const rows = await asMerchant(ctx.db, ctx.merchantId, async (tx) => [
		...((await tx.execute(sql`
			select m.id::float8 as id, extract(epoch from m.at)::float8 * 1000 as at_ms, m.location_id, o.name as location, m.delta, m.balance,
				m.version::float8 as version, m.kind, m.order_number, m.note, c.platform, c.name as channel,
				${actorName(sql`m.actor`)} as person
			from levels l
			join locations o on o.id = l.location_id
			cross join lateral (
				select * from movements m
				where m.sku_id = l.sku_id and m.location_id = l.location_id
					and m.version < coalesce((${JSON.stringify(after ?? {})}::jsonb->>l.location_id::text)::bigint, l.version + 1)
				order by m.version desc limit ${pageSize + 1}
			) m
			left join channels c on c.id = m.channel_id
			where l.sku_id = ${skuId}::uuid
			order by m.id desc`)) as unknown as Row[]),
	]);
	return mergeChains(rows);
}

/** Rows of several chains, newest first; each chain is whole from its newest row down to its last or the page's end. */
function mergeChains(rows: readonly Row[]): MovementPage {
	// A chain's balance, as of the place where the merge stands, is that of its newest row not yet passed.
	const balances = new Map<string, number>();
	for (const row of [...rows].reverse()) balances.set(row.location_id, row.balance);
	const movements: MovementView[] = [];
	const next = new Map<string, number>();
	for (const row of rows) {
		balances.set(row.location_id, row.balance);
		next.set(row.location_id, next.get(row.location_id) ?? row.version + 1);
		if (movements.length === pageSize) continue;
		movements.push({
			id: row.id,
			at: Math.floor(row.at_ms),
			delta: row.delta,
			sentence: sentenceOf(row),
			location: row.location,
			balance: [...balances.values()].reduce((sum, balance) => sum + balance, 0),
			orderNumber: row.order_number,
		});
		balances.set(row.location_id, row.balance - row.delta);
		next.set(row.location_id, row.version);
	}
	const isLast = rows.length <= pageSize;
	return { movements, next: isLast ? null : Object.fromEntries(next) };
}

function sentenceOf({ kind, order_number, platform, channel, person, note, location }: Row): string {
	const order = `${platform ? `${platformLabel(platform)} ` : ""}${order_number ? `order ${order_number}` : "order"}`;
	const why = note ? `: “${note}”` : "";
	const by = person ? ` by ${person}` : "";
	switch (kind) {
		case "order":
			return `${order.charAt(0).toUpperCase()}${order.slice(1)}`;
		case "order_returned":
			return `Returned, ${order}`;
		case "count":
			return `Counted${by}${why}`;
		case "import":
			return `First count${channel ? `, as ${channel} showed` : by}`;
		case "channel_edit":
			return `Edited in ${channel ?? "a store"}${why}`;
		case "adjustment":
			return `Corrected${by}${why}`;
		case "transfer":
			return `Moved, ${location}${by}${why}`;
		case "reservation":
			return `Reservation confirmed${by}${why}`;
	}
}
