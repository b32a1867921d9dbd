import type { Connection } from "../../channel-adapter";
import type { ChannelError } from "../../errors";
import type { Exchange, HttpReply, HttpRequest } from "../../http";

export type Asked = { method: string; url: URL; headers: Record<string, string>; body: unknown };
export type Answer =
	| { status?: number; headers?: Record<string, string>; json?: unknown; text?: string }
	| ChannelError;

/** A connection whose shop answers as a test says, for replies that no shop gives on demand. */
export function scriptedShop(
	answer: (asked: Asked) => Answer,
	options: { baseUrl?: string; facts?: Record<string, unknown>; now?: () => Date } = {},
) {
	const asked: Asked[] = [];
	const exchanges: Exchange[] = [];
	const send = async (request: HttpRequest): Promise<HttpReply> => {
		const body = request.body === undefined ? undefined : JSON.parse(request.body);
		const one: Asked = { method: request.method, url: new URL(request.url), headers: request.headers ?? {}, body };
		asked.push(one);
		const reply = answer(one);
		const status = reply instanceof Error ? null : (reply.status ?? 200);
		exchanges.push({ at: "", method: request.method, url: request.url, status, request: null, response: null, ms: 0 });
		if (reply instanceof Error) throw reply;
		return {
			status: status ?? 200,
			headers: { "content-type": "application/json; charset=UTF-8", ...reply.headers },
			text: reply.text ?? JSON.stringify(reply.json),
			ms: 0,
		};
	};
	const connection: Connection = {
		channelId: "channel",
		baseUrl: options.baseUrl ?? "https://shop.example.com",
		access: { consumerKey: "ck_test_key", consumerSecret: "cs_test_secret" },
		locationRef: "",
		facts: options.facts ?? {},
		http: { send, exchanges },
		now: options.now ?? (() => new Date("2026-11-23T14:00:00Z")),
	};
	return { asked, connection };
}
