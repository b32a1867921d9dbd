import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Database, Transaction } from "@/db/client";
import { auditLog, locations, memberships, merchants, userCredentials, users } from "@/db/schema";
import { emailSchema } from "./email";
import { hashPassword, passwordLimits } from "./passwords";
import { type RateLimit, takeAttempt } from "./rate-limit";

export const passwordSchema = z
	.string()
	.min(passwordLimits.min, `Take at least ${passwordLimits.min} characters; a short sentence is easy to keep.`)
	.max(passwordLimits.max, "This password is too long.");

const isTimeZone = (zone: string) => {
	try {
		return Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
	} catch {
		return false;
	}
};

export const signUpSchema = z.object({
	merchantName: z.string().trim().min(1, "What should the shop be called?").max(80, "This name is too long."),
	email: emailSchema,
	password: passwordSchema,
	/** The browser's; anything unknown becomes UTC. */
	timeZone: z
		.string()
		.optional()
		.transform((zone) => (zone && isTimeZone(zone) ? zone : "UTC")),
});

/** New accounts per address. */
export const signUpLimit: RateLimit = { attempts: 20, windowMs: 60 * 60_000 };

export type SignUp =
	| { ok: true; userId: string; merchantId: string }
	| { ok: false; reason: "email_taken" }
	| { ok: false; reason: "too_often"; retryAfterMs: number };

/** A person, their shop with them as its owner, and one place where stock lies. */
export async function signUp(
	db: Database,
	input: z.output<typeof signUpSchema> & { address: string },
	now = new Date(),
): Promise<SignUp> {
	const attempt = await takeAttempt(db, `sign-up:address:${input.address}`, signUpLimit, now);
	if (!attempt.ok) return { ok: false, reason: "too_often", retryAfterMs: attempt.retryAfterMs };

	const passwordHash = await hashPassword(input.password);
	return db.transaction(async (tx): Promise<SignUp> => {
		const userId = await createUser(tx, { email: input.email, passwordHash });
		if (!userId) return { ok: false, reason: "email_taken" };
		const merchantId = await createMerchant(tx, {
			name: input.merchantName,
			timeZone: input.timeZone,
			ownerId: userId,
		});
		return { ok: true, userId, merchantId };
	});
}

/** Null: somebody has this e-mail, in whatever case. The unique index decides, so two at once make one account. */
export async function createUser(
	tx: Transaction,
	input: { email: string; name?: string; passwordHash: string | null },
): Promise<string | null> {
	const [user] = await tx
		.insert(users)
		.values({ email: input.email, name: input.name })
		.onConflictDoNothing()
		.returning({ id: users.id });
	if (!user) return null;
	if (input.passwordHash)
		await tx.insert(userCredentials).values({ userId: user.id, passwordHash: input.passwordHash });
	return user.id;
}

/** A merchant with its owner and its first location, "Main". */
export async function createMerchant(
	tx: Transaction,
	input: { name: string; timeZone: string; ownerId: string },
): Promise<string> {
	const base = slugOf(input.name);
	let merchant: { id: string } | undefined;
	for (let slug = base; !merchant; slug = `${base}-${randomBytes(3).toString("hex")}`)
		[merchant] = await tx
			.insert(merchants)
			.values({ name: input.name, slug, timeZone: input.timeZone })
			.onConflictDoNothing()
			.returning({ id: merchants.id });

	const merchantId = merchant.id;
	const actor = `user:${input.ownerId}`;
	await tx.insert(memberships).values({ merchantId, userId: input.ownerId, role: "owner" });
	await tx.insert(locations).values({ merchantId, name: "Main" });
	await tx.insert(auditLog).values({ merchantId, actor, action: "merchant.created", subject: merchantId });
	return merchantId;
}

const slugOf = (name: string) =>
	name
		.normalize("NFKD")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "")
		.slice(0, 40) || "shop";
