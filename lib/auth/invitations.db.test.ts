import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import * as schema from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { Context, MerchantId } from "@/lib/services/context";
import { Forbidden } from "@/lib/services/errors";
import { checkPassword } from "./check-password";
import { acceptInvitation, inviteMember, readInvitation, revokeInvitation } from "./invitations";
import { listMemberships } from "./memberships";
import { signUp, signUpSchema } from "./sign-up";

const password = "correct horse battery";
const now = new Date("2026-11-24T12:00:00Z");
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
	database = await testDatabase();
	db = database.db("auth");
});
afterAll(() => database.close());

let people = 0;
async function owner(): Promise<Context & { userId: string; email: string }> {
	const email = `owner${++people}@example.com`;
	const made = await signUp(db, {
		...signUpSchema.parse({ email, password, merchantName: "Nordlicht" }),
		address: "x",
	});
	if (!made.ok) throw new Error(made.reason);
	return {
		merchantId: made.merchantId as MerchantId,
		actor: `user:${made.userId}`,
		role: "owner",
		db: database.db("app"),
		now: () => now,
		userId: made.userId,
		email,
	};
}

const tokenOf = (path: string) => new URL(path, "http://x").searchParams.get("token") ?? "";
const invite = async (ctx: Context & { userId: string }, email: string, role: schema.Role = "support") =>
	tokenOf((await inviteMember(ctx, { email, role })).path);

describe("an invitation", () => {
	it("makes a member with an account of their own, once", async () => {
		const ctx = await owner();
		const token = await invite(ctx, "new1@example.com", "manager");
		expect(await readInvitation(db, token, now)).toEqual({
			merchantId: ctx.merchantId,
			merchantName: "Nordlicht",
			email: "new1@example.com",
			hasAccount: false,
		});

		const results = await Promise.all([
			acceptInvitation(db, { token, password }, now),
			acceptInvitation(db, { token, password }, now),
		]);
		const accepted = results.flatMap((result) => (result.ok ? [result] : []));
		expect(accepted).toHaveLength(1);
		expect(results).toContainEqual({ ok: false, reason: "spent" });
		expect(await listMemberships(db, accepted[0]?.userId ?? "")).toMatchObject([
			{ merchantId: ctx.merchantId, role: "manager" },
		]);
		expect(await checkPassword(db, { email: "new1@example.com", password, address: "x" })).toMatchObject({ ok: true });
		expect(await readInvitation(db, token, now)).toBeNull();
	});

	it("takes a signed-in person into a second shop", async () => {
		const [host, guest] = [await owner(), await owner()];
		const token = await invite(host, guest.email.toUpperCase(), "viewer");
		expect(await acceptInvitation(db, { token, signedIn: guest }, now)).toMatchObject({
			ok: true,
			userId: guest.userId,
		});
		expect((await listMemberships(db, guest.userId)).map(({ merchantId, role }) => ({ merchantId, role }))).toEqual([
			{ merchantId: guest.merchantId, role: "owner" },
			{ merchantId: host.merchantId, role: "viewer" },
		]);
	});

	it("is nobody else's, and asking wrongly uses nothing up", async () => {
		const [host, guest, stranger] = [await owner(), await owner(), await owner()];
		const token = await invite(host, guest.email);
		const refused = { ok: false, reason: "not_signed_in", email: guest.email };
		expect(await acceptInvitation(db, { token, signedIn: stranger }, now)).toEqual(refused);
		// A new password can't take over an account that exists.
		expect(await acceptInvitation(db, { token, password: "an intruder's one" }, now)).toEqual(refused);
		expect(await checkPassword(db, { email: guest.email, password, address: "x" })).toMatchObject({ ok: true });
		expect(await acceptInvitation(db, { token, signedIn: guest }, now)).toMatchObject({ ok: true });
	});

	it("lasts seven days", async () => {
		const ctx = await owner();
		const token = await invite(ctx, "late@example.com");
		const week = 7 * 24 * 60 * 60_000;
		expect(await readInvitation(db, token, new Date(now.getTime() + week - 1))).not.toBeNull();
		expect(await acceptInvitation(db, { token, password }, new Date(now.getTime() + week))).toEqual({
			ok: false,
			reason: "spent",
		});
	});

	it("ends when it is taken back or replaced", async () => {
		const ctx = await owner();
		const first = await invite(ctx, "again@example.com");
		const second = await invite(ctx, "again@example.com");
		expect(await readInvitation(db, first, now)).toBeNull();

		const [open] = await database.owner
			.select()
			.from(schema.invites)
			.where(eq(schema.invites.email, "again@example.com"))
			.orderBy(schema.invites.createdAt)
			.then((rows) => rows.filter((row) => !row.revokedAt));
		const stranger = await owner();
		expect(await revokeInvitation(stranger, open?.id ?? "")).toBe(false);
		expect(await revokeInvitation(ctx, open?.id ?? "")).toBe(true);
		expect(await readInvitation(db, second, now)).toBeNull();
	});

	it("is an owner's to give", async () => {
		const ctx = await owner();
		await expect(invite({ ...ctx, role: "manager" }, "friend@example.com")).rejects.toThrow(Forbidden);
	});
});
