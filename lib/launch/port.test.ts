import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort } from "@/db/free-port";
import { choosePort } from "./port";

const taken =
	(...ports: number[]) =>
	async (port: number) =>
		!ports.includes(port);

describe("the port to listen on", () => {
	it("is the usual one while that is free", async () => {
		expect(await choosePort({}, 3000, undefined, taken())).toBe(3000);
	});

	it("gives way to the next free one when nobody asked for it", async () => {
		expect(await choosePort({}, 3000, undefined, taken(3000, 3001))).toBe(3002);
	});

	it("is never exchanged for another when it was asked for", async () => {
		await expect(choosePort({ PORT: "3000" }, 3000, undefined, taken(3000))).rejects.toThrow("set PORT");
		expect(await choosePort({ PORT: "3000" }, 3000, undefined, taken())).toBe(3000);
	});

	it("is looked for within reason", async () => {
		await expect(choosePort({}, 3000, undefined, async () => false)).rejects.toThrow("all taken");
	});

	it("is found taken by a real listener", async () => {
		const port = await freePort();
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
		await expect(choosePort({ PORT: String(port) }, port, "127.0.0.1")).rejects.toThrow(`Port ${port} is taken`);
		await new Promise((resolve) => other.close(resolve));
		expect(await choosePort({ PORT: String(port) }, port, "127.0.0.1")).toBe(port);
	});
});
