import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import vectors from "@/lib/channels/bigcommerce/testing/signature-vectors.json";
import { env } from "@/lib/env";
import { setWakeSender } from "../sync/wake";
import { makeChannel, makeMerchant } from "../testing/fixtures";
import { heedRemoval, signedStore } from "./app-callbacks";

const { clientSecret, payload, jwt } = vectors.signed_payload;
const now = new Date((payload.iat + 60) * 1_000);
const query = new URLSearchParams({ signed_payload_jwt: jwt });

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database?.close());
beforeEach(() => {
	env().hostApps = { bigcommerce: { clientId: payload.aud, clientSecret } };
});

test("a store is believed under the host's app alone", async () => {
	expect(await signedStore("bigcommerce", query, now)).toBe("abc123");
	const forged = new URLSearchParams({ signed_payload_jwt: `${jwt.slice(0, -2)}xx` });
	for (const other of [forged, new URLSearchParams()]) expect(await signedStore("bigcommerce", other, now)).toBeNull();
	expect(await signedStore("bigcommerce", query, new Date(payload.exp * 1_000))).toBeNull();
	// It signs nothing of the kind.
	for (const platform of ["shopify", "magento"] as const) expect(await signedStore(platform, query, now)).toBeNull();
	for (const app of [undefined, { clientId: payload.aud, clientSecret: "another" }]) {
		env().hostApps = { bigcommerce: app };
		expect(await signedStore("bigcommerce", query, now)).toBeNull();
	}
});

test("a removal revokes nothing by itself: the store's channels make a call at once, and no other does", async () => {
	const merchant = await makeMerchant(database);
	const channel = async (platform: "bigcommerce" | "magento", storeKey: string, state = "live") => {
		const id = await makeChannel(database, merchant, { platform });
		await database.ownerClient`update channels set store_key = ${storeKey}, state = ${state} where id = ${id}`;
		await database.ownerClient`update channel_health set next_poll_at = now() + interval '1 hour' where channel_id = ${id}`;
		return id;
	};
	const removed = await channel("bigcommerce", "abc123");
	await channel("bigcommerce", "other1");
	await channel("magento", "abc123");
	const woken: string[] = [];
	setWakeSender(async (_, ids) => void woken.push(...ids));
	expect(await heedRemoval("bigcommerce", "abc123")).toEqual([removed]);
	setWakeSender(null);
	expect(woken).toEqual([removed]);
	const due = await database.ownerClient<{ id: string; state: string }[]>`
		select c.id, c.state from channels c join channel_health h on h.channel_id = c.id
		where c.merchant_id = ${merchant.merchantId} and h.next_poll_at <= now()`;
	expect([...due]).toEqual([{ id: removed, state: "live" }]);
});
