/** For tests: somebody's webhook address, which keeps what comes and answers as it is told. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Received = { headers: Record<string, string>; body: Buffer; at: number };

export type Receiver = {
	url: string;
	mail: Received[];
	/** What it answers from now on; null: nothing, ever. */
	answer(status: number | null): void;
	/** Resolves when so much has come; rejects after ten seconds. */
	wait(count: number): Promise<Received[]>;
	stop(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
	const mail: Received[] = [];
	let status: number | null = 200;
	let arrived = () => {};
	const server = createServer(async (incoming, outgoing) => {
		const chunks: Buffer[] = [];
		for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
		mail.push({
			headers: incoming.headers as Record<string, string>,
			body: Buffer.concat(chunks),
			at: performance.now(),
		});
		arrived();
		if (status !== null) outgoing.writeHead(status).end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
		mail,
		answer(next) {
			status = next;
		},
		wait: (count) =>
			new Promise((resolve, reject) => {
				const timer = setTimeout(
					() => reject(new Error(`${mail.length} of ${count} deliveries came in ten seconds.`)),
					10_000,
				);
				arrived = () => {
					if (mail.length < count) return;
					clearTimeout(timer);
					resolve(mail);
				};
				arrived();
			}),
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
