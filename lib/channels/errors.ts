/**
 * What a store can answer with, as a small tree. Each carries a sentence that a merchant may read and what to do.
 * An error that nobody knows keeps its raw body in the exchange log.
 */
import { keptText } from "./kept-text";

export type ChannelErrorReason =
	/** Congestion, not failure (R10): wait `retryAfterMs`. */
	| "throttled"
	/** Down, 5xx, connection refused: back off, open the breaker. */
	| "unreachable"
	/** The request was sent and no answer came: it may have been done. */
	| "timeout"
	/** Credentials wrong or revoked: not an outage; nothing helps but reconnecting. */
	| "access_revoked"
	/**
	 * The app that the channel was let in by is not set up here, or the platform does not take its id and secret. That proves
	 * nothing of the agreement, and is so for every channel of the app: each goes on by itself once the app is set right.
	 */
	| "app_misconfigured"
	/** Credentials fine, right missing. */
	| "missing_scope"
	/** The address is not such a store (a web page, another platform, REST API off). */
	| "not_a_store"
	/** Forbidden address (private, loopback) while sandbox addresses are off. */
	| "forbidden_address"
	/** The platform refuses this row or request for a reason of its own. */
	| "refused"
	/** The thing is gone. */
	| "gone"
	/** An answer that we can't read. */
	| "unreadable";

/** Code of `unreachable`: the access ended before its time, and what renews it is at hand, so that it is due. */
export const accessEnded = "TOKEN_EXPIRED";

/** Whoever asks for a longer rest is asked again after this: a moment in the place of seconds would be decades. */
const longestRestMs = 60 * 60_000;

export class ChannelError extends Error {
	override name = "ChannelError";
	readonly reason: ChannelErrorReason;
	/** What a merchant may do; null when waiting is all. */
	readonly fix: string | null;
	/** An hour at the most. */
	readonly retryAfterMs: number | null;
	/** Of `throttled`, where calls are counted by kind: all that is refused. Null: every call. */
	readonly lane: "orders" | null;
	/** The platform's own code, for the log. */
	readonly code: string | null;

	constructor(
		reason: ChannelErrorReason,
		sentence: string,
		more: {
			fix?: string | null;
			retryAfterMs?: number | null;
			lane?: "orders" | null;
			code?: string | null;
			cause?: unknown;
		} = {},
	) {
		super(keptText(sentence), { cause: more.cause });
		this.reason = reason;
		this.fix = more.fix ?? null;
		const { retryAfterMs = null } = more;
		this.retryAfterMs = retryAfterMs === null ? null : Math.min(retryAfterMs, longestRestMs);
		this.lane = more.lane ?? null;
		this.code = more.code ?? null;
	}
}
