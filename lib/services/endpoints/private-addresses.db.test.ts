/** Nothing that a merchant types as a receiver's address reaches into the host's own network. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import { systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { deliverMessages } from "./deliver-messages";
import { makeEndpoint } from "./make-endpoint";
import { readDeliveries } from "./read-deliveries";
import { sendTest } from "./send-test";

let database: TestDatabase;
let ctx: ReturnType<typeof systemContext> & { userId: string };
beforeAll(async () => {
	database = await testDatabase();
	ctx = { ...systemContext((await makeMerchant(database)).merchantId), userId: randomUUID() };
});
afterAll(async () => {
	await closeNotifiers(database.url);
	await database.close();
});

it.each([
	["http://erp.example.com/", "not_https"],
	["https://127.0.0.1/", "private_address"],
	["https://2130706433/", "private_address"],
	["https://0x7f.1/", "private_address"],
	["https://169.254.169.254/latest/meta-data", "private_address"],
	["https://[::1]/", "private_address"],
	["https://[::ffff:10.0.0.1]/", "private_address"],
	["https://localhost/", "private_address"],
	["https://erp.example.com:444/", "not_a_web_port"],
])("an endpoint is not at %s", async (url, reason) => {
	await expect(makeEndpoint(ctx, { url, events: ["level.changed"] })).rejects.toMatchObject({ reason });
});

it("a public name that leads to a private address is found out with each try, and nothing is sent", async () => {
	let isReached = false;
	const inside = createServer((_, outgoing) => {
		isReached = true;
		outgoing.end();
	});
	await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
	const { port } = inside.address() as AddressInfo;
	const { id } = await makeEndpoint(ctx, { url: "https://erp.example.com/", events: ["level.changed"] });
	// As its DNS might say by tomorrow.
	await database.ownerClient`update webhook_endpoints set url = ${`http://localhost:${port}/`} where id = ${id}`;
	await sendTest(ctx, id);
	await deliverMessages({ endpointId: id, merchantId: ctx.merchantId }, { maxMs: 5_000, lingerMs: 0 });
	const { messages } = await readDeliveries(ctx, id);
	expect(messages[0]?.attempts).toMatchObject([
		{ status: null, response: `localhost:${port} is a private address, which Onecount does not call.` },
	]);
	expect(isReached).toBe(false);
	inside.close();
});
