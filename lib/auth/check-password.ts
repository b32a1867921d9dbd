import { eq, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { userCredentials, users } from "@/db/schema/identity";
import { emailSchema } from "./email";
import { passwordFits } from "./passwords";
import { forgetAttempts, type RateLimit, takeAttempt } from "./rate-limit";

const quarterHour = 15 * 60_000;
/** Per e-mail: guesses at one account. Per address: one machine that guesses at many. */
export const signInLimits = {
	email: { attempts: 10, windowMs: quarterHour },
	address: { attempts: 60, windowMs: quarterHour },
} satisfies Record<string, RateLimit>;

export type PasswordCheck =
	| { ok: true; userId: string }
	/** E-mail or password; which of the two is nobody's business. */
	| { ok: false; reason: "wrong" }
	| { ok: false; reason: "too_often"; retryAfterMs: number };

/**
 * Is this the password of this account? Floods are turned away before anything is hashed. `address` is what a proxy in
 * front reports and may be forged where there is none; the e-mail's own limit holds regardless.
 */
export async function checkPassword(
	db: Database,
	input: { email: unknown; password: unknown; address: string },
	now = new Date(),
): Promise<PasswordCheck> {
	const parsed = emailSchema.safeParse(input.email);
	const { password } = input;
	if (!parsed.success || typeof password !== "string" || password.length > 1024) return { ok: false, reason: "wrong" };
	const email = parsed.data;

	const emailKey = `sign-in:email:${email}`;
	for (const [key, limit] of [
		[`sign-in:address:${input.address}`, signInLimits.address],
		[emailKey, signInLimits.email],
	] as const) {
		const attempt = await takeAttempt(db, key, limit, now);
		if (!attempt.ok) return { ok: false, reason: "too_often", retryAfterMs: attempt.retryAfterMs };
	}

	const [found] = await db
		.select({ userId: users.id, passwordHash: userCredentials.passwordHash })
		.from(users)
		.innerJoin(userCredentials, eq(userCredentials.userId, users.id))
		.where(eq(sql`lower(${users.email})`, email));
	const fits = await passwordFits(found?.passwordHash ?? null, password);
	if (!found || !fits) return { ok: false, reason: "wrong" };

	await forgetAttempts(db, emailKey);
	return { ok: true, userId: found.userId };
}
