import { and, eq } from "drizzle-orm";
import type { Database } from "@/db/client";
import { userCredentials } from "@/db/schema/identity";
import { signInLimits } from "./check-password";
import { hashPassword, passwordFits } from "./passwords";
import { forgetAttempts, takeAttempt } from "./rate-limit";
import { endSessions } from "./sessions";

export async function hasPassword(db: Database, userId: string): Promise<boolean> {
	return (await readHash(db, userId)) !== null;
}

export type SetPassword =
	| { ok: true }
	/** `current` is not the password, or another browser has changed it since. */
	| { ok: false; reason: "wrong" }
	| { ok: false; reason: "too_often"; retryAfterMs: number };

/**
 * A person's first password, or another by the one before: a session alone, which somebody may have found open, is not
 * enough. Ends every session but the one that asks.
 */
export async function setPassword(
	db: Database,
	input: { userId: string; current: string | null; next: string; sessionToken: string | undefined },
	now = new Date(),
): Promise<SetPassword> {
	const { userId, current, next, sessionToken } = input;
	const guesses = `password:user:${userId}`;
	const attempt = await takeAttempt(db, guesses, signInLimits.email, now);
	if (!attempt.ok) return { ok: false, reason: "too_often", retryAfterMs: attempt.retryAfterMs };
	const before = await readHash(db, userId);
	if (before !== null && !(await passwordFits(before, current ?? ""))) return { ok: false, reason: "wrong" };

	const passwordHash = await hashPassword(next);
	return db.transaction(async (tx): Promise<SetPassword> => {
		// Of two at once, one finds what it has checked.
		const written =
			before === null
				? await tx.insert(userCredentials).values({ userId, passwordHash }).onConflictDoNothing().returning()
				: await tx
						.update(userCredentials)
						.set({ passwordHash, changedAt: now })
						.where(and(eq(userCredentials.userId, userId), eq(userCredentials.passwordHash, before)))
						.returning();
		if (written.length === 0) return { ok: false, reason: "wrong" };
		await endSessions(tx, userId, sessionToken);
		await forgetAttempts(tx, guesses);
		return { ok: true };
	});
}

async function readHash(db: Database, userId: string): Promise<string | null> {
	const [found] = await db
		.select({ passwordHash: userCredentials.passwordHash })
		.from(userCredentials)
		.where(eq(userCredentials.userId, userId));
	return found?.passwordHash ?? null;
}
