import { z } from "zod";
import { asMerchant, type Database, dbFor, type Transaction } from "@/db/client";
import { type Role, roles } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { endSessions } from "@/lib/auth/sessions";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";

const roleInput = z.enum(roles, "Choose owner, manager, support or viewer.");

/** Gives somebody another role. A shop keeps at least one owner. */
export async function changeRole(ctx: Context, userId: string, role: unknown): Promise<void> {
	authorise(ctx, "owner");
	const next = roleInput.parse(role);
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const member = await lockMember(tx, ctx, userId);
		if (member.role === "owner" && next !== "owner" && member.owners === 1) throw lastOwner();
		const run = statementsOf(tx);
		await run`update memberships set role = ${next} where user_id::text = ${userId} and merchant_id = ${ctx.merchantId}::uuid`;
		await audit(tx, ctx, "member.role_changed", userId, { from: member.role, to: next });
	});
}

/** Takes somebody out of the shop, and signs them out everywhere at once. */
export async function removeMember(ctx: Context, userId: string, authDb: Database = dbFor("auth")): Promise<void> {
	authorise(ctx, "owner");
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const member = await lockMember(tx, ctx, userId);
		if (member.role === "owner" && member.owners === 1) throw lastOwner();
		await statementsOf(
			tx,
		)`delete from memberships where user_id::text = ${userId} and merchant_id = ${ctx.merchantId}::uuid`;
		await audit(tx, ctx, "member.removed", userId, { role: member.role });
	});
	await endSessions(authDb, userId);
}

const lastOwner = () =>
	new Unacceptable("A shop keeps at least one owner. Make somebody else an owner first.", "last_owner");

/** All of the shop's rows, so that two owners who remove each other at once leave one. */
async function lockMember(tx: Transaction, ctx: Context, userId: string): Promise<{ role: Role; owners: number }> {
	const rows = await statementsOf(tx)<{ user_id: string; role: Role }>`
		select user_id, role from memberships where merchant_id = ${ctx.merchantId}::uuid order by user_id for update`;
	const member = rows.find(({ user_id }) => user_id === userId);
	if (!member) throw new NotFound("person");
	return { role: member.role, owners: rows.filter(({ role }) => role === "owner").length };
}

async function audit(tx: Transaction, ctx: Context, action: string, subject: string, data: object): Promise<void> {
	await statementsOf(tx)`
		insert into audit_log (merchant_id, actor, action, subject, data)
		values (${ctx.merchantId}::uuid, ${ctx.actor}, ${action}, ${subject}, ${JSON.stringify(data)}::text::jsonb)`;
}
