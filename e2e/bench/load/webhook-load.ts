/**
 * Signed webhooks over HTTP/1.1 keep-alive connections, closed loop: each connection sends the next request when its
 * answer is there. Requests are built beforehand, so that the generator costs as little of the two cores as it can.
 */
import { createHmac } from "node:crypto";
import net from "node:net";

export type Mail = { id: string; request: Buffer };

/** A Shopify order of about 945 bytes with its own id, signed. `lines`: which variants it takes. */
export function orderMail(
	target: { port: number; path: string; secret: string; shop: string },
	order: { id: number; variant: number; sku: string; at: Date },
): Mail {
	const stamp = order.at.toISOString();
	const body = Buffer.from(
		JSON.stringify({
			id: order.id,
			admin_graphql_api_id: `gid://shopify/Order/${order.id}`,
			name: `#${order.id}`,
			created_at: stamp,
			updated_at: stamp,
			cancelled_at: null,
			closed_at: null,
			financial_status: "paid",
			fulfillment_status: null,
			currency: "EUR",
			total_price: "89.00",
			location_id: null,
			source_name: "web",
			note: "x".repeat(240),
			line_items: [
				{
					id: order.id * 10,
					admin_graphql_api_id: `gid://shopify/LineItem/${order.id * 10}`,
					variant_id: order.variant,
					product_id: order.variant,
					sku: order.sku,
					name: "Trail Lamp 400",
					title: "Trail Lamp 400",
					quantity: 1,
					current_quantity: 1,
					fulfillable_quantity: 1,
					price: "89.00",
				},
			],
			refunds: [],
		}),
	);
	const id = `bench-${order.id}`;
	const head = [
		`POST ${target.path} HTTP/1.1`,
		`host: 127.0.0.1:${target.port}`,
		"content-type: application/json",
		`content-length: ${body.length}`,
		"x-shopify-topic: orders/create",
		`x-shopify-shop-domain: ${target.shop}`,
		`x-shopify-webhook-id: ${id}`,
		`x-shopify-event-id: ${id}`,
		`x-shopify-triggered-at: ${stamp}`,
		"x-shopify-api-version: 2026-10",
		`x-shopify-hmac-sha256: ${createHmac("sha256", target.secret).update(body).digest("base64")}`,
		"",
		"",
	].join("\r\n");
	return { id, request: Buffer.concat([Buffer.from(head), body]) };
}

export type LoadResult = { acknowledged: string[]; refused: Record<string, number>; ms: number; latenciesMs: number[] };

/** Sends all of `mail`, or as much as `forMs` allows. */
export async function sendClosedLoop(
	port: number,
	mail: readonly Mail[],
	options: { connections: number; forMs?: number },
): Promise<LoadResult> {
	const result: LoadResult = { acknowledged: [], refused: {}, ms: 0, latenciesMs: [] };
	const began = performance.now();
	let next = 0;
	const connection = () =>
		new Promise<void>((resolve, reject) => {
			const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
			let current: Mail | undefined;
			let sentAt = 0;
			let buffered = "";
			const send = () => {
				current = mail[next++];
				if (!current || (options.forMs && performance.now() - began > options.forMs)) {
					socket.end();
					resolve();
					return;
				}
				sentAt = performance.now();
				socket.write(current.request);
			};
			socket.setEncoding("latin1");
			socket.on("connect", send);
			socket.on("error", reject);
			socket.on("data", (chunk: string) => {
				buffered += chunk;
				const end = buffered.indexOf("\r\n\r\n");
				if (end < 0) return;
				const length = Number(/content-length: (\d+)/i.exec(buffered)?.[1] ?? 0);
				if (buffered.length < end + 4 + length) return;
				const status = buffered.slice(9, 12);
				buffered = "";
				result.latenciesMs.push(performance.now() - sentAt);
				if (status === "200" && current) result.acknowledged.push(current.id);
				else result.refused[status] = (result.refused[status] ?? 0) + 1;
				send();
			});
		});
	await Promise.all(Array.from({ length: options.connections }, connection));
	result.ms = performance.now() - began;
	return result;
}

export type OpenLoopResult = {
	/** When each was to be sent, by the schedule (performance.now). */
	scheduledAt: number[];
	refused: number;
};

/** Arrivals on a schedule, whatever the answers do: a queue behind a slow answer counts as lag. */
export async function sendOpenLoop(
	port: number,
	mail: readonly Mail[],
	options: { rate: number; connections: number; onSend?: (index: number) => void },
): Promise<OpenLoopResult> {
	const gapMs = 1_000 / options.rate;
	const began = performance.now() + 50;
	const scheduledAt = mail.map((_, index) => began + index * gapMs);
	const waiting: number[] = [];
	const idle: ((index: number) => void)[] = [];
	let refused = 0;
	let done = 0;
	let finish: () => void = () => {};
	const finished = new Promise<void>((resolve) => {
		finish = resolve;
	});
	const sockets = Array.from({ length: options.connections }, () => {
		const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
		let buffered = "";
		const take = (index: number) => {
			socket.write((mail[index] as Mail).request);
		};
		socket.setEncoding("latin1");
		socket.on("connect", () => next());
		socket.on("error", () => {
			refused++;
		});
		socket.on("data", (chunk: string) => {
			buffered += chunk;
			const end = buffered.indexOf("\r\n\r\n");
			if (end < 0) return;
			const length = Number(/content-length: (\d+)/i.exec(buffered)?.[1] ?? 0);
			if (buffered.length < end + 4 + length) return;
			if (buffered.slice(9, 12) !== "200") refused++;
			buffered = "";
			if (++done === mail.length) finish();
			next();
		});
		const next = () => {
			const index = waiting.shift();
			if (index === undefined) idle.push(take);
			else take(index);
		};
		return socket;
	});
	let sent = 0;
	const tick = setInterval(() => {
		const now = performance.now();
		while (sent < mail.length && (scheduledAt[sent] as number) <= now) {
			const index = sent++;
			options.onSend?.(index);
			const take = idle.pop();
			if (take) take(index);
			else waiting.push(index);
		}
		if (sent === mail.length) clearInterval(tick);
	}, 1);
	await finished;
	for (const socket of sockets) socket.destroy();
	return { scheduledAt, refused };
}
