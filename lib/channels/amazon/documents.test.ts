import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createHttpClient } from "../http";
import { fetchDocument } from "./documents";
import { readItemList } from "./report";
import { scriptedApi } from "./testing/scripted-api";

test("the plain report of a large catalogue is read whole", async () => {
	const lines = Array.from(
		{ length: 100_000 },
		(_, n) => `SKU-${n}\t${"A product's name and description. ".repeat(9)}`,
	);
	const report = ["seller-sku\titem-name", ...lines, ""].join("\n");
	expect(report.length).toBeGreaterThan(30_000_000);
	const storage = createServer((_, reply) => void reply.end(report));
	await new Promise<void>((resolve) => storage.listen(0, "127.0.0.1", resolve));
	const url = `http://127.0.0.1:${(storage.address() as AddressInfo).port}/report`;
	try {
		const connection = {
			...scriptedApi(() => ({})).connection,
			http: createHttpClient({ allowPrivate: true, secrets: [] }),
		};
		expect(readItemList(await fetchDocument(connection, { url }))).toHaveLength(100_000);
	} finally {
		storage.closeAllConnections();
		storage.close();
	}
}, 30_000);
