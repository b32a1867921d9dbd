import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Platform } from "@/db/schema";
import type { Exchange } from "@/lib/channels/http";

export type ChainPush = {
	pushId: string;
	channel: { id: string; name: string; platform: Platform };
	at: number;
	outcome: string;
	/** Our row of the call. */
	item: { kind: string; expected: number; quantity: number; outcome: string; reason: string | null } | null;
	/** Rows that shared the call. */
	items: number;
	exchanges: Exchange[];
};

/** Calls that carried a line's news. `skuId`: whose row of each is wanted. */
export async function readPushes(tx: Transaction, pushIds: string[], skuId: string | null): Promise<ChainPush[]> {
	if (pushIds.length === 0) return [];
	const rows = (await tx.execute(sql`
		select p.id, p.outcome, p.items, p.exchanges, extract(epoch from coalesce(p.sent_at, p.claimed_at))::float8 * 1000 as at,
			c.id as channel_id, c.name, c.platform, i.kind, i.expected, i.quantity, i.outcome as item_outcome, i.reason
		from pushes p
		join channels c on c.id = p.channel_id
		left join lateral (
			select * from push_items i where i.push_id = p.id and i.sku_id = ${skuId}::uuid order by i.slot_id limit 1
		) i on true
		where p.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(pushIds)}::jsonb))
		order by p.claimed_at`)) as unknown as {
		id: string;
		outcome: string;
		items: number;
		exchanges: Exchange[];
		at: number;
		channel_id: string;
		name: string;
		platform: Platform;
		kind: string | null;
		expected: number;
		quantity: number;
		item_outcome: string;
		reason: string | null;
	}[];
	return rows.map((row) => ({
		pushId: row.id,
		channel: { id: row.channel_id, name: row.name, platform: row.platform },
		at: row.at,
		outcome: row.outcome,
		items: row.items,
		exchanges: row.exchanges,
		item:
			row.kind === null
				? null
				: {
						kind: row.kind,
						expected: row.expected,
						quantity: row.quantity,
						outcome: row.item_outcome,
						reason: row.reason,
					},
	}));
}
