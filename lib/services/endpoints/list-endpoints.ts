import { asMerchant } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import type { WebhookEvent } from "@/lib/format/webhook-events";
import { authorise, type Context } from "../context";

export type EndpointView = {
	id: string;
	url: string;
	events: WebhookEvent[];
	/** ISO 8601, as every moment here. */
	madeAt: string;
	disabledAt: string | null;
	disabledWhy: "person" | "failing" | "gone" | null;
	/** When the first of the latest tries that all failed was; null: the last got through. */
	failingSince: string | null;
	pausedUntil: string | null;
	lastDeliveredAt: string | null;
	/** Messages that wait to be sent. */
	waiting: number;
};

/** Oldest first. */
export async function listEndpoints(ctx: Context): Promise<EndpointView[]> {
	authorise(ctx, "manager");
	return asMerchant(ctx.db, ctx.merchantId, (tx) => readEndpoints(statementsOf(tx), null));
}

/** All, or the one. */
export const readEndpoints = (run: Statement, endpointId: string | null): Promise<EndpointView[]> =>
	run<EndpointView>`
		select e.id, e.url, e.events, to_jsonb(e.created_at)#>>'{}' as "madeAt", to_jsonb(e.disabled_at)#>>'{}' as "disabledAt",
			e.disabled_why as "disabledWhy", to_jsonb(e.failing_since)#>>'{}' as "failingSince", to_jsonb(e.paused_until)#>>'{}' as "pausedUntil",
			to_jsonb(e.last_delivered_at)#>>'{}' as "lastDeliveredAt",
			(select count(*)::int from webhook_messages m where m.endpoint_id = e.id and m.state = 'waiting') as waiting
		from webhook_endpoints e where (${endpointId}::uuid is null or e.id = ${endpointId}::uuid) order by e.created_at, e.id`;
