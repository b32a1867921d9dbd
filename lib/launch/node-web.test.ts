import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { HungUp, plainHeaders, readBody, sendWebResponse, toWebRequest } from "./node-web";

let server: Server | undefined;
afterEach(() => {
	server?.closeAllConnections();
	server?.close();
});

async function serve(listener: RequestListener): Promise<{ origin: string; port: number }> {
	server = createServer(listener);
	await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	return { origin: `http://127.0.0.1:${port}`, port };
}

describe("a body", () => {
	const echo: RequestListener = async (incoming, outgoing) => {
		const body = await readBody(incoming, 1_000);
		outgoing.writeHead(body ? 200 : 413, { connection: "close" }).end(body ?? undefined);
	};

	it("comes through byte for byte, also in pieces", async () => {
		const { origin } = await serve(echo);
		const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i % 256);
		expect(new Uint8Array(await (await fetch(origin, { method: "POST", body: bytes })).arrayBuffer())).toEqual(bytes);
		const stream = new ReadableStream({
			start(controller) {
				for (let i = 0; i < 1_000; i += 100) controller.enqueue(bytes.slice(i, i + 100));
				controller.close();
			},
		});
		const response = await fetch(origin, { method: "POST", body: stream, duplex: "half" } as RequestInit);
		expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
	});

	it("that is announced too large is refused before it is sent", async () => {
		const { port } = await serve(echo);
		const answer = await new Promise<string>((resolve) => {
			const socket = connect(port, "127.0.0.1", () =>
				socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n"),
			);
			socket.once("data", (chunk) => resolve(chunk.toString()));
		});
		expect(answer).toMatch(/^HTTP\/1.1 413/);
	});

	it("that turns out too large is refused without being held", async () => {
		const { port } = await serve(echo);
		const answer = await new Promise<string>((resolve) => {
			const socket = connect(port, "127.0.0.1", () => {
				socket.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
				socket.write(`3e9\r\n${"x".repeat(1_001)}\r\n`);
			});
			socket.once("data", (chunk) => resolve(chunk.toString()));
		});
		expect(answer).toMatch(/^HTTP\/1.1 413/);
	});

	it("whose sender hangs up is no body at all", async () => {
		let read: Promise<Buffer | null> | undefined;
		const begun = new Promise<void>((resolve) => {
			void serve((incoming) => {
				read = readBody(incoming, 1_000);
				resolve();
			}).then(({ port }) => {
				const socket = connect(port, "127.0.0.1", () =>
					socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf"),
				);
				void begun.then(() => socket.destroy());
			});
		});
		await begun;
		await expect(read).rejects.toBeInstanceOf(HungUp);
	});
});

describe("the web's request and response", () => {
	it("carry method, address, headers, body and cookies both ways", async () => {
		const { origin } = await serve(async (incoming, outgoing) => {
			const request = toWebRequest(incoming, outgoing, (await readBody(incoming, 1_000)) ?? Buffer.alloc(0));
			const seen = {
				url: request.url,
				method: request.method,
				header: request.headers.get("x-one"),
				body: await request.text(),
			};
			const headers = new Headers({ "content-type": "application/json" });
			headers.append("set-cookie", "a=1");
			headers.append("set-cookie", "b=2");
			await sendWebResponse(outgoing, new Response(JSON.stringify(seen), { status: 201, headers }));
		});
		const response = await fetch(`${origin}/a/b?c=d`, { method: "PUT", headers: { "x-one": "1" }, body: "hello" });
		expect(response.status).toBe(201);
		expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
		expect(await response.json()).toEqual({ url: `${origin}/a/b?c=d`, method: "PUT", header: "1", body: "hello" });
	});

	it("tell the one who works when the caller hangs up", async () => {
		await new Promise<void>((resolve) => {
			void serve((incoming, outgoing) => {
				const { signal } = toWebRequest(incoming, outgoing, Buffer.alloc(0));
				signal.addEventListener("abort", () => resolve());
				socket.destroy();
			}).then(({ port }) => {
				socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
			});
			let socket: Socket;
		});
	});
});

it("headers that came several times are one value, as HTTP allows", () => {
	expect(plainHeaders({ accept: "a", "set-cookie": ["x=1", "y=2"], missing: undefined })).toEqual({
		accept: "a",
		"set-cookie": "x=1, y=2",
	});
});
