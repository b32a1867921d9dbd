/** For tests: connections to a store over HTTP, as services mint them for a channel. */
import type { Connection, ConnectReport } from "../channel-adapter";
import { createHttpClient, type HttpClient } from "../http";

export type ConnectWith = (access: Record<string, string>, more?: Partial<Connection>) => Connection;

type Common = Pick<Connection, "baseUrl" | "now"> &
	Partial<Connection> & {
		/** The longest that a call may take: tests of silence must not take half a minute. Absent: what the adapter asks for. */
		timeoutMs?: number;
	};

/** What all connections to one store have in common, and then with which access. */
export const connectionsTo =
	({ timeoutMs, ...common }: Common): ConnectWith =>
	(access, more = {}) => {
		const http = createHttpClient({ allowPrivate: true, secrets: Object.values(access) });
		return {
			channelId: "channel",
			access,
			locationRef: "",
			facts: {},
			http: timeoutMs === undefined ? http : impatient(http, timeoutMs),
			...common,
			...more,
		};
	};

/** What a channel keeps of it. */
export function learnedFrom({ store, checks }: ConnectReport): Pick<Connection, "facts" | "locationRef"> {
	if (!store) throw new Error(`The store can't be connected: ${JSON.stringify(checks)}`);
	return { facts: store.facts, locationRef: store.locations[0]?.ref ?? "" };
}

/** Gives up on an answer long before a person would. */
export const impatient = (http: HttpClient, timeoutMs = 300): HttpClient => ({
	send: (request) => http.send({ ...request, timeoutMs: Math.min(request.timeoutMs ?? timeoutMs, timeoutMs) }),
	exchanges: http.exchanges,
});
