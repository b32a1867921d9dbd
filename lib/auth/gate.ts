/**
 * The gate: the only place that turns a browser's cookie into somebody who may act for a merchant. Pages and actions
 * call {@link requireMember}; JSON routes go through lib/services/http.ts. What stands in proxy.ts is a courtesy.
 */
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { dbFor } from "@/db/client";
import type { Role } from "@/db/schema/identity";
import { authorise, type Context, type MerchantId } from "@/lib/services/context";
import { listMemberships, type Membership } from "./memberships";
import { auth } from "./next-auth";

/** Which shop a person of several last chose. A wish, checked against their memberships. */
const merchantCookie = "onecount-merchant";

export type SignedIn = { userId: string; name: string | null; email: string };

export type Member = Context &
	SignedIn & { role: Role; actor: `user:${string}`; membership: Membership; memberships: Membership[] };

/** Who is signed in, whether or not they belong to a merchant. Read once a request. */
export const findSignedIn = cache(async (): Promise<SignedIn | null> => {
	const session = await auth();
	// Never "is there a session": an error answer is truthy too.
	const user = session?.user;
	if (!user?.id || !user.email) return null;
	return { userId: user.id, name: user.name ?? null, email: user.email };
});

/** The member who acts, or null: nobody is signed in, or they belong to no merchant. Read once a request. */
export const findMember = cache(async (): Promise<Member | null> => {
	const who = await findSignedIn();
	if (!who) return null;
	const memberships = await listMemberships(dbFor("auth"), who.userId);
	const wished = (await cookies()).get(merchantCookie)?.value;
	const membership = memberships.find((one) => one.merchantId === wished) ?? memberships[0];
	if (!membership) return null;
	return {
		...who,
		merchantId: membership.merchantId as MerchantId,
		role: membership.role,
		actor: `user:${who.userId}`,
		db: dbFor("app"),
		now: () => new Date(),
		membership,
		memberships,
	};
});

/** For pages and actions: sends whoever is signed out to sign in; throws Forbidden when the role is not enough. */
export async function requireMember(minimum: Role = "viewer"): Promise<Member> {
	const member = await findMember();
	if (!member) redirect("/sign-in");
	authorise(member, minimum);
	return member;
}

/** Acts for this shop from now on, where the person belongs to several. Actions only. */
export async function rememberMerchant(merchantId: string): Promise<void> {
	(await cookies()).set(merchantCookie, merchantId, {
		path: "/",
		httpOnly: true,
		sameSite: "lax",
		maxAge: 365 * 24 * 60 * 60,
	});
}
