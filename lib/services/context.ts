/**
 * Who acts, for which merchant. Every verb takes one first; there is no other way to a merchant's rows.
 *
 * Three doors make it: the gate (lib/auth/gate.ts) for people and `findKey` (lib/services/api-keys) for other systems,
 * who must prove who they are; `systemContext` for webhooks and functions, which trust the row that named the merchant.
 */
import { type Database, dbFor } from "@/db/client";
import { type Role, roles } from "@/db/schema/identity";
import { Forbidden } from "./errors";

declare const minted: unique symbol;
/** A merchant that somebody may act for. Only the doors make one. */
export type MerchantId = string & { readonly [minted]: "MerchantId" };

export type Context = {
	merchantId: MerchantId;
	/** `user:<id>`, `system`, `api:<key id>`: what the audit log and the ledger keep. */
	actor: string;
	role: Role | "system";
	/** Bound by row-level security; open a transaction with `asMerchant(ctx.db, ctx.merchantId, …)`. */
	db: Database;
	now: () => Date;
};

/** The trusting door: functions, webhooks, the launcher. */
export function systemContext(merchantId: string, db: Database = dbFor("app")): Context {
	return { merchantId: merchantId as MerchantId, actor: "system", role: "system", db, now: () => new Date() };
}

/** Whether `role` may do what `minimum` may. The roles are listed from most to least. */
export function isAtLeast(role: Role | "system", minimum: Role): boolean {
	return role === "system" || roles.indexOf(role) <= roles.indexOf(minimum);
}

/** First beat of a verb. Throws {@link Forbidden} with who can grant it. */
export function authorise(ctx: Pick<Context, "role">, minimum: Role): void {
	if (!isAtLeast(ctx.role, minimum)) throw new Forbidden(minimum);
}
