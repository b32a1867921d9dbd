import { asMerchant } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { wake } from "../sync/wake";
import { eventsInput } from "./endpoint-input";

/** Chooses anew what it hears of. */
export async function setEndpointEvents(ctx: Context, endpointId: string, chosen: unknown): Promise<void> {
	const events = eventsInput.parse(chosen);
	const list = JSON.stringify([...new Set(events)]);
	await change(
		ctx,
		endpointId,
		"endpoint.events_set",
		{ events },
		(run) => run<{ id: string }>`
		update webhook_endpoints set events = array(select jsonb_array_elements_text(${list}::text::jsonb))
		where id = ${endpointId}::uuid returning id`,
	);
}

/**
 * Switched off, nothing is written for it and what waits stays. Switched on, what waits goes out; of what changed meanwhile
 * it hears nothing, so its owner reads the levels once.
 */
export async function switchEndpoint(ctx: Context, endpointId: string, isOn: boolean): Promise<void> {
	await change(
		ctx,
		endpointId,
		isOn ? "endpoint.switched_on" : "endpoint.switched_off",
		{},
		(run) => run<{ id: string }>`
		update webhook_endpoints set disabled_at = case when ${isOn} then null else coalesce(disabled_at, now()) end,
			disabled_why = case when ${isOn} then null else coalesce(disabled_why, 'person') end,
			failures = 0, failing_since = null, paused_until = null
		where id = ${endpointId}::uuid returning id`,
	);
	if (isOn) wake("deliver", [endpointId]);
}

/** With all that waits for it, and what it was told. */
export async function removeEndpoint(ctx: Context, endpointId: string): Promise<void> {
	await change(
		ctx,
		endpointId,
		"endpoint.removed",
		{},
		(run) => run<{ id: string }>`
		delete from webhook_endpoints where id = ${endpointId}::uuid returning id`,
	);
}

async function change(
	ctx: Context,
	endpointId: string,
	action: string,
	data: object,
	work: (run: Statement) => Promise<{ id: string }[]>,
): Promise<void> {
	authorise(ctx, "manager");
	guidOf(endpointId, "endpoint");
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		if ((await work(run)).length === 0) throw new NotFound("endpoint");
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, ${action}, ${endpointId}, ${JSON.stringify(data)}::text::jsonb)`;
	});
}
