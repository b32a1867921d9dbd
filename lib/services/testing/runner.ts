/**
 * Drives the pipeline's loops as the functions do, in this process and without an engine: for tests and proofs of what
 * the loops do. A door for webhooks is included.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestDatabase } from "@/db/testing";
import { workChannel } from "../channels/work-channel";
import type { WorkTarget } from "../channels/work-target";
import { readStore } from "../imports/read-store";
import { verifyStalest } from "../levels/verify-levels";
import { collectMail } from "../mail/collect-mail";
import { drainMail } from "../mail/drain-mail";
import { cancelDueOrders } from "../orders/cancel-orders";
import { findTarget, findWork } from "../sync/find-work";
import { setWakeSender, type WorkKind, wake } from "../sync/wake";
import { receiveWebhook } from "../webhooks/receive-webhook";

export type Runner = {
	/** Where stores send their webhooks. */
	origin: string;
	/** What went wrong in a loop since the start; a test expects none. */
	errors: unknown[];
	/** Starts what lost its wake-up, as the sweep does. */
	sweep(): Promise<void>;
	stop(): Promise<void>;
};

const loop = { maxMs: 10_000, lingerMs: 200 };

/** A later runner of this process listens where the first one did. */
let port = 0;

export async function startRunner(database: TestDatabase): Promise<Runner> {
	const client = database.client("app");
	const errors: unknown[] = [];
	const running = new Set<Promise<void>>();
	const timers = new Set<NodeJS.Timeout>();
	let isStopped = false;

	const start = (kind: WorkKind, channelId: string) => {
		if (!isStopped) run(runOne(kind, channelId));
	};

	function run(work: Promise<void>): void {
		const watched = work.catch((error) => {
			errors.push(error);
		});
		running.add(watched);
		void watched.finally(() => running.delete(watched));
	}

	const stopping = new AbortController();
	const queues = new Set<string>();

	/** Until the end, where the channel's news comes in a queue. */
	async function readQueue(target: WorkTarget): Promise<void> {
		if (queues.has(target.channelId)) return;
		queues.add(target.channelId);
		for (let state = "read"; state === "read" && !isStopped; )
			({ state } = await collectMail(target, { maxMs: loop.maxMs, client, signal: stopping.signal }));
		queues.delete(target.channelId);
	}

	async function runOne(kind: WorkKind, channelId: string): Promise<void> {
		const target = await findTarget(channelId);
		if (!target) return;
		if (kind === "mail") {
			const { hasMore } = await drainMail(target, { ...loop, client });
			if (hasMore) start("mail", channelId);
		} else if (kind === "import") {
			await readStore(client, target);
			start("work", channelId);
			run(readQueue(target));
		} else if (kind === "verify") {
			const { nextInMs } = await verifyStalest(client, target);
			later("verify", channelId, nextInMs === null ? null : Date.now() + nextInMs);
		} else if (kind === "cancel") {
			later("cancel", channelId, (await cancelDueOrders(target, { maxMs: loop.maxMs, client })).nextDueAt);
		} else {
			const { nextDueAt } = await workChannel(target, { ...loop, client });
			later("work", channelId, nextDueAt);
		}
	}

	function later(kind: WorkKind, channelId: string, at: number | null): void {
		if (at === null || isStopped) return;
		const timer = setTimeout(
			() => {
				timers.delete(timer);
				start(kind, channelId);
			},
			Math.max(5, at - Date.now()),
		);
		timers.add(timer);
	}

	setWakeSender(async (kind, channelIds) => {
		for (const channelId of channelIds) start(kind, channelId);
	});

	const server = createServer(async (incoming, outgoing) => {
		const chunks: Buffer[] = [];
		for await (const chunk of incoming) chunks.push(chunk as Buffer);
		const [path = "", query] = (incoming.url ?? "").split("?");
		const [, , , platform = "", channelId = ""] = path.split("/");
		const reply = await receiveWebhook({
			platform,
			channelId,
			headers: incoming.headers as Record<string, string>,
			query,
			rawBody: Buffer.concat(chunks),
		});
		outgoing.writeHead(reply.status, reply.headers).end(reply.body);
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
	// Before anything reads the environment, which is read once: stores are told to send their news here.
	port = (server.address() as AddressInfo).port;
	process.env.PORT = String(port);
	process.env.ONECOUNT_SANDBOX = "on";

	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		errors,
		async sweep() {
			const found = await findWork();
			wake("mail", found.mail);
			wake("work", found.work);
			wake("import", found.imports);
		},
		async stop() {
			isStopped = true;
			stopping.abort();
			setWakeSender(null);
			for (const timer of timers) clearTimeout(timer);
			await Promise.all(running);
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
