import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { type EndpointView, readEndpoints } from "./list-endpoints";

export const readDeliveriesSchema = z.object({
	/** The sequence below which to go on; null: from the newest. */
	before: z.number().int().nullable().default(null),
});

export type AttemptView = { at: string; status: number | null; ms: number; response: string };

export type MessageView = {
	id: string;
	event: string;
	sequence: number;
	/** What it is about, in a few words: a SKU, a reservation; null: it says nothing of it. */
	about: string | null;
	state: "waiting" | "delivered" | "failed" | "superseded";
	createdAt: string;
	/** Null: it is settled. */
	nextTryAt: string | null;
	/** What went out; null: nothing yet. */
	body: string | null;
	/** Newest first, the latest few. */
	attempts: AttemptView[];
};

export type Deliveries = {
	endpoint: EndpointView;
	/** Newest first. */
	messages: MessageView[];
	next: number | null;
};

const pageSize = 50;
const attemptsShown = 20;

/** What an endpoint was told, what came of it, and what waits. */
export async function readDeliveries(
	ctx: Context,
	endpointId: string,
	input: z.input<typeof readDeliveriesSchema> = {},
): Promise<Deliveries> {
	authorise(ctx, "manager");
	const { before } = readDeliveriesSchema.parse(input);
	const id = guidOf(endpointId, "endpoint");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [endpoint] = await readEndpoints(run, id);
		if (!endpoint) throw new NotFound("endpoint");
		const messages = await run<MessageView>`
			select m.id, m.event, m.sequence::float8 as sequence, m.state, m.body, to_jsonb(m.created_at)#>>'{}' as "createdAt",
				case when m.state = 'waiting' then to_jsonb(m.next_try_at)#>>'{}' end as "nextTryAt",
				coalesce(k.code, m.data->>'reference', m.data->>'id') as about, coalesce(a.attempts, '[]') as attempts
			from webhook_messages m
			left join skus k on k.id = (m.data->>'skuId')::uuid
			cross join lateral (
				select jsonb_agg(jsonb_build_object('at', t.at, 'status', t.status, 'ms', t.ms, 'response', t.response) order by t.id desc) as attempts
				from (select * from webhook_attempts where message_id = m.id order by id desc limit ${attemptsShown}::int) t
			) a
			where m.endpoint_id = ${id}::uuid and (${before}::bigint is null or m.sequence < ${before}::bigint)
			order by m.sequence desc limit ${pageSize + 1}::int`;
		const page = messages.slice(0, pageSize);
		return { endpoint, messages: page, next: messages.length > pageSize ? (page.at(-1)?.sequence ?? null) : null };
	});
}
