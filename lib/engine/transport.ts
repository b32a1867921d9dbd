/** How a call reaches the app's serve handler. */
import { Agent, request } from "undici";

export type TransportRequest = {
	method: "POST" | "PUT";
	/** Whole address, query included. */
	url: string;
	headers: Record<string, string>;
	body: string;
};
export type TransportResponse = { status: number; header: (name: string) => string | null; body: string };

/** Throws when there is no answer. */
export type Transport = {
	send: (request: TransportRequest) => Promise<TransportResponse>;
	close: () => Promise<void>;
};

/**
 * Over HTTP to our own port: inside Next, functions then run in the route's own bundle, as they would under an Inngest
 * server, and `revalidateTag` works.
 */
export function httpTransport(): Transport {
	const agent = new Agent({
		// A step may take hours: liveness is the lease's matter, not the socket's.
		headersTimeout: 0,
		bodyTimeout: 0,
		// Below the 5 s after which Node's server closes an idle connection, perhaps under our next request.
		keepAliveTimeout: 4_000,
		keepAliveMaxTimeout: 4_000,
	});
	return {
		send: async ({ method, url, headers, body }) => {
			const response = await request(url, { method, headers, body, dispatcher: agent });
			return {
				status: response.statusCode,
				header: (name) => {
					const value = response.headers[name];
					return (Array.isArray(value) ? value[0] : value) ?? null;
				},
				body: await response.body.text(),
			};
		},
		close: () => agent.destroy(),
	};
}

/** Straight into a handler, for tests and for workers without a web server. */
export function inProcessTransport(handler: (request: Request) => Promise<Response>): Transport {
	return {
		send: async ({ method, url, headers, body }) => {
			// The SDK's handlers for Web requests build their address from it.
			const host = new URL(url).host;
			const response = await handler(new Request(url, { method, headers: { ...headers, host }, body }));
			return {
				status: response.status,
				header: (name) => response.headers.get(name),
				body: await response.text(),
			};
		},
		close: async () => {},
	};
}
