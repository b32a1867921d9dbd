import { Auth, type AuthConfig } from "@auth/core";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import * as schema from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { checkPassword, signInLimits } from "./check-password";
import { authConfig } from "./config";
import { listMemberships } from "./memberships";
import { takeAttempt } from "./rate-limit";
import { endSessions } from "./sessions";
import { hasPassword, setPassword } from "./set-password";
import { mintSignInLink, readSignInLink, takeSignInLink } from "./sign-in-links";
import { createUser, signUp, signUpSchema } from "./sign-up";

const origin = "http://onecount.test";
const password = "correct horse battery";
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
	database = await testDatabase();
	db = database.db("auth");
});
afterAll(() => database.close());
beforeEach(async () => {
	await database.owner.delete(schema.rateLimits);
});

let people = 0;
const nextEmail = () => `jana${++people}@example.com`;

const register = (email: string, merchantName = "Nordlicht Outdoor", address = "192.0.2.1") =>
	signUp(db, {
		...signUpSchema.parse({ email, password, merchantName, timeZone: "Europe/Berlin" }),
		address,
	});

async function registered(email = nextEmail()) {
	const result = await register(email);
	if (!result.ok) throw new Error(result.reason);
	return { email, ...result };
}

const check = (email: string, tried: string, address = "192.0.2.1", now?: Date) =>
	checkPassword(db, { email, password: tried, address }, now);

describe("signing up", () => {
	it("makes a person, their shop with them as its owner, and a place where stock lies", async () => {
		const { userId, merchantId, email } = await registered();

		expect(await listMemberships(db, userId)).toEqual([
			{ merchantId, merchantName: "Nordlicht Outdoor", timeZone: "Europe/Berlin", role: "owner" },
		]);
		const places = await database.owner
			.select()
			.from(schema.locations)
			.where(eq(schema.locations.merchantId, merchantId));
		expect(places.map((place) => place.name)).toEqual(["Main"]);
		const [line] = await database.owner
			.select()
			.from(schema.auditLog)
			.where(eq(schema.auditLog.merchantId, merchantId));
		expect(line).toMatchObject({ actor: `user:${userId}`, action: "merchant.created" });
		expect(await check(email, password)).toEqual({ ok: true, userId });
	});

	it("keeps no password, only an argon2id hash, and not beside the person", async () => {
		const { userId } = await registered();
		const [credential] = await database.owner
			.select()
			.from(schema.userCredentials)
			.where(eq(schema.userCredentials.userId, userId));
		expect(credential?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
		const [user] = await database.owner.select().from(schema.users).where(eq(schema.users.id, userId));
		expect(JSON.stringify(user)).not.toContain("argon2");
	});

	it("refuses an e-mail that is taken, in whatever case", async () => {
		const { email } = await registered();
		expect(await register(email.toUpperCase())).toEqual({ ok: false, reason: "email_taken" });
	});

	it("makes one account of two sign-ups at once", async () => {
		const email = nextEmail();
		const results = await Promise.all([register(email), register(email), register(email)]);
		expect(results.filter((result) => result.ok)).toHaveLength(1);
		const shops = await database.owner
			.select({ id: schema.merchants.id })
			.from(schema.merchants)
			.innerJoin(schema.memberships, eq(schema.memberships.merchantId, schema.merchants.id))
			.innerJoin(schema.users, eq(schema.users.id, schema.memberships.userId))
			.where(eq(schema.users.email, email));
		expect(shops).toHaveLength(1);
	});

	it("gives shops of one name addresses of their own", async () => {
		const ids = await Promise.all([registered(), registered()]);
		const slugs = await Promise.all(
			ids.map(async ({ merchantId }) => {
				const [merchant] = await database.owner
					.select()
					.from(schema.merchants)
					.where(eq(schema.merchants.id, merchantId));
				return merchant?.slug;
			}),
		);
		expect(new Set(slugs).size).toBe(2);
		for (const slug of slugs) expect(slug).toMatch(/^nordlicht-outdoor/);
	});

	it.each([
		["a short password", { password: "short" }],
		["no e-mail", { email: "jana" }],
		["a look-alike of an @", { email: "jana＠example.com" }],
		["no name", { merchantName: "  " }],
	])("refuses %s with a sentence", (_, wrong) => {
		const parsed = signUpSchema.safeParse({ email: "jana@example.com", password, merchantName: "Shop", ...wrong });
		expect(parsed.error?.issues[0]?.message).toMatch(/[.?]$/);
	});
});

describe("a password", () => {
	it("that is wrong, and an account that is not there, look the same", async () => {
		const { email } = await registered();
		expect(await check(email, "wrong horse battery")).toEqual({ ok: false, reason: "wrong" });
		expect(await check("nobody@example.com", password)).toEqual({ ok: false, reason: "wrong" });
	});

	it("can't be guessed in a flood, not even the right one, until the window is over", async () => {
		const { email, userId } = await registered();
		const at = new Date("2026-11-24T12:00:00Z");
		const guesses = await Promise.all(
			Array.from({ length: signInLimits.email.attempts + 5 }, (_, i) => check(email, `guess ${i}`, `192.0.2.${i}`, at)),
		);
		expect(guesses.filter((guess) => !guess.ok && guess.reason === "too_often")).toHaveLength(5);

		expect(await check(email, password, "192.0.2.99", at)).toEqual({
			ok: false,
			reason: "too_often",
			retryAfterMs: signInLimits.email.windowMs,
		});
		const later = new Date(at.getTime() + signInLimits.email.windowMs);
		expect(await check(email, password, "192.0.2.99", later)).toEqual({ ok: true, userId });
	});

	it("that fits makes earlier slips forgotten", async () => {
		const { email } = await registered();
		for (let round = 0; round < 2; round++) {
			for (let slip = 1; slip < signInLimits.email.attempts; slip++) await check(email, "a slip");
			expect(await check(email, password)).toMatchObject({ ok: true });
		}
	});
});

describe("setting a password", () => {
	const set = (userId: string, current: string | null, next: string, sessionToken?: string) =>
		setPassword(db, { userId, current, next, sessionToken });

	it("lets in who came by a link, and then only by the one before, and ends every other session", async () => {
		const email = nextEmail();
		const userId = (await db.transaction((tx) => createUser(tx, { email, passwordHash: null }))) ?? "";
		expect(await hasPassword(db, userId)).toBe(false);
		expect(await check(email, password)).toEqual({ ok: false, reason: "wrong" });

		expect(await set(userId, null, password)).toEqual({ ok: true });
		expect(await hasPassword(db, userId)).toBe(true);
		const [here, there] = [new Browser(), new Browser()];
		for (const browser of [here, there]) await browser.signIn("password", { email, password });
		const [mine] = await sessionsOf(userId);

		expect(await set(userId, null, "another horse battery")).toEqual({ ok: false, reason: "wrong" });
		expect(await set(userId, "a guess", "another horse battery")).toEqual({ ok: false, reason: "wrong" });
		expect(await sessionsOf(userId)).toHaveLength(2);
		expect(await set(userId, password, "another horse battery", mine?.sessionToken)).toEqual({ ok: true });
		expect(await sessionsOf(userId)).toEqual([mine]);
		expect(await check(email, password)).toEqual({ ok: false, reason: "wrong" });
		expect(await check(email, "another horse battery")).toEqual({ ok: true, userId });
	});

	it("of two at once takes one, and can't be used to guess the password in a flood", async () => {
		const { userId } = await registered();
		const both = await Promise.all(
			["one horse battery", "two horse battery"].map((next) => set(userId, password, next)),
		);
		expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
		const guesses = await Promise.all(
			Array.from({ length: signInLimits.email.attempts + 3 }, () => set(userId, "a guess", password)),
		);
		expect(guesses.some((guess) => !guess.ok && guess.reason === "too_often")).toBe(true);
	});
});

describe("an attempt's count", () => {
	it("counts a thousand at once as a thousand", async () => {
		const limit = { attempts: 40, windowMs: 60_000 };
		const at = new Date();
		const attempts = await Promise.all(Array.from({ length: 1000 }, () => takeAttempt(db, "flood", limit, at)));
		expect(attempts.filter((attempt) => attempt.ok)).toHaveLength(limit.attempts);
	});

	it("begins anew where the clock was put back, by more than its window: nobody waits for hours", async () => {
		const limit = { attempts: 2, windowMs: 60_000 };
		const at = new Date();
		const ahead = new Date(at.getTime() + 3_600_000);
		for (const now of [ahead, ahead, at, at]) expect(await takeAttempt(db, "clock", limit, now)).toEqual({ ok: true });
		expect(await takeAttempt(db, "clock", limit, at)).toEqual({ ok: false, retryAfterMs: limit.windowMs });
	});
});

describe("a sign-in link", () => {
	const tokenOf = (path: string) => new URL(path, origin).searchParams.get("token") ?? "";

	it("signs in once, even when pressed twice at once", async () => {
		const { userId, email } = await registered();
		const path = await mintSignInLink(userId, { db });
		expect(path).toMatch(/^\/sign-in\/link\?token=[\w-]{43}$/);

		expect(await readSignInLink(db, tokenOf(path))).toEqual({ email });
		const taken = await Promise.all([takeSignInLink(db, tokenOf(path)), takeSignInLink(db, tokenOf(path))]);
		expect(taken.sort()).toEqual([userId, null].sort());
		expect(await readSignInLink(db, tokenOf(path))).toBeNull();
	});

	it("expires", async () => {
		const { userId } = await registered();
		const now = new Date("2026-11-24T12:00:00Z");
		const path = await mintSignInLink(userId, { db, validMs: 60_000, now });
		expect(await takeSignInLink(db, tokenOf(path), new Date(now.getTime() + 60_000))).toBeNull();
		expect(await takeSignInLink(db, tokenOf(path), new Date(now.getTime() + 59_999))).toBe(userId);
	});

	it("is kept as a hash only", async () => {
		const { userId } = await registered();
		const token = tokenOf(await mintSignInLink(userId, { db }));
		const rows = await database.owner.select().from(schema.signInLinks).where(eq(schema.signInLinks.userId, userId));
		expect(JSON.stringify(rows)).not.toContain(token);
	});
});

describe("a session", () => {
	it("begins with the password, tells only who it is, and its row goes at sign-out", async () => {
		const { email, userId } = await registered();
		const browser = new Browser();

		expect(await browser.signIn("password", { email, password })).toBe(`${origin}/overview`);
		expect(await sessionsOf(userId)).toHaveLength(1);

		const session = await browser.get("session");
		expect(session).toEqual({ expires: expect.any(String), user: { id: userId, name: null, email } });

		await browser.post("signout");
		expect(await sessionsOf(userId)).toEqual([]);
		expect(await browser.get("session")).toBeNull();
	});

	it("begins with a link, and that link begins no second one", async () => {
		const { userId } = await registered();
		const token = new URL(await mintSignInLink(userId, { db }), origin).searchParams.get("token") ?? "";

		expect(await new Browser().signIn("link", { token })).toBe(`${origin}/overview`);
		const second = await new Browser().signIn("link", { token });
		expect(new URL(second).searchParams.get("code")).toBe("link_spent");
		expect(await sessionsOf(userId)).toHaveLength(1);
	});

	it("does not begin with a wrong password, and says why", async () => {
		const { email, userId } = await registered();
		const refused = await new Browser().signIn("password", { email, password: "wrong horse battery" });
		expect(new URL(refused).searchParams.get("code")).toBe("wrong");
		expect(await sessionsOf(userId)).toEqual([]);
	});

	it("ends everywhere at once when it must", async () => {
		const { email, userId } = await registered();
		const browsers = [new Browser(), new Browser()];
		for (const browser of browsers) await browser.signIn("password", { email, password });

		expect(await endSessions(db, userId)).toBe(2);
		for (const browser of browsers) expect(await browser.get("session")).toBeNull();
	});
});

const sessionsOf = (userId: string) =>
	database.owner.select().from(schema.sessions).where(eq(schema.sessions.userId, userId));

/** The sign-in library as a browser meets it: its routes and cookies, without Next.js around. */
class Browser {
	private readonly cookies = new Map<string, string>();

	async signIn(provider: string, fields: Record<string, string>): Promise<string> {
		const response = await this.post(`callback/${provider}`, { ...fields, callbackUrl: `${origin}/overview` });
		return response.headers.get("location") ?? "";
	}

	async get(action: string): Promise<unknown> {
		return (await this.request(action)).json();
	}

	async post(action: string, fields: Record<string, string> = {}): Promise<Response> {
		const { csrfToken } = (await this.get("csrf")) as { csrfToken: string };
		return this.request(action, { method: "POST", body: new URLSearchParams({ ...fields, csrfToken }) });
	}

	private async request(action: string, init: RequestInit = {}): Promise<Response> {
		const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
		const request = new Request(`${origin}/api/auth/${action}`, { ...init, headers: { cookie } });
		const config = { ...authConfig(db, "a secret for tests"), basePath: "/api/auth" } as AuthConfig;
		const response = (await Auth(request, config)) as Response;
		for (const line of response.headers.getSetCookie()) {
			const [pair = ""] = line.split(";");
			const [name = "", value = ""] = pair.split("=");
			if (value) this.cookies.set(name, value);
			else this.cookies.delete(name);
		}
		return response;
	}
}
