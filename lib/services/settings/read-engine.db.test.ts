import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { readEngine, seesEngine } from "./read-engine";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database?.close());

test("a merchant sees the host's engine only where there is no other merchant", async () => {
	const auth = database.db("auth");
	const { merchantId } = await makeMerchant(database);
	expect(await seesEngine(auth)).toBe(true);
	const ctx = { ...systemContext(merchantId, database.db("app")), role: "owner" as const };
	await makeMerchant(database);
	expect(await seesEngine(auth)).toBe(false);
	await expect(readEngine(ctx, auth)).rejects.toMatchObject({ status: 404 });
	await expect(readEngine({ ...ctx, role: "support" }, auth)).rejects.toMatchObject({ status: 403 });
});
