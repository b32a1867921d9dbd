import type { Platform } from "@/db/schema";
import type { Statement } from "@/db/statement";
import { adapterFor, isConnectable } from "@/lib/channels/registry";

/** Whether a store cancels an order when it is asked: what follows, or why we can't ask. */
export type CancelMeans =
	| { may: true; consequence: string; units: number; lines: number }
	| { may: false; why: string | null; isCancelled?: true };

/** `why` null: the platform has no such thing. */
export async function readCancelMeans(
	run: Statement,
	order: { channelId: string; orderRef: string },
): Promise<CancelMeans> {
	const [row] = await run<{
		platform: Platform;
		name: string;
		is_pushing: boolean;
		scopes: unknown;
		status: string | null;
		units: number;
		lines: number;
	}>`
		select c.platform, c.name, c.state = 'live' and c.pushing_since is not null as is_pushing, c.facts->'scopes' as scopes,
			(select status from orders o where o.channel_id = c.id and o.order_ref = ${order.orderRef}) as status,
			(select coalesce(sum(taken), 0)::int from order_lines l where l.channel_id = c.id and l.order_ref = ${order.orderRef}) as units,
			(select count(*)::int from order_lines l where l.channel_id = c.id and l.order_ref = ${order.orderRef} and l.taken > 0) as lines
		from channels c where c.id = ${order.channelId}::uuid and c.state <> 'disconnected'`;
	if (row?.status === "cancelled") return { may: false, why: "it is cancelled there already", isCancelled: true };
	if (!row || !isConnectable(row.platform)) return { may: false, why: null };
	const { facts, cancelOrder } = await adapterFor(row.platform);
	if (!facts.cancels || !cancelOrder) return { may: false, why: null };
	const { scope, consequence } = facts.cancels;
	if (!row.is_pushing) return { may: false, why: `Onecount changes nothing in ${row.name} while pushing is off there` };
	if (row.status === "closed") return { may: false, why: "it is closed there: what was sent can't be cancelled" };
	const granted = Array.isArray(row.scopes) ? row.scopes : [];
	if (scope !== null && !granted.includes(scope))
		return { may: false, why: `to let Onecount do it, grant ${scope} to the app and connect ${row.name} again` };
	return { may: true, consequence, units: row.units, lines: row.lines };
}
