import { clientFor } from "@/db/client";

/** Left alone this long, a message's wake-up counts as lost. */
const lostAfterMs = 2_000;

export type EndpointTarget = { endpointId: string; merchantId: string };

/** The target behind an endpoint's id, for functions; null when it is gone or switched off. */
export async function findEndpoint(endpointId: string): Promise<EndpointTarget | null> {
	const [row] = await clientFor("writer")<{ merchant_id: string }[]>`
		select merchant_id from webhook_endpoints where id = ${endpointId} and disabled_at is null`;
	return row ? { endpointId, merchantId: row.merchant_id } : null;
}

/** Endpoints with messages that are due and that nobody sends. */
export async function findDueEndpoints(): Promise<string[]> {
	const rows = await clientFor("writer")<{ id: string }[]>`
		select e.id from webhook_endpoints e
		where e.disabled_at is null and (e.paused_until is null or e.paused_until <= now()) and exists (
			select from webhook_messages m
			where m.endpoint_id = e.id and m.state = 'waiting' and m.next_try_at <= now() - ${lostAfterMs}::int * interval '1 ms')`;
	return rows.map(({ id }) => id);
}
