import type { Connection } from "../../channel-adapter";
import type { ChannelError } from "../../errors";
import type { Exchange, HttpReply, HttpRequest } from "../../http";

export type Asked = { method: string; path: string; body: unknown };
export type Answer = { status?: number; json: unknown } | { status: number; text: string } | ChannelError;

/** A connection whose store answers as a test says, for replies that no store gives on demand. */
export function scriptedStore(answer: (asked: Asked) => Answer, more: Partial<Connection> = {}) {
	const asked: Asked[] = [];
	const exchanges: Exchange[] = [];
	const send = async (request: HttpRequest): Promise<HttpReply> => {
		const path = new URL(request.url).pathname.replace(/^.*\/rest\/all/, "");
		const one: Asked = {
			method: request.method,
			path,
			body: request.body === undefined ? undefined : JSON.parse(request.body),
		};
		asked.push(one);
		const reply = answer(one);
		exchanges.push({
			at: "",
			method: request.method,
			url: request.url,
			status: null,
			request: null,
			response: null,
			ms: 0,
		});
		if (reply instanceof Error) throw reply;
		if ("text" in reply)
			return { status: reply.status, headers: { "content-type": "text/html" }, text: reply.text, ms: 0 };
		const headers = { "content-type": "application/json; charset=utf-8" };
		return { status: reply.status ?? 200, headers, text: JSON.stringify(reply.json), ms: 0 };
	};
	const connection: Connection = {
		channelId: "channel",
		baseUrl: "https://shop.example.com",
		access: { accessToken: "t".repeat(32) },
		locationRef: "main",
		facts: { topology: { main: [{ stockId: 1, website: "base", sources: ["main", "west"], storeIds: [] }] } },
		http: { send, exchanges },
		now: () => new Date("2026-11-23T14:00:00Z"),
		...more,
	};
	return { asked, connection };
}
