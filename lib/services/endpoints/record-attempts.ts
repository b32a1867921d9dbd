import type { Statement } from "@/db/statement";
import { appendLog } from "../log/append-log";
import type { ClaimedMessage } from "./claim-messages";
import { isGivenUp, pauseMs, retryDelayMs } from "./pace";

export type Attempt = {
	message: ClaimedMessage;
	/** Null: no answer came. */
	status: number | null;
	ms: number;
	response: string;
	retryAfterMs: number | null;
};

/** Nothing got through for so long: whoever it is for has left, or will look here. */
const disableAfterDays = 3;

const isTaken = ({ status }: Attempt) => status !== null && status >= 200 && status < 300;

/**
 * Keeps what came of a batch: what was taken is delivered, the rest is tried again or given up. A batch of which nothing
 * got through quiets the endpoint; days of it, or a 410, switch it off, and the log says so. Returns whether that happened.
 */
export async function recordAttempts(
	run: Statement,
	about: { merchantId: string; endpointId: string; failures: number },
	attempts: readonly Attempt[],
	random: () => number = Math.random,
): Promise<{ hasDisabled: boolean }> {
	const { merchantId, endpointId } = about;
	await keep(run, merchantId, attempts, random);
	if (attempts.some(isTaken)) {
		await overtake(run, endpointId, attempts);
		await run`
			update webhook_endpoints set failures = 0, failing_since = null, paused_until = null, last_delivered_at = clock_timestamp()
			where id = ${endpointId}::uuid`;
		return { hasDisabled: false };
	}
	const failures = about.failures + 1;
	const asked = Math.max(...attempts.map(({ retryAfterMs }) => retryAfterMs ?? 0));
	await run`
		update webhook_endpoints set failures = ${failures}::int, failing_since = coalesce(failing_since, clock_timestamp()),
			paused_until = clock_timestamp() + ${pauseMs(failures, random(), asked)}::float8 * interval '1 ms'
		where id = ${endpointId}::uuid`;
	const isGone = attempts.some(({ status }) => status === 410);
	const disabled = await run<{ host: string; why: string }>`
		update webhook_endpoints set disabled_at = clock_timestamp(), disabled_why = case when ${isGone} then 'gone' else 'failing' end
		where id = ${endpointId}::uuid and disabled_at is null
			and (${isGone} or failing_since < clock_timestamp() - ${disableAfterDays}::int * interval '1 day')
		returning substring(url from '^[a-z]+://([^/?#]+)') as host, disabled_why as why`;
	await appendLog(
		run,
		merchantId,
		disabled.map((data) => ({ kind: "endpoint.disabled", state: "off", data })),
	);
	return { hasDisabled: disabled.length > 0 };
}

async function keep(
	run: Statement,
	merchantId: string,
	attempts: readonly Attempt[],
	random: () => number,
): Promise<void> {
	const results = attempts.map((attempt) => {
		const { message, status, ms, response, retryAfterMs } = attempt;
		const delayMs = retryDelayMs(message.tries, random(), retryAfterMs);
		const isFailed = !isTaken(attempt) && isGivenUp(message.waitedMs, delayMs);
		const state = isTaken(attempt) ? "delivered" : isFailed ? "failed" : "waiting";
		return { id: message.id, status, ms: Math.round(ms), response, delayMs, state };
	});
	await run`
		with result as (
			select * from jsonb_to_recordset(${JSON.stringify(results)}::text::jsonb) as r(id uuid, status int, ms int, response text, "delayMs" float8, state text)
		),
		kept as (
			insert into webhook_attempts (merchant_id, message_id, status, ms, response)
			select ${merchantId}::uuid, id, status, ms, response from result
		)
		update webhook_messages m set state = r.state, next_try_at = clock_timestamp() + r."delayMs" * interval '1 ms',
			settled_at = case when r.state <> 'waiting' then clock_timestamp() end
		from result r where m.id = r.id and m.state = 'waiting'`;
}

/** What waits to be tried again though a newer one of its subject was taken would undo there what that one told. What a person queued since stays. */
async function overtake(run: Statement, endpointId: string, attempts: readonly Attempt[]): Promise<void> {
	const taken = attempts.filter(isTaken).map(({ message }) => message.id);
	await run`
		update webhook_messages m set state = 'superseded', settled_at = clock_timestamp()
		from webhook_messages t
		where t.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(taken)}::text::jsonb))
			and m.endpoint_id = ${endpointId}::uuid and m.state = 'waiting' and m.body is not null
			and m.subject = t.subject and m.sequence < t.sequence and m.queued_at <= t.queued_at`;
}
