import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { openAccess, sealAccess } from "../channels/open-connection";
import { sandboxOrigin } from "../channels/public-address";
import { makeChannel, makeMerchant } from "../testing/fixtures";
import { readdressSandboxStores } from "./readdress-stores";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database?.close());

test("after a start at another port a sandbox store's channel and its keys lead there, and no real store's do", async () => {
	const merchant = await makeMerchant(database);
	const access = {
		token: "t-1",
		queueUrl: "http://127.0.0.1:1/sandbox/amazon/a-1/sqs/queue",
		elsewhere: "http://127.0.0.1:1/queue",
	};
	async function channel(baseUrl: string) {
		const id = await makeChannel(database, merchant, { name: randomUUID() });
		await database.ownerClient`update channels set base_url = ${baseUrl} where id = ${id}`;
		await database.ownerClient`
			insert into credentials (merchant_id, channel_id, purpose, sealed) values (${merchant.merchantId}, ${id}, 'access', ${sealAccess(id, access)})`;
		return id;
	}
	const kept = async (id: string) => {
		const [row] = await database.ownerClient<{ base_url: string; sealed: string }[]>`
			select c.base_url, a.sealed from channels c join credentials a on a.channel_id = c.id where c.id = ${id}`;
		return row && { baseUrl: row.base_url, ...openAccess(id, row.sealed) };
	};
	const sandbox = await channel("http://127.0.0.1:1/sandbox/amazon/a-1");
	const real = await channel("https://shop.example.com");

	expect(await readdressSandboxStores()).toBe(1);
	expect(await kept(sandbox)).toEqual({
		...access,
		baseUrl: `${sandboxOrigin()}/sandbox/amazon/a-1`,
		queueUrl: `${sandboxOrigin()}/sandbox/amazon/a-1/sqs/queue`,
	});
	expect(await kept(real)).toEqual({ ...access, baseUrl: "https://shop.example.com" });
	expect(await readdressSandboxStores()).toBe(0);
});
