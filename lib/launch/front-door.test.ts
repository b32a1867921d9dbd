import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Doors, frontDoor } from "./front-door";

let server: Server;
let origin: string;
let doors: Doors;
beforeEach(async () => {
	doors = {
		pages: vi.fn((_, outgoing) => outgoing.end("page")),
		webhooks: vi.fn(async () => ({ status: 200, body: "kept", headers: { "x-one": "1" } })),
		sandbox: vi.fn(async () => new Response("store")),
	};
	server = createServer((incoming, outgoing) => frontDoor(doors)(incoming, outgoing));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterEach(() => {
	server.closeAllConnections();
	server.close();
	vi.restoreAllMocks();
});

const text = async (path: string, init?: RequestInit) => (await fetch(origin + path, init)).text();
const post = (path: string, body: BodyInit = "{}") => fetch(origin + path, { method: "POST", body });

describe("a webhook", () => {
	it("reaches the verb with its bytes as they came", async () => {
		const bytes = Buffer.from([0xff, 0x00, 0x7b, 0x0d, 0x0a]);
		const response = await post("/api/webhooks/shopify/5f0c?topic=x", new Uint8Array(bytes));
		expect([response.status, response.headers.get("x-one"), await response.text()]).toEqual([200, "1", "kept"]);
		expect(doors.webhooks).toHaveBeenCalledExactlyOnceWith({
			platform: "shopify",
			channelId: "5f0c",
			headers: expect.objectContaining({ "content-length": "5" }),
			query: "topic=x",
			rawBody: bytes,
		});
	});

	it("that could not be kept is not acknowledged, and the platform is asked to tell it again (R2)", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		doors.webhooks = () => Promise.reject(new Error("the database is away"));
		const response = await post("/api/webhooks/shopify/5f0c");
		expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
		expect(console.error).toHaveBeenCalledOnce();
	});

	it("that is larger than any platform's is refused unread", async () => {
		const response = await post("/api/webhooks/shopify/5f0c", new Uint8Array(2_000_001));
		expect([response.status, await response.text()]).toEqual([
			413,
			"A webhook has at most 2,000,000 bytes, and this one has more.\n",
		]);
		expect(doors.webhooks).not.toHaveBeenCalled();
	});

	it.each([
		"/api/webhooks/shopify",
		"/api/webhooks/shopify/5f0c/more",
		"/api/webhooks/../inngest",
		"/api/webhooks//5f0c",
	])("at %s is not one", async (path) => {
		expect(await (await post(path)).text()).toBe("page");
		expect(doors.webhooks).not.toHaveBeenCalled();
	});

	it("is posted; whoever looks at its address gets a page", async () => {
		expect(await text("/api/webhooks/shopify/5f0c")).toBe("page");
	});
});

describe("a sandbox store", () => {
	it("answers below its platform; the dashboard's own pages there stay pages", async () => {
		expect(await text("/sandbox/shopify/s1/admin/api")).toBe("store");
		expect(await text("/sandbox")).toBe("page");
		expect(await text("/sandbox/scenarios/last-unit")).toBe("page");
	});

	it("does not exist where sandbox stores are off", async () => {
		doors.sandbox = null;
		expect(await text("/sandbox/shopify/s1/admin/api")).toBe("page");
	});

	it("whose answer breaks off takes down only that call", async () => {
		doors.sandbox = () => Promise.reject(new Error("broken"));
		await expect(text("/sandbox/shopify/s1/x")).rejects.toThrow();
		expect(await text("/")).toBe("page");
	});
});
