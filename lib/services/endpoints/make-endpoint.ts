import { randomUUID } from "node:crypto";
import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { seal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { secretBoundTo } from "./deliver-messages";
import { eventsInput, readEndpointUrl } from "./endpoint-input";
import { mintSecret } from "./sign";

const input = z.object({ url: z.string(), events: eventsInput });

/** Every change is written once for each of them. */
const mostEndpoints = 10;

/** Another system hears of what changes from now on. `secret` is told here and never again. */
export async function makeEndpoint(
	ctx: Context & { userId: string },
	given: unknown,
): Promise<{ id: string; secret: string }> {
	authorise(ctx, "manager");
	const { url: typed, events } = input.parse(given);
	const url = readEndpointUrl(typed);
	const id = randomUUID();
	const secret = mintSecret();
	const sealed = seal(secret, secretBoundTo(id), env().sealingKeys);
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [made] = await run<{ id: string }>`
			insert into webhook_endpoints (id, merchant_id, url, events, sealed_secret, created_by)
			select ${id}::uuid, ${ctx.merchantId}::uuid, ${url}, array(select jsonb_array_elements_text(${JSON.stringify([...new Set(events)])}::text::jsonb)), ${sealed}, ${ctx.userId}::uuid
			where (select count(*) from webhook_endpoints) < ${mostEndpoints}::int
			returning id`;
		if (!made)
			throw new Unacceptable(`There are ${mostEndpoints} endpoints already. Remove one first.`, "too_many_endpoints");
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'endpoint.made', ${id}, ${JSON.stringify({ url, events })}::text::jsonb)`;
	});
	return { id, secret };
}
