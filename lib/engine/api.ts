/** The part of Inngest's API that the SDK calls: what would go to the server comes here as a function call. */
import type postgres from "postgres";
import { checkpoint } from "./checkpoint";
import { receiveEvents } from "./events";
import { headers, type InngestEvent } from "./protocol";
import { bearer, isSameSecret } from "./signing";

export type ApiHost = {
	sql: postgres.Sql;
	signingKey: string;
	eventKey: string;
	leaseMs: number;
	ingest: (events: InngestEvent[]) => Promise<void>;
	/** The app says that its functions may have changed. */
	rediscover: () => void;
};

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export function createApi(host: ApiHost): Fetch {
	const authorization = bearer(host.signingKey);
	return async (input, init) => {
		const request = input instanceof Request ? input : null;
		const { pathname } = new URL(request ? request.url : String(input));
		const header = new Headers(init?.headers ?? request?.headers);
		const body = typeof init?.body === "string" ? init.body : request ? await request.text() : "";

		const [, first, second, third, fourth] = pathname.split("/");
		if (first === "e") return takeEvents(host, decodeURIComponent(second ?? ""), header, body);
		if (!isSameSecret(header.get("authorization"), authorization))
			return answer(401, { error: "The signing key is not the engine's." });
		if (first === "v1" && second === "checkpoint" && fourth === "async")
			return keepSteps(host, decodeURIComponent(third ?? ""), body);
		if (first === "fn" && second === "register") {
			host.rediscover();
			return answer(200, { ok: true, modified: false });
		}
		// Warnings of the SDK about a run; it prints them itself as well.
		if (first === "v1" && second === "runs" && fourth === "metadata") return answer(200, {});
		return answer(501, {
			error: `The embedded engine does not offer ${pathname}; it needs an Inngest server (INNGEST_BASE_URL).`,
		});
	};
}

async function takeEvents(host: ApiHost, key: string, header: Headers, body: string): Promise<Response> {
	if (!isSameSecret(key, host.eventKey)) return answer(401, { error: "The event key is not the engine's." });
	const received = receiveEvents(body, header.get(headers.eventIdSeed), Date.now());
	if (!received.ok) return answer(received.status, { error: received.error, status: received.status });
	await host.ingest(received.events);
	return answer(200, { ids: received.ids, status: 200 });
}

async function keepSteps(host: ApiHost, runId: string, body: string): Promise<Response> {
	switch (await checkpoint(host.sql, runId, JSON.parse(body), host.leaseMs)) {
		case "kept":
			return answer(200, {});
		case "stale":
			return answer(409, { error: "Another worker has this run by now, or it has ended." });
		case "refused":
			return answer(400, { error: "These steps are not taken by checkpoint." });
	}
}

const answer = (status: number, body: unknown) => Response.json(body, { status });
