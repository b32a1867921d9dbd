import { eq } from "drizzle-orm";
import { asMerchant, type Database, dbFor } from "@/db/client";
import { auditLog, userCredentials } from "@/db/schema/identity";
import { listMemberships } from "@/lib/auth/memberships";
import { endSessions } from "@/lib/auth/sessions";
import { mintSignInLink } from "@/lib/auth/sign-in-links";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { guidOf } from "../guid";

/** Long enough to be sent by whatever way people have. */
const validMs = 24 * 60 * 60_000;

/**
 * The path of a one-time link for a member who has lost their password: the old one is gone, every session ends, and they
 * set a new one once they are in. Only for who belongs to this shop alone: an owner must not open others' doors.
 */
export async function letInAgain(ctx: Context, userId: string, authDb: Database = dbFor("auth")): Promise<string> {
	authorise(ctx, "owner");
	const memberships = await listMemberships(authDb, guidOf(userId, "person"));
	if (!memberships.some(({ merchantId }) => merchantId === ctx.merchantId)) throw new NotFound("person");
	if (memberships.length > 1)
		throw new Unacceptable("This person belongs to another shop too, so no owner alone can open their account.");
	await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.insert(auditLog).values({
			merchantId: ctx.merchantId,
			actor: ctx.actor,
			action: "member.let_in_again",
			subject: userId,
		}),
	);
	await authDb.transaction(async (tx) => {
		await tx.delete(userCredentials).where(eq(userCredentials.userId, userId));
		await endSessions(tx, userId);
	});
	return mintSignInLink(userId, { db: authDb, validMs, now: ctx.now() });
}
