/**
 * A way into a shop for somebody else: single-use, bound to an e-mail, kept as a hash. Whoever has no account makes one
 * by accepting; whoever has one must be signed in to it.
 */
import { createHash, randomBytes } from "node:crypto";
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant, type Database } from "@/db/client";
import { auditLog, invites, memberships, merchants, roles, userCredentials, users } from "@/db/schema/identity";
import { authorise, type Context } from "@/lib/services/context";
import { emailSchema } from "./email";
import { hashPassword } from "./passwords";
import { createUser } from "./sign-up";

const day = 24 * 60 * 60_000;
export const invitationDays = 7;

const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

export const inviteSchema = z.object({
	email: emailSchema,
	role: z.enum(roles, "Choose what this person may do: owner, manager, support or viewer."),
});

/** The path of the invitation's link, to be sent or copied. A new one for the same e-mail replaces the one before. */
export async function inviteMember(
	ctx: Context & { userId: string },
	input: z.output<typeof inviteSchema>,
): Promise<{ path: string; expiresAt: Date }> {
	authorise(ctx, "owner");
	const { merchantId, actor } = ctx;
	const { email, role } = inviteSchema.parse(input);
	const token = randomBytes(32).toString("base64url");
	const now = ctx.now();
	const expiresAt = new Date(now.getTime() + invitationDays * day);

	await asMerchant(ctx.db, merchantId, async (tx) => {
		await tx
			.update(invites)
			.set({ revokedAt: now })
			.where(
				and(
					eq(invites.merchantId, merchantId),
					eq(invites.email, email),
					isNull(invites.acceptedAt),
					isNull(invites.revokedAt),
				),
			);
		await tx
			.insert(invites)
			.values({ merchantId, email, role, tokenHash: hashOf(token), invitedBy: ctx.userId, expiresAt });
		await tx.insert(auditLog).values({ merchantId, actor, action: "member.invited", subject: email, data: { role } });
	});
	return { path: `/invitation?token=${token}`, expiresAt };
}

/** Takes an invitation back. False: it was accepted, revoked, or is not this merchant's. */
export async function revokeInvitation(ctx: Context, inviteId: string): Promise<boolean> {
	authorise(ctx, "owner");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [revoked] = await tx
			.update(invites)
			.set({ revokedAt: ctx.now() })
			.where(
				and(
					eq(invites.id, inviteId),
					eq(invites.merchantId, ctx.merchantId),
					isNull(invites.acceptedAt),
					isNull(invites.revokedAt),
				),
			)
			.returning({ email: invites.email });
		if (!revoked) return false;
		await tx.insert(auditLog).values({
			merchantId: ctx.merchantId,
			actor: ctx.actor,
			action: "member.invitation_revoked",
			subject: revoked.email,
		});
		return true;
	});
}

export type Invitation = { merchantId: string; merchantName: string; email: string; hasAccount: boolean };

/** What an invitation is for, without using it up. Null: used, revoked, expired, or never made. */
export async function readInvitation(db: Database, token: string, now = new Date()): Promise<Invitation | null> {
	const [found] = await db
		.select({
			merchantId: invites.merchantId,
			merchantName: merchants.name,
			email: invites.email,
			hasAccount: sql<boolean>`exists (select from ${userCredentials} c join ${users} u on u.id = c.user_id where lower(u.email) = ${invites.email})`,
		})
		.from(invites)
		.innerJoin(merchants, eq(merchants.id, invites.merchantId))
		.where(isGood(token, now));
	return found ?? null;
}

export type Acceptance =
	| { ok: true; userId: string; merchantId: string; email: string }
	/** Used, revoked, expired, or never made. */
	| { ok: false; reason: "spent" }
	/** The account exists and somebody else, or nobody, is signed in. */
	| { ok: false; reason: "not_signed_in"; email: string };

/**
 * Makes a member of whoever holds the link: the signed-in person if the invitation is theirs, else a new account with
 * `password`. Of two at once the update lets one through; a refusal uses nothing up.
 */
export async function acceptInvitation(
	db: Database,
	input: { token: string } & ({ signedIn: { userId: string; email: string } } | { password: string }),
	now = new Date(),
): Promise<Acceptance> {
	const passwordHash = "password" in input ? await hashPassword(input.password) : null;
	return db.transaction(async (tx): Promise<Acceptance> => {
		const [invite] = await tx
			.update(invites)
			.set({ acceptedAt: now })
			.where(isGood(input.token, now))
			.returning({ merchantId: invites.merchantId, email: invites.email, role: invites.role });
		if (!invite) return { ok: false, reason: "spent" };

		const { merchantId, email, role } = invite;
		const isTheirs = "signedIn" in input && input.signedIn.email.toLowerCase() === email;
		const userId = isTheirs ? input.signedIn.userId : passwordHash && (await createUser(tx, { email, passwordHash }));
		if (!userId) {
			await tx
				.update(invites)
				.set({ acceptedAt: null })
				.where(eq(invites.tokenHash, hashOf(input.token)));
			return { ok: false, reason: "not_signed_in", email };
		}

		// Somebody who is a member already keeps the role that an owner gave them since.
		await tx.insert(memberships).values({ merchantId, userId, role }).onConflictDoNothing();
		await tx
			.insert(auditLog)
			.values({ merchantId, actor: `user:${userId}`, action: "member.joined", subject: email, data: { role } });
		return { ok: true, userId, merchantId, email };
	});
}

const isGood = (token: string, now: Date) =>
	and(
		eq(invites.tokenHash, hashOf(token)),
		isNull(invites.acceptedAt),
		isNull(invites.revokedAt),
		gt(invites.expiresAt, now),
	);
