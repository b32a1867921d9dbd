import { createHash, randomBytes } from "node:crypto";
import { and, eq, gt, isNull } from "drizzle-orm";
import { type Database, dbFor } from "@/db/client";
import { signInLinks, users } from "@/db/schema/identity";

const hour = 60 * 60_000;

const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

/** The path of a link that signs this person in once. Only the token's hash is kept. */
export async function mintSignInLink(
	userId: string,
	{ db = dbFor("auth"), validMs = hour, now = new Date() }: { db?: Database; validMs?: number; now?: Date } = {},
): Promise<string> {
	const token = randomBytes(32).toString("base64url");
	await db
		.insert(signInLinks)
		.values({ tokenHash: hashOf(token), userId, expiresAt: new Date(now.getTime() + validMs) });
	return `/sign-in/link?token=${token}`;
}

/** Whom a link is for, without using it up: mail scanners and browsers fetch links ahead. */
export async function readSignInLink(db: Database, token: string, now = new Date()): Promise<{ email: string } | null> {
	const [found] = await db
		.select({ email: users.email })
		.from(signInLinks)
		.innerJoin(users, eq(users.id, signInLinks.userId))
		.where(isGood(token, now));
	return found ?? null;
}

/** Uses a link up. Null: used, expired, or never made. Of two at once the update lets one through. */
export async function takeSignInLink(db: Database, token: string, now = new Date()): Promise<string | null> {
	const [taken] = await db
		.update(signInLinks)
		.set({ usedAt: now })
		.where(isGood(token, now))
		.returning({ userId: signInLinks.userId });
	return taken?.userId ?? null;
}

const isGood = (token: string, now: Date) =>
	and(eq(signInLinks.tokenHash, hashOf(token)), isNull(signInLinks.usedAt), gt(signInLinks.expiresAt, now));
