/** The sandbox by itself: its wire addresses, its post and its buyers on a plain HTTP server, without Next. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type SandboxHost, sandboxContext } from "./context";
import { handleSandboxRequest } from "./handle";
import { startSandboxLife } from "./life";
import { startSandboxPump } from "./pump";
import { flushRequests } from "./requests";
import type { SandboxContext } from "./sandbox-platform";

const largestBodyBytes = 5_000_000;

export type SandboxServer = { origin: string; ctx: SandboxContext; stop(): Promise<void> };

/** Listens on loopback only. `port` 0 or absent: any that is free. */
export async function startSandboxServer(
	options: Omit<SandboxHost, "origin"> & { port?: number } = {},
): Promise<SandboxServer> {
	const host: SandboxHost = { ...options, origin: "" };
	const server = createServer((incoming, outgoing) => {
		answer(host, incoming, outgoing).catch(() => outgoing.destroy());
	});
	server.keepAliveTimeout = 30_000;
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(options.port ?? 0, "127.0.0.1", resolve);
	});
	host.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const ctx = sandboxContext(host);
	const pump = startSandboxPump(host);
	const life = startSandboxLife(host);
	return {
		origin: host.origin,
		ctx,
		async stop() {
			await Promise.all([life.stop(), pump.stop()]);
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			await flushRequests(ctx.db);
		},
	};
}

async function answer(host: SandboxHost, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
	const hungUp = new AbortController();
	outgoing.once("close", () => hungUp.abort());
	const body = await readBody(incoming);
	if (!body) {
		outgoing.writeHead(413).end();
		return;
	}
	const method = incoming.method ?? "GET";
	const request = new Request(`${host.origin}${incoming.url}`, {
		method,
		headers: flatHeaders(incoming),
		body: method === "GET" || method === "HEAD" || body.length === 0 ? undefined : new Uint8Array(body),
		signal: hungUp.signal,
	});
	const response = await handleSandboxRequest(request, host);
	// Read whole before the head leaves: an answer that breaks must break before anything of it arrives.
	const content = Buffer.from(await response.arrayBuffer());
	const headers: Record<string, string | string[]> = {};
	for (const [name, value] of response.headers) headers[name] = value;
	const cookies = response.headers.getSetCookie();
	if (cookies.length > 0) headers["set-cookie"] = cookies;
	outgoing.writeHead(response.status, { ...headers, "content-length": content.length });
	outgoing.end(content);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of incoming as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > largestBodyBytes) return null;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

function flatHeaders(incoming: IncomingMessage): [string, string][] {
	return Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
		value === undefined ? [] : Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value]],
	);
}
