import type { Platform } from "@/db/schema";
import type { Statement } from "@/db/statement";
import { platformLabel } from "@/lib/format/platforms";

/** How far a store has come with cancelling an order. */
export type CancelView = {
	state: "waiting" | "asked" | "done" | "failed" | "withdrawn";
	/** "Shopify #1042" */
	order: string;
	channel: string;
	/** When the store is asked, or asked again, in milliseconds. */
	at: number;
	/** The store said that it is at it. */
	isAccepted: boolean;
	/** Pushes are paused, of this store or all: nothing is sent before they go on. */
	isHeld: boolean;
	/** The last trouble, or why it was not done. */
	error: { sentence: string; fix: string | null } | null;
};

/** Of a conflict: the one that its decision wants, else the last that was wanted. */
export async function readCancel(
	run: Statement,
	conflictId: string,
	cancelId: string | null,
): Promise<CancelView | null> {
	const [row] = await run<{
		state: CancelView["state"];
		order_number: string;
		platform: Platform;
		name: string;
		at: number;
		is_accepted: boolean;
		is_held: boolean;
		error: CancelView["error"];
	}>`
		select o.state, o.order_number, c.platform, c.name, extract(epoch from o.next_try_at)::float8 * 1000 as at,
			o.accepted_at is not null as is_accepted,
			c.state <> 'live' or c.paused_at is not null or m.pushes_paused_at is not null as is_held, o.error
		from order_cancels o join channels c on c.id = o.channel_id join merchants m on m.id = o.merchant_id
		where o.id = coalesce(${cancelId}::uuid, (
			select id from order_cancels where conflict_id = ${conflictId}::uuid order by created_at desc limit 1))`;
	return row
		? {
				state: row.state,
				order: `${platformLabel(row.platform)} ${row.order_number}`,
				channel: row.name,
				at: row.at,
				isAccepted: row.is_accepted,
				isHeld: row.is_held,
				error: row.error,
			}
		: null;
}
