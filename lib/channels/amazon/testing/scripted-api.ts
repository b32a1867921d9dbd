import type { Connection } from "../../channel-adapter";
import type { ChannelError } from "../../errors";
import type { Exchange, HttpReply, HttpRequest } from "../../http";

export type Asked = { method: string; url: URL; headers: Record<string, string>; body: string | undefined };
export type Answer =
	| { status?: number; headers?: Record<string, string>; json?: unknown; text?: string }
	| ChannelError;

let accounts = 0;

/** A connection whose Amazon answers as a test says, for replies that no account gives on demand. Each has buckets of its own. */
export function scriptedApi(
	answer: (asked: Asked) => Answer,
	options: {
		baseUrl?: string;
		access?: Record<string, string>;
		facts?: Record<string, unknown>;
		now?: () => Date;
	} = {},
) {
	const asked: Asked[] = [];
	const exchanges: Exchange[] = [];
	const send = async (request: HttpRequest): Promise<HttpReply> => {
		const one: Asked = {
			method: request.method,
			url: new URL(request.url),
			headers: request.headers ?? {},
			body: request.body,
		};
		asked.push(one);
		const reply = answer(one);
		const status = reply instanceof Error ? null : (reply.status ?? 200);
		exchanges.push({ at: "", method: request.method, url: request.url, status, request: null, response: null, ms: 0 });
		if (reply instanceof Error) throw reply;
		const headers = { "content-type": "application/json", ...reply.headers };
		const text = reply.text ?? (reply.json === undefined ? "" : JSON.stringify(reply.json));
		return {
			status: status ?? 200,
			headers,
			text: request.decode ? request.decode(Buffer.from(text), headers) : text,
			ms: 0,
		};
	};
	const connection: Connection = {
		channelId: "channel",
		baseUrl: options.baseUrl ?? "https://sellingpartnerapi-na.amazon.com",
		access: {
			accessToken: "Atza|given",
			sellerId: `ATEST${accounts++}`,
			marketplaceId: "ATVPDKIKX0DER",
			...options.access,
		},
		locationRef: "",
		facts: options.facts ?? {},
		http: { send, exchanges },
		now: options.now ?? (() => new Date("2026-11-23T14:00:00Z")),
	};
	return { asked, connection };
}
