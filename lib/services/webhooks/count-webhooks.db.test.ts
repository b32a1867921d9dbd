import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { makeChannel, makeMerchant } from "../testing/fixtures";
import { countWebhook, writeCounts } from "./count-webhooks";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

it("what can't be written while the database is in trouble is counted all the same, once", async () => {
	const sql = database.ownerClient;
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	const channel = { channelId, merchantId: merchant.merchantId };
	for (let n = 0; n < 3; n++) countWebhook(channel, "rejected");
	await sql`alter table webhook_days rename to webhook_days_away`;
	await expect(writeCounts()).rejects.toThrow("webhook_days");
	countWebhook(channel, "accepted");
	await sql`alter table webhook_days_away rename to webhook_days`;
	await writeCounts();
	await writeCounts();
	const rows = await sql`select accepted, rejected from webhook_days where channel_id = ${channelId}`;
	expect(rows).toEqual([{ accepted: 1, rejected: 3 }]);
});
