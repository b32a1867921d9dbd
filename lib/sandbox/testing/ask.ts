/** For tests: what a sandbox store answers, whole. */

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely.
export type Reply = { status: number; headers: Headers; body: any; text: string };

/** A redirect is an answer, too. `body` is null where the text is no JSON. */
export async function ask(url: string, init: RequestInit = {}): Promise<Reply> {
	const reply = await fetch(url, { redirect: "manual", ...init });
	const text = await reply.text();
	let body: unknown = null;
	try {
		body = JSON.parse(text);
	} catch {}
	return { status: reply.status, headers: reply.headers, body, text };
}

/** `body` as JSON; a text goes as it stands. */
export function askJson(method: string, url: string, headers: Record<string, string>, body?: unknown): Promise<Reply> {
	if (body === undefined) return ask(url, { method, headers });
	return ask(url, {
		method,
		headers: { ...headers, "content-type": "application/json" },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
}
