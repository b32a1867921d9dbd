/** Node's request and response ⇄ the web's, for doors that speak fetch. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** The body as it came, byte for byte; null when it is larger than allowed: then the rest is not read. */
export function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
	const announced = Number(incoming.headers["content-length"] ?? 0);
	if (announced > maxBytes) return Promise.resolve(null);
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let size = 0;
		const onData = (chunk: Buffer) => {
			size += chunk.length;
			if (size > maxBytes) {
				incoming.off("data", onData);
				incoming.pause();
				resolve(null);
			} else chunks.push(chunk);
		};
		incoming.on("data", onData);
		incoming.once("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
		incoming.once("error", () => reject(new HungUp()));
		incoming.once("close", () => {
			if (!incoming.complete) reject(new HungUp());
		});
	});
}

/** The caller left before it had said everything. */
export class HungUp extends Error {
	override name = "HungUp";
}

/** One value per name, as HTTP allows to write it. */
export function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
	const plain: Record<string, string> = {};
	for (const name in headers) {
		const value = headers[name];
		if (value !== undefined) plain[name] = typeof value === "string" ? value : value.join(", ");
	}
	return plain;
}

/** Its signal fires when the caller hangs up before the answer is out. */
export function toWebRequest(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer): Request {
	const hungUp = new AbortController();
	outgoing.once("close", () => {
		if (!outgoing.writableFinished) hungUp.abort();
	});
	const method = incoming.method ?? "GET";
	const hasBody = body.length > 0 && method !== "GET" && method !== "HEAD";
	return new Request(`http://${incoming.headers.host ?? "localhost"}${incoming.url ?? "/"}`, {
		method,
		headers: plainHeaders(incoming.headers),
		body: hasBody ? new Uint8Array(body) : undefined,
		signal: hungUp.signal,
	});
}

export async function sendWebResponse(outgoing: ServerResponse, response: Response): Promise<void> {
	// Read whole before the head leaves: an answer that breaks breaks before any of it arrives.
	const body = Buffer.from(await response.arrayBuffer());
	const headers: Record<string, string | string[] | number> = Object.fromEntries(response.headers);
	const cookies = response.headers.getSetCookie();
	if (cookies.length > 0) headers["set-cookie"] = cookies;
	if (response.body) headers["content-length"] = body.length;
	outgoing.writeHead(response.status, headers);
	outgoing.end(body);
}
