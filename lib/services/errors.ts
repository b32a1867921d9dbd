/**
 * What a verb can refuse with when the caller could not have known better by looking. Expected outcomes are returned
 * unions instead. Mapped once per transport (lib/services/http.ts, inngest/errors.ts); each message is a sentence that
 * a merchant may read.
 */
export abstract class ServiceError extends Error {
	/** For machines: stable, snake_case. */
	abstract readonly reason: string;
	abstract readonly status: 401 | 403 | 404 | 409 | 422 | 429;
}

/** Nobody is signed in, or the session has ended. */
export class SignedOut extends ServiceError {
	override name = "SignedOut";
	readonly reason = "signed_out";
	readonly status = 401;
	constructor() {
		super("You are signed out. Sign in again to go on.");
	}
}

/** No key of the public API, one that was never made, or one that was revoked. */
export class UnknownKey extends ServiceError {
	override name = "UnknownKey";
	readonly reason = "unknown_key";
	readonly status = 401;
	constructor() {
		super("This needs a key that is in force: Authorization: Bearer oc_…. A manager makes one in Settings.");
	}
}

/** A key, but not for this. */
export class MissingScope extends ServiceError {
	override name = "MissingScope";
	readonly reason = "missing_scope";
	readonly status = 403;
	readonly scope: string;
	constructor(scope: string) {
		super(`This key lacks the scope ${scope}. Make one that has it in Settings; a key's scopes can't be changed.`);
		this.scope = scope;
	}
}

/** Signed in, but the role is not enough. */
export class Forbidden extends ServiceError {
	override name = "Forbidden";
	readonly reason = "forbidden";
	readonly status = 403;
	/** The least role that may. */
	readonly minimum: "owner" | "manager" | "support" | "viewer";
	constructor(minimum: Forbidden["minimum"]) {
		super(
			minimum === "owner"
				? "Only an owner may do this. Ask one to do it, or to change your role."
				: `This needs the role ${minimum} or above. An owner can change your role in Settings.`,
		);
		this.minimum = minimum;
	}
}

/** Not there, or another merchant's: the two look the same on purpose. */
export class NotFound extends ServiceError {
	override name = "NotFound";
	readonly reason = "not_found";
	readonly status = 404;
	constructor(
		what: string,
		sentence = `This ${what} is not here. It may have been removed, or it belongs to another merchant.`,
	) {
		super(sentence);
	}
}

/** Somebody else changed it meanwhile; nothing was overwritten. */
export class ChangedMeanwhile extends ServiceError {
	override name = "ChangedMeanwhile";
	readonly reason = "changed_meanwhile";
	readonly status = 409;
}

/** The input can't be used, with the reason. */
export class Unacceptable extends ServiceError {
	override name = "Unacceptable";
	readonly reason: string;
	readonly status = 422;
	constructor(sentence: string, reason = "unacceptable") {
		super(sentence);
		this.reason = reason;
	}
}

/** What was filled in can't be right, and where: known before anybody was asked. At least one problem, in the order of the form. */
export class WrongFields extends ServiceError {
	override name = "WrongFields";
	/** The first one's. */
	readonly reason: string;
	readonly status = 422;
	/** Sentences by the names of the fields. */
	readonly fields: Readonly<Record<string, string>>;
	constructor(problems: readonly { field: string; sentence: string; code: string }[]) {
		super([...new Set(problems.map(({ sentence }) => sentence))].join(" "));
		this.reason = problems[0]?.code ?? "unacceptable";
		this.fields = Object.fromEntries(problems.map(({ field, sentence }) => [field, sentence]));
	}
}

/** Too often; the sentence says when to come back. */
export class TooOften extends ServiceError {
	override name = "TooOften";
	readonly reason = "too_often";
	readonly status = 429;
	readonly retryAfterMs: number;
	constructor(retryAfterMs: number) {
		const minutes = Math.ceil(retryAfterMs / 60_000);
		super(`That was tried too often. Wait ${minutes} ${minutes === 1 ? "minute" : "minutes"} and try again.`);
		this.retryAfterMs = retryAfterMs;
	}
}
