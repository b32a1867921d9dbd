import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Role } from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { hasPassword, setPassword } from "@/lib/auth/set-password";
import { takeSignInLink } from "@/lib/auth/sign-in-links";
import { type Context, systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { changeRole, removeMember } from "./change-member";
import { letInAgain } from "./let-in-again";
import { readPeople } from "./read-members";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database?.close());

async function shop(...roles: Role[]): Promise<{ ctx: Context; userIds: string[] }> {
	const { merchantId } = await makeMerchant(database);
	const userIds: string[] = [];
	for (const role of roles) {
		const userId = randomUUID();
		userIds.push(userId);
		await database.ownerClient`insert into users (id, email) values (${userId}, ${`${userId}@nordlicht.example`})`;
		await database.ownerClient`insert into memberships (merchant_id, user_id, role) values (${merchantId}, ${userId}, ${role})`;
		await database.ownerClient`insert into sessions (session_token, user_id, expires) values (${randomUUID()}, ${userId}, now() + interval '1 hour')`;
	}
	return { ctx: { ...systemContext(merchantId, database.db("app")), role: "owner" }, userIds };
}

test("two owners who remove each other at once leave one", async () => {
	const { ctx, userIds } = await shop("owner", "owner");
	const results = await Promise.allSettled(userIds.map((userId) => removeMember(ctx, userId, database.db("auth"))));
	expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	expect((await readPeople(ctx)).members).toMatchObject([{ role: "owner" }]);
});

test("the last owner keeps the role; somebody else's may change, and whoever is removed is signed out", async () => {
	const { ctx, userIds } = await shop("owner", "viewer");
	const [owner = "", viewer = ""] = userIds;
	await expect(changeRole(ctx, owner, "viewer")).rejects.toMatchObject({ reason: "last_owner" });
	await changeRole(ctx, viewer, "support");
	expect((await readPeople(ctx)).members.map(({ role }) => role)).toEqual(["owner", "support"]);
	await removeMember(ctx, viewer, database.db("auth"));
	expect(await database.ownerClient`select 1 from sessions where user_id = ${viewer}`).toHaveLength(0);
	expect(await database.ownerClient`select 1 from sessions where user_id = ${owner}`).toHaveLength(1);
});

test("people of another shop are not there, and only owners change people", async () => {
	const { ctx } = await shop("owner");
	const other = await shop("owner", "viewer");
	await expect(removeMember(ctx, other.userIds[1] ?? "", database.db("auth"))).rejects.toMatchObject({ status: 404 });
	await expect(changeRole({ ...ctx, role: "manager" }, other.userIds[1] ?? "", "viewer")).rejects.toMatchObject({
		status: 403,
	});
});

test("who has lost their password is let in once by an owner's link, and nobody who belongs to another shop too", async () => {
	const { ctx, userIds } = await shop("owner", "viewer");
	const [owner = "", viewer = ""] = userIds;
	const auth = database.db("auth");
	expect(
		await setPassword(auth, { userId: viewer, current: null, next: "lost for good", sessionToken: undefined }),
	).toEqual({ ok: true });
	const path = await letInAgain(ctx, viewer, auth);
	expect(await hasPassword(auth, viewer)).toBe(false);
	expect(await database.ownerClient`select 1 from sessions where user_id = ${viewer}`).toHaveLength(0);
	const token = new URL(path, "http://onecount.test").searchParams.get("token") ?? "";
	expect(await takeSignInLink(auth, token)).toBe(viewer);
	expect(await takeSignInLink(auth, token)).toBeNull();

	const other = await shop("owner");
	await database.ownerClient`insert into memberships (merchant_id, user_id, role) values (${other.ctx.merchantId}, ${viewer}, 'viewer')`;
	await expect(letInAgain(ctx, viewer, auth)).rejects.toMatchObject({ status: 422 });
	await expect(letInAgain(other.ctx, owner, auth)).rejects.toMatchObject({ status: 404 });
	await expect(letInAgain({ ...ctx, role: "manager" }, owner, auth)).rejects.toMatchObject({ status: 403 });
});
