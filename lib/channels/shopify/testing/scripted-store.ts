import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Connection } from "../../channel-adapter";
import { createHttpClient } from "../../http";

export type Asked = {
	path: string;
	headers: IncomingMessage["headers"];
	query: string;
	variables: Record<string, unknown>;
	body: Record<string, unknown>;
};

export type Answer =
	| { status?: number; headers?: Record<string, string>; json: unknown }
	| { status?: number; headers?: Record<string, string>; text: string }
	/** Accepts the request and never answers. */
	| "silence"
	/** Cuts the connection after the request arrived. */
	| "hang up";

/** A small HTTP server that answers as a test says, for replies that no sandbox gives on demand. */
export async function scriptedStore(answer: (asked: Asked) => Answer | Promise<Answer>, patienceMs = 300) {
	const asked: Asked[] = [];
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
		const one: Asked = { path: request.url ?? "", headers: request.headers, body, query: "", variables: {}, ...body };
		asked.push(one);
		const reply = await answer(one);
		if (reply === "silence") return;
		if (reply === "hang up") return void request.socket.destroy();
		const text = "json" in reply ? JSON.stringify(reply.json) : reply.text;
		response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers }).end(text);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const http = createHttpClient({ allowPrivate: true, secrets: ["shpat_test"] });
	const connection: Connection = {
		channelId: "channel",
		baseUrl,
		access: { kind: "token", accessToken: "shpat_test" },
		locationRef: "gid://shopify/Location/106318430514",
		facts: {},
		// A test of silence must not take half a minute.
		http: { ...http, send: (request) => http.send({ timeoutMs: patienceMs, ...request }), exchanges: http.exchanges },
		now: () => new Date(),
	};
	return {
		asked,
		connection,
		close() {
			server.closeAllConnections();
			return new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

/** A reply's cost as Shopify tells it. */
export const costExtension = (requested: number, available: number, restore = 100, maximum = 2_000) => ({
	cost: {
		requestedQueryCost: requested,
		actualQueryCost: null,
		throttleStatus: { maximumAvailable: maximum, currentlyAvailable: available, restoreRate: restore },
	},
});
