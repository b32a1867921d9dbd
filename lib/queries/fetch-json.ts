/** What a JSON route refused with, in its own words. */
export class RequestFailed extends Error {
	override name = "RequestFailed";
	constructor(
		readonly status: number,
		readonly reason: string,
		sentence: string,
		/** To quote when asking for help; null where the cause is known. */
		readonly requestId: string | null = null,
	) {
		super(sentence);
	}
}

/** What reads is tried again by itself; what changes something is not, and may have been done. */
const unreachable = (status: number, init: RequestInit | undefined) =>
	new RequestFailed(
		status,
		"offline",
		(init?.method ?? "GET") === "GET"
			? "Onecount can't be reached. Check your connection; it is tried again by itself."
			: "Onecount does not answer. It may have gone away while it did this: look before you do it again.",
	);

/** Whether nothing of ours has answered at all. */
export const isUnreachable = (error: unknown): boolean => error instanceof RequestFailed && error.reason === "offline";

/** Reads one of our JSON routes. Throws {@link RequestFailed} with a sentence that can be shown. */
export async function fetchJson<T>(path: string, init?: RequestInit): Promise<T> {
	let response: Response;
	try {
		response = await fetch(path, { ...init, headers: { accept: "application/json", ...init?.headers } });
	} catch (error) {
		if (init?.signal?.aborted) throw error;
		throw unreachable(0, init);
	}
	const body: unknown = await response.json().catch(() => null);
	// What a proxy says for a server that is away.
	if (body === null && [502, 503, 504].includes(response.status)) throw unreachable(response.status, init);
	if (response.ok) return body as T;
	const { reason, sentence, requestId } = (body ?? {}) as { reason?: string; sentence?: string; requestId?: string };
	throw new RequestFailed(
		response.status,
		reason ?? "failed",
		sentence ?? "This could not be loaded. Try again in a moment.",
		requestId ?? null,
	);
}
