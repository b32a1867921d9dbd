/** What the knobs do to one request. The platform knows nothing of it: it is asked, or it is not. */
import { calmKnobs, type Knobs } from "@/db/schema";
import type { FailureKind } from "./sandbox-platform";

/** A request that is never answered is held this long at the most, or until the caller hangs up. */
export const longestSilenceMs = 60_000;

/** What becomes of one request. */
export type Fate =
	| { fate: "answered" }
	| { fate: "failed"; kind: FailureKind }
	| { fate: "silent" }
	/** Done, and then the answer is lost: as a failure, or as a connection that breaks. */
	| { fate: "applied_then_failed"; how: "error" | "broken" }
	| { fate: "garbled"; how: Exclude<Knobs["garbled"], false> };

/** Knobs as stored, those added later filled in. */
export const knobsOf = (store: { knobs: Partial<Knobs> }): Knobs => ({ ...calmKnobs, ...store.knobs });

export function drawFate(knobs: Knobs, random: () => number): Fate {
	if (knobs.outage) return { fate: "failed", kind: "outage" };
	if (knobs.garbled) return { fate: "garbled", how: knobs.garbled };
	const chance = (rate: number) => rate > 0 && random() < rate;
	if (chance(knobs.timeoutRate)) return { fate: "silent" };
	if (chance(knobs.throttleRate)) return { fate: "failed", kind: "throttled" };
	if (chance(knobs.errorRate)) return { fate: "failed", kind: "error" };
	if (chance(knobs.appliedThenFailedRate))
		return { fate: "applied_then_failed", how: random() < 0.5 ? "error" : "broken" };
	return { fate: "answered" };
}

/** One request's time on the way, there and back: what it reads is older than its answer, what it writes is later than its sending. */
export function drawLatency(knobs: Knobs, random: () => number): { thereMs: number; backMs: number } {
	const total = knobs.latencyMs + knobs.latencyJitterMs * random();
	const share = random();
	return { thereMs: total * share, backMs: total * (1 - share) };
}

/** Resolves early when the caller hangs up. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
	if (ms <= 0 || signal?.aborted) return Promise.resolve();
	return new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal?.addEventListener("abort", done);
	});
}

/** An answer whose connection breaks before anything of it arrives. */
export const brokenResponse = () =>
	new Response(
		new ReadableStream({
			start: (controller) => controller.error(new DOMException("The connection was lost.", "AbortError")),
		}),
	);

/** What a firewall, a cache or a host's login page answers, in front of a store that hears nothing of it. */
export const strangersAnswer = (how: "page" | "redirect"): Response =>
	how === "page"
		? new Response(
				"<!doctype html><html><head><title>One moment</title></head><body>Checking your browser</body></html>",
				{
					headers: { "content-type": "text/html; charset=utf-8" },
				},
			)
		: new Response(null, { status: 302, headers: { location: "https://login.example.com/" } });

/** The platform's own answer, of which nothing or half arrives under the same status. */
export async function shortened(response: Response, how: "empty" | "cut"): Promise<Response> {
	const whole = Buffer.from(await response.arrayBuffer());
	const body = how === "empty" ? null : whole.subarray(0, Math.floor(whole.length / 2));
	return new Response(body, { status: response.status, headers: response.headers });
}

/** News on its way, as the knobs have it. `reordered` is late enough for what happened after it to overtake. */
export function drawDelivery(knobs: Knobs, random: () => number): { isLost: boolean; delaysMs: number[] } {
	const chance = (rate: number) => rate > 0 && random() < rate;
	const isLost = chance(knobs.webhookLossRate);
	const delay = () =>
		knobs.webhookDelayMs +
		knobs.webhookDelayJitterMs * random() +
		(chance(knobs.webhookReorderRate) ? 500 + 4_500 * random() : 0);
	const delaysMs = [delay()];
	if (!isLost && chance(knobs.webhookDuplicateRate)) delaysMs.push(delay() + 2_000 * random());
	return { isLost, delaysMs };
}
