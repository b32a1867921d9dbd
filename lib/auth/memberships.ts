import { asc, eq } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { memberships, merchants, type Role } from "@/db/schema/identity";

export type Membership = { merchantId: string; merchantName: string; timeZone: string; role: Role };

/** Every shop that a person may act for, oldest first. */
export async function listMemberships(db: Executor, userId: string): Promise<Membership[]> {
	return db
		.select({
			merchantId: merchants.id,
			merchantName: merchants.name,
			timeZone: merchants.timeZone,
			role: memberships.role,
		})
		.from(memberships)
		.innerJoin(merchants, eq(merchants.id, memberships.merchantId))
		.where(eq(memberships.userId, userId))
		.orderBy(asc(memberships.createdAt), asc(merchants.id));
}
