import { and, eq, ne } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { sessions } from "@/db/schema/identity";

/**
 * Signs a person out everywhere, at once: after a new password, or when a member is removed. `exceptToken`: the session
 * that asks for it stays.
 */
export async function endSessions(db: Executor, userId: string, exceptToken?: string): Promise<number> {
	const ended = await db
		.delete(sessions)
		.where(and(eq(sessions.userId, userId), exceptToken ? ne(sessions.sessionToken, exceptToken) : undefined))
		.returning({ token: sessions.sessionToken });
	return ended.length;
}
