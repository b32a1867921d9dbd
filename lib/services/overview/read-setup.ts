import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";

/** What a new shop has to do, as it stands: real facts, never clicks. */
export type Setup = {
	steps: SetupStep[];
	/** Of the steps that a shop can't do without: with the last of them the list has done its work. */
	done: number;
	needed: number;
};

export type SetupStep = {
	key: "first_store" | "second_store" | "link" | "push" | "invite";
	title: string;
	/** The fact behind it: "1 store", "212 of 230 listings linked". */
	fact: string;
	isDone: boolean;
	/** Offered with the others, and waited for by nobody: a shop of one person is complete too. */
	isOptional?: true;
	button: string;
	href: string;
};

/** Null when every step that is needed is done. */
export async function readSetup(tx: Transaction, merchantId: string): Promise<Setup | null> {
	const [row] = (await tx.execute(sql`
		select count(*) filter (where state not in ('connecting', 'disconnected'))::int as stores,
			count(*) filter (where state = 'live' and pushing_since is not null)::int as pushing,
			(select count(*)::int from listings l where l.merchant_id = ${merchantId}::uuid and l.gone_at is null and l.left_out_reason is null) as listings,
			(select count(*)::int from mappings p where p.merchant_id = ${merchantId}::uuid) as settled,
			(select count(*)::int from memberships m where m.merchant_id = ${merchantId}::uuid) as members,
			(select count(*)::int from invites i where i.merchant_id = ${merchantId}::uuid and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()) as invites
		from channels where merchant_id = ${merchantId}::uuid`)) as unknown as {
		stores: number;
		pushing: number;
		listings: number;
		settled: number;
		members: number;
		invites: number;
	}[];
	const { stores = 0, pushing = 0, listings = 0, settled = 0, members = 1, invites = 0 } = row ?? {};
	const steps: SetupStep[] = [
		{
			key: "first_store",
			title: "Connect your first store",
			fact: stores > 0 ? "connected" : "about 3 minutes; it is only read at first",
			isDone: stores > 0,
			button: "Connect a store",
			href: "/channels/connect",
		},
		{
			key: "second_store",
			title: "Connect the second",
			fact: stores > 1 ? `${stores} stores` : "from two on, a sale in one is told to the other",
			isDone: stores > 1,
			button: "Connect a store",
			href: "/channels/connect",
		},
		{
			key: "link",
			title: "Say which listings are the same thing",
			fact: listings > 0 ? `${settled} of ${listings} listings settled` : "suggestions come with the first store",
			// What is left over waits under "Needs you" and keeps nobody from going live.
			isDone: settled > 0 && settled >= listings * 0.5,
			button: "Review suggestions",
			href: "/mappings",
		},
		{
			key: "push",
			title: "Switch on pushing",
			fact: pushing > 0 ? `${pushing} of ${stores} stores` : "you see what would change first",
			isDone: pushing > 0,
			button: "Open channels",
			href: "/channels",
		},
		{
			key: "invite",
			title: "Invite somebody, if you are not alone",
			isOptional: true,
			fact: members > 1 ? `${members} members` : invites > 0 ? "invited" : "conflicts can wait for either of you",
			isDone: members > 1 || invites > 0,
			button: "Invite",
			href: "/settings",
		},
	];
	const needed = steps.filter(({ isOptional }) => !isOptional);
	const done = needed.filter(({ isDone }) => isDone).length;
	return done === needed.length ? null : { steps, done, needed: needed.length };
}
