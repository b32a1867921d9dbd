/** Where a store's news arrives: at an address that it calls, or in a queue that the adapter fetches from. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import type { IncomingWebhook, Signal, WebhookRegistration } from "../news";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

export type Heard = { topic: string; dedupeKey: string; rawBody: Buffer; signals: Signal[] };

export type Mailbox = {
	callbackUrl: string;
	secret: string;
	/** As it came over the wire. */
	received: IncomingWebhook[];
	register(): Promise<WebhookRegistration>;
	/** What was accepted, read. Mail that says nothing is left out. */
	heard(): Promise<Heard[]>;
	/** Once it has come. */
	until(isThere: (heard: Heard[]) => boolean): Promise<Heard[]>;
	/** Once nothing is on its way. */
	quiet(): Promise<Heard[]>;
	close(): Promise<void>;
};

/** A new webhook may take so long to be told of anything. */
const startsWithinMs = 60_000;

/** As we make them: letters and digits. */
export const madeSecret = "c0nf0rmance0123456789abcdefABCDEF";

export async function openMailbox({ adapter, facts }: Suite, shop: Shop): Promise<Mailbox> {
	const received: IncomingWebhook[] = [];
	const fetched: Omit<Heard, "signals">[] = [];
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		const [, query = ""] = (request.url ?? "").split("?");
		received.push({ headers, query, rawBody: Buffer.concat(chunks) });
		response.end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const callbackUrl = `http://127.0.0.1:${port}/api/webhooks/${facts.platform}/${crypto.randomUUID()}`;

	const mailbox: Mailbox = {
		callbackUrl,
		secret: shop.pasted?.webhookSecret ?? shop.keys.webhookSecret ?? madeSecret,
		received,
		async register() {
			const registration = await shop.patiently(() =>
				adapter.registerWebhooks(shop.connection, callbackUrl, mailbox.secret),
			);
			mailbox.secret = registration.secret ?? mailbox.secret;
			await shop.pass(startsWithinMs);
			return registration;
		},
		async heard() {
			if (adapter.collectMail) {
				const mail = await adapter.collectMail(shop.connection, { waitMs: 0 });
				fetched.push(...(mail?.items ?? []));
				await mail?.done();
			}
			const accepted = received.flatMap((webhook) => {
				const verdict = adapter.verifyWebhook(webhook, [mailbox.secret]);
				return verdict.verdict === "accepted" ? [{ ...verdict, rawBody: webhook.rawBody }] : [];
			});
			return [...accepted, ...fetched].map(({ topic, dedupeKey, rawBody }) => ({
				topic,
				dedupeKey,
				rawBody,
				signals: adapter.parseWebhook(topic, rawBody),
			}));
		},
		async until(isThere) {
			await expect.poll(async () => isThere(await mailbox.heard()), { timeout: 20_000, interval: 25 }).toBe(true);
			return mailbox.heard();
		},
		async quiet() {
			await expect.poll(shop.isMailWaiting, { timeout: 20_000, interval: 25 }).toBe(false);
			return mailbox.heard();
		},
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return mailbox;
}

/** The order that a signal tells of, whole or by name. */
export function orderRefOf(signal: Signal): string | null {
	if (signal.kind === "order") return signal.order.orderRef;
	return signal.kind === "order_changed" ? signal.orderRef : null;
}

export const tellsOf =
	(orderRef: string) =>
	(heard: Heard[]): boolean =>
		heard.some(({ signals }) => signals.some((signal) => orderRefOf(signal) === orderRef));
