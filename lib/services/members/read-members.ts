import { asMerchant } from "@/db/client";
import type { Role } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";

export type MemberView = { userId: string; name: string | null; email: string; role: Role; joinedAt: string };
export type InvitationView = { id: string; email: string; role: Role; invitedBy: string | null; expiresAt: string };
export type People = { members: MemberView[]; invitations: InvitationView[] };

/** Who may act for the merchant, from most to least, and who is invited and has not come yet. */
export async function readPeople(ctx: Context): Promise<People> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [row] = await run<{ members: MemberView[]; invitations: InvitationView[] }>`
			select
				(select coalesce(jsonb_agg(jsonb_build_object('userId', m.user_id, 'name', u.name, 'email', u.email, 'role', m.role, 'joinedAt', m.created_at)
						order by array_position(array['owner', 'manager', 'support', 'viewer'], m.role), m.created_at), '[]')
					from memberships m join users u on u.id = m.user_id where m.merchant_id = ${ctx.merchantId}::uuid) as members,
				(select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'email', i.email, 'role', i.role, 'invitedBy', u.email, 'expiresAt', i.expires_at)
						order by i.created_at desc), '[]')
					from invites i left join users u on u.id = i.invited_by
					where i.merchant_id = ${ctx.merchantId}::uuid and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()) as invitations`;
		return row ?? { members: [], invitations: [] };
	});
}
