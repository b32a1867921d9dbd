import { sql } from "drizzle-orm";
import type { Platform } from "@/db/schema";

/** An order that was decided to be cancelled, and what has become of it. */
export type Cancelling = {
	number: string;
	platform: Platform;
	/** `open`: its store, or a person there, has not done it yet. */
	state: "open" | "done" | "failed";
};

/** Of a row `f` of conflicts, to be joined laterally: `cancelling`, a {@link Cancelling}; no row where none was decided. */
export const cancellingOf = sql`
	select jsonb_build_object('number', x.number, 'platform', k.platform, 'state', x.state) as cancelling
	from (
		select a.channel_id, a.order_number as number, case when a.state in ('done', 'failed') then a.state else 'open' end as state
		from order_cancels a where a.id = (f.decision->'undo'->>'cancelId')::uuid
		union all
		select o.channel_id, o.number, case o.status when 'cancelled' then 'done' else 'open' end
		from orders o
		where f.decision->>'choice' = 'cancel_in_store' and o.channel_id = f.channel_id and o.order_ref = f.order_ref
		union all (
			select o.channel_id, o.number, case o.status when 'cancelled' then 'done' else 'open' end
			from orders o
			where f.decision->>'choice' = 'cancel_other_in_store' and o.merchant_id = f.merchant_id
				and o.number = f.facts->'winner'->>'orderNumber' and o.channel_id = (f.facts->'winner'->>'channelId')::uuid
			order by o.heard_at desc limit 1
		)
	) x join channels k on k.id = x.channel_id`;
