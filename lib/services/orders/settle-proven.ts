import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { WorkTarget } from "../channels/work-target";
import { dealAgain } from "../stock/deal-again";
import { forgetLevels } from "../stock/forget-levels";
import { recountWithOthers } from "../stock/recount-exposures";
import { readUnreadOrders } from "./unread-orders";

/**
 * The channel's orders were read, and all that they told is applied: what its listings were seen to show is all that is
 * left there (lib/stock/bound.ts, B3), and what was held in doubt is dealt to others. So is all that a listing held which
 * has left the store: what it sold before, these orders told. Only where listings split their stock. An order that
 * nobody can read has told nothing: it may be what units too few went to.
 */
export async function settleProven(client: postgres.Sql, target: WorkTarget, orderListLagMs: number): Promise<void> {
	const settled = await asMerchantPrepared(client, target.merchantId, async (run) => {
		const hasUnread = (await readUnreadOrders(run, target)).length > 0;
		const rows = await run<{ sku_id: string }>`
			with proven as (
				select s.id from slots s join channel_health h on h.channel_id = s.channel_id
				where s.channel_id = ${target.channelId}::uuid and s.is_escrow and s.push_id is null
					and s.proof_until + ${orderListLagMs}::int * interval '1 ms' <= h.orders_read_at
					and (s.doubt > 0 or s.open_until is not null or s.proof_quantity < s.bound)
					and (s.unexplained >= 0 or not ${hasUnread}::boolean)
					and not exists (select from inbox i where i.channel_id = s.channel_id and i.state = 0)
				order by s.id for no key update of s
			)
			update slots s set bound = least(s.bound::bigint + s.doubt, s.proof_quantity), doubt = 0, open_until = null, proof_quantity = null, proof_until = null
			from proven where s.id = proven.id
			returning s.sku_id`;
		const skuIds = [
			...rows.map(({ sku_id }) => sku_id),
			...(hasUnread ? [] : await forgetGone(run, target, orderListLagMs)),
		];
		await recountWithOthers(run, skuIds);
		return skuIds;
	});
	await dealAgain(client, target.merchantId, settled);
}

async function forgetGone(run: Statement, { channelId }: WorkTarget, orderListLagMs: number): Promise<string[]> {
	const gone = await run<{ id: number }>`
		select s.id::float8 as id from slots s
		join listings l on l.id = s.listing_id
		join channel_health h on h.channel_id = s.channel_id
		where s.channel_id = ${channelId}::uuid and s.is_escrow and s.push_id is null and s.expected is not null
			and l.gone_at + ${orderListLagMs}::int * interval '1 ms' <= h.orders_read_at
			and not exists (select from inbox i where i.channel_id = s.channel_id and i.state = 0)
		order by s.id for no key update of s`;
	return forgetLevels(
		run,
		gone.map(({ id }) => id),
	);
}
