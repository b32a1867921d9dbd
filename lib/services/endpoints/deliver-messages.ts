import { clientFor } from "@/db/client";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import { createHttpClient, type HttpClient } from "@/lib/channels/http";
import { keptText } from "@/lib/channels/kept-text";
import { unseal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { notifyLog } from "@/lib/live/notify";
import { beginLoop } from "../sync/wake";
import { type ClaimedMessage, claimMessages } from "./claim-messages";
import type { EndpointTarget } from "./find-endpoint";
import { readRetryAfter } from "./pace";
import { type Attempt, recordAttempts } from "./record-attempts";
import { sign } from "./sign";

export type Delivered = {
	tried: number;
	/** When there is something to send again, in milliseconds; null: nothing waits. */
	nextDueAt: number | null;
};

/** Receivers are told to answer first and work then. */
const timeoutMs = 15_000;
const keptResponseChars = 1_000;

export const secretBoundTo = (endpointId: string) => `webhook_endpoints:${endpointId}:secret`;

/** Sends an endpoint's messages until none is due, and a moment longer. A slow or dead endpoint holds back only itself (R10). */
export async function deliverMessages(
	target: EndpointTarget,
	{ maxMs, lingerMs }: { maxMs: number; lingerMs: number },
): Promise<Delivered> {
	const loop = beginLoop("deliver", target.endpointId);
	if (!loop) return { tried: 0, nextDueAt: null };
	const endAt = Date.now() + maxMs;
	let tried = 0;
	try {
		while (Date.now() < endAt) {
			loop.clear();
			const batch = await deliverBatch(target);
			tried += batch;
			if (batch === 0 && !(await loop.wait(Math.min(lingerMs, endAt - Date.now())))) break;
		}
	} finally {
		loop.end();
	}
	return { tried, nextDueAt: await asEndpoint(target, (run) => readNextDue(run, target.endpointId)) };
}

const asEndpoint = <T>(target: EndpointTarget, work: (run: Statement) => Promise<T>) =>
	asMerchantPrepared(clientFor("app"), target.merchantId, work);

async function deliverBatch(target: EndpointTarget): Promise<number> {
	const { endpointId, merchantId } = target;
	const claimed = await asEndpoint(target, async (run) => {
		const endpoint = await readOpen(run, endpointId);
		if (!endpoint) return null;
		// After a failure one message goes ahead of the others.
		const messages = await claimMessages(run, endpointId, endpoint.failures > 0);
		return messages.length > 0 ? { endpoint, messages } : null;
	});
	if (!claimed) return 0;
	const { endpoint, messages } = claimed;
	const secrets = endpoint.sealed.map((one) => unseal(one, secretBoundTo(endpointId), env().sealingKeys));
	const http = createHttpClient({ allowPrivate: env().allowPrivateAddresses, secrets });
	const attempts = await Promise.all(messages.map((message) => attempt(http, endpoint.url, secrets, message)));
	const { hasDisabled } = await asEndpoint(target, (run) =>
		recordAttempts(run, { merchantId, endpointId, failures: endpoint.failures }, attempts),
	);
	if (hasDisabled) notifyLog(merchantId);
	return messages.length;
}

/** Null: switched off, or left alone for a while. */
async function readOpen(run: Statement, endpointId: string) {
	const [row] = await run<{ url: string; sealed: string[]; failures: number }>`
		select url, failures,
			array_remove(array[sealed_secret, case when previous_until > clock_timestamp() then sealed_previous end], null) as sealed
		from webhook_endpoints
		where id = ${endpointId}::uuid and disabled_at is null and (paused_until is null or paused_until <= clock_timestamp())`;
	return row;
}

async function readNextDue(run: Statement, endpointId: string): Promise<number | null> {
	const [row] = await run<{ at: number | null }>`
		select extract(epoch from greatest(min(m.next_try_at), e.paused_until))::float8 * 1000 as at
		from webhook_endpoints e join webhook_messages m on m.endpoint_id = e.id and m.state = 'waiting'
		where e.id = ${endpointId}::uuid and e.disabled_at is null group by e.id`;
	return row?.at ?? null;
}

/** Any answer but a 2xx is a no, a redirect too: it may lead where nobody has allowed us to go. */
async function attempt(
	http: HttpClient,
	url: string,
	secrets: readonly string[],
	message: ClaimedMessage,
): Promise<Attempt> {
	const started = performance.now();
	const now = new Date();
	try {
		const reply = await http.send({
			method: "POST",
			url,
			headers: { "content-type": "application/json", ...sign(secrets, message, now) },
			body: message.body,
			timeoutMs,
		});
		const retryAfterMs = readRetryAfter(reply.headers["retry-after"], now);
		const response = keptText(reply.text.slice(0, keptResponseChars));
		return { message, status: reply.status, ms: reply.ms, response, retryAfterMs };
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		return { message, status: null, ms: performance.now() - started, response: error.message, retryAfterMs: null };
	}
}
