/**
 * Who answers a request: webhooks and sandbox stores are answered here, since Next's routing alone costs several times
 * what the work behind them does; the rest is pages. The same verbs stand behind route handlers too, for hosts that run
 * Next by itself.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { handleSandboxRequest } from "@/lib/sandbox/handle";
import { sandboxPlatform } from "@/lib/sandbox/platforms";
import { largestWebhookBytes, receiveWebhook, tooLargeSentence } from "@/lib/services/webhooks/receive-webhook";
import { HungUp, plainHeaders, readBody, sendWebResponse, toWebRequest } from "./node-web";

export type Doors = {
	pages: RequestListener;
	webhooks: typeof receiveWebhook;
	/** Null: there are no sandbox stores. */
	sandbox: ((request: Request) => Promise<Response>) | null;
};

const largestSandboxBytes = 5_000_000;

const webhookPath = /^\/api\/webhooks\/([a-z0-9_]+)\/([A-Za-z0-9-]+)\/?(?:\?|$)/;
const sandboxPath = /^\/sandbox\/([a-z0-9_]+)\//;

export const usualDoors = (pages: RequestListener, hasSandbox: boolean): Doors => ({
	pages,
	webhooks: receiveWebhook,
	sandbox: hasSandbox ? handleSandboxRequest : null,
});

export function frontDoor({ pages, webhooks, sandbox }: Doors): RequestListener {
	return (incoming, outgoing) => {
		const url = incoming.url ?? "/";
		if (incoming.method === "POST") {
			const [, platform, channelId] = webhookPath.exec(url) ?? [];
			if (platform && channelId) return void answerWebhook(webhooks, incoming, outgoing, platform, channelId);
		}
		// Pages below /sandbox/ that are no platform's are the dashboard's own.
		if (sandbox && sandboxPlatform(sandboxPath.exec(url)?.[1] ?? ""))
			return void answerWeb(sandbox, incoming, outgoing);
		pages(incoming, outgoing);
	};
}

async function answerWebhook(
	webhooks: Doors["webhooks"],
	incoming: IncomingMessage,
	outgoing: ServerResponse,
	platform: string,
	channelId: string,
): Promise<void> {
	try {
		const rawBody = await readBody(incoming, largestWebhookBytes);
		if (!rawBody) return refuse(outgoing, 413, { "content-type": "text/plain; charset=utf-8" }, tooLargeSentence);
		const [, query = ""] = (incoming.url ?? "").split("?", 2);
		const headers = plainHeaders(incoming.headers);
		const answer = await webhooks({ platform, channelId, headers, query, rawBody });
		outgoing.writeHead(answer.status, { "content-length": Buffer.byteLength(answer.body), ...answer.headers });
		outgoing.end(answer.body);
	} catch (error) {
		if (error instanceof HungUp) return;
		// Not stored, so not acknowledged: the platform tells it again (R2).
		console.error(error);
		refuse(outgoing, 503, { "retry-after": "5" });
	}
}

async function answerWeb(
	answer: (request: Request) => Promise<Response>,
	incoming: IncomingMessage,
	outgoing: ServerResponse,
): Promise<void> {
	try {
		const body = await readBody(incoming, largestSandboxBytes);
		if (!body) return refuse(outgoing, 413);
		await sendWebResponse(outgoing, await answer(toWebRequest(incoming, outgoing, body)));
	} catch {
		// A store whose answer breaks off is what a real one looks like.
		outgoing.destroy();
	}
}

/** Closes too: what the caller may still be sending is not read. */
function refuse(outgoing: ServerResponse, status: number, headers: Record<string, string> = {}, sentence = ""): void {
	if (outgoing.headersSent) return void outgoing.destroy();
	outgoing.writeHead(status, { connection: "close", "content-length": Buffer.byteLength(sentence), ...headers });
	outgoing.end(sentence);
}
