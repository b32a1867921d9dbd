import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { findKey, keyLimit } from "./find-key";
import { hashKey } from "./key-secret";
import { listKeys } from "./list-keys";
import { makeKey } from "./make-key";
import { revokeKey } from "./revoke-key";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

async function shop(role: Role = "manager") {
	const { merchantId } = await makeMerchant(database);
	const userId = randomUUID();
	await database.ownerClient`insert into users (id, name, email) values (${userId}, 'Jana', ${`${userId}@nordlicht.example`})`;
	await database.ownerClient`insert into memberships (merchant_id, user_id, role) values (${merchantId}, ${userId}, ${role})`;
	return { ...systemContext(merchantId, database.db("app")), role, userId, actor: `user:${userId}` };
}
const input = { name: "ERP", scopes: ["levels:read", "levels:write"] };
const bearer = (key: string) => findKey(`Bearer ${key}`);

describe("an API key", () => {
	it("opens its merchant's door with its scopes, and says when it last did", async () => {
		const ctx = await shop();
		const { id, key, prefix } = await makeKey(ctx, input);
		expect(await bearer(key)).toMatchObject({
			merchantId: ctx.merchantId,
			actor: `api:${id}`,
			keyId: id,
			scopes: input.scopes,
		});
		expect(await listKeys(ctx)).toEqual([
			{
				id,
				name: "ERP",
				prefix,
				scopes: input.scopes,
				madeBy: "Jana",
				madeAt: expect.any(String),
				lastUsedAt: expect.any(String),
			},
		]);
	});

	it("is shown once: what is kept of it opens nothing", async () => {
		const { key, prefix } = await makeKey(await shop(), input);
		const [row] = await database.ownerClient`select * from api_keys where key_hash = ${hashKey(key)}`;
		expect(JSON.stringify(row)).not.toContain(key.slice(prefix.length));
		await expect(bearer(row?.key_hash)).rejects.toMatchObject({ status: 401 });
	});

	it.each([null, "", "Bearer", "Bearer oc_short", `Basic oc_${"a".repeat(43)}`, `Bearer oc_${"a".repeat(43)}`])(
		"is not %j",
		async (header) => {
			await expect(findKey(header)).rejects.toMatchObject({ status: 401, reason: "unknown_key" });
		},
	);

	it("opens nothing from its revocation on, and both are in the audit log", async () => {
		const ctx = await shop();
		const { id, key, prefix } = await makeKey(ctx, input);
		await revokeKey(ctx, id);
		await revokeKey(ctx, id);
		await expect(bearer(key)).rejects.toMatchObject({ reason: "unknown_key" });
		expect(await listKeys(ctx)).toEqual([]);
		const lines = await database.ownerClient`
			select actor, action, subject, data from audit_log where merchant_id = ${ctx.merchantId} order by id`;
		expect(lines).toEqual([
			{ actor: ctx.actor, action: "api_key.made", subject: id, data: { ...input, prefix } },
			{ actor: ctx.actor, action: "api_key.revoked", subject: id, data: {} },
		]);
	});

	it("is turned away past its limit, with the time to wait, and let in when the minute is over", async () => {
		const { id, key } = await makeKey(await shop(), input);
		await bearer(key);
		await database.ownerClient`update rate_limits set attempts = ${keyLimit.attempts} where key = ${`api:${id}`}`;
		const refusal = await bearer(key).catch((error) => error);
		expect(refusal).toMatchObject({ status: 429 });
		expect(refusal.retryAfterMs).toBeGreaterThan(0);
		const later = () => new Date(Date.now() + keyLimit.windowMs);
		await expect(findKey(`Bearer ${key}`, { now: later })).resolves.toMatchObject({ keyId: id });
	});

	it("is made and revoked by managers, of their own merchant alone", async () => {
		const ctx = await shop();
		const { id, key } = await makeKey(ctx, input);
		await expect(revokeKey(await shop(), id)).rejects.toMatchObject({ status: 404 });
		const support = await shop("support");
		await expect(makeKey(support, input)).rejects.toMatchObject({ status: 403 });
		await expect(listKeys(support)).rejects.toMatchObject({ status: 403 });
		await expect(revokeKey({ ...ctx, role: "support" }, id)).rejects.toMatchObject({ status: 403 });
		await expect(bearer(key)).resolves.toBeDefined();
	});

	it.each([
		[{ name: " ", scopes: ["levels:read"] }, "Name the key by what will use it."],
		[{ name: "ERP", scopes: [] }, "Tick what the key may do."],
	])("needs a name and something that it may do", async (wrong, sentence) => {
		await expect(makeKey(await shop(), wrong)).rejects.toThrow(sentence);
	});
});

describe("the way through row-level security to a key", () => {
	it("is the sign-in role's, who sees keys in force by their hash and changes nothing but when one was used", async () => {
		const ctx = await shop();
		const { id } = await makeKey(ctx, input);
		const gone = await makeKey(ctx, input);
		await revokeKey(ctx, gone.id);
		const auth = database.client("auth");
		const denied = { code: "42501" };
		expect(await auth`select id from api_keys where merchant_id = ${ctx.merchantId}`).toEqual([{ id }]);
		await expect(auth`select name from api_keys`).rejects.toMatchObject(denied);
		await expect(auth`update api_keys set scopes = '{}'`).rejects.toMatchObject(denied);
		await expect(auth`update api_keys set revoked_at = null`).rejects.toMatchObject(denied);
		await expect(auth`delete from api_keys`).rejects.toMatchObject(denied);
		expect((await auth`update api_keys set last_used_at = now() where id = ${gone.id}`).count).toBe(0);
		for (const role of ["writer", "engine", "sandbox"] as const)
			await expect(database.client(role)`select id from api_keys`).rejects.toMatchObject(denied);
	});

	it("lets the application revoke, never widen or replace", async () => {
		for (const change of ["scopes = '{}'", "key_hash = 'x'", "merchant_id = merchant_id"])
			await expect(database.client("app").unsafe(`update api_keys set ${change}`)).rejects.toMatchObject({
				code: "42501",
			});
		await expect(database.client("app")`delete from api_keys`).rejects.toMatchObject({ code: "42501" });
	});
});
