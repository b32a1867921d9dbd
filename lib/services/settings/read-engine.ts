import { type Database, dbFor } from "@/db/client";
import { merchants } from "@/db/schema/identity";
import { type EngineHealth, engineHealth } from "@/lib/engine/health";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";

/** The engine's figures are the whole host's, so a merchant sees them only where there is no other. */
export async function seesEngine(authDb: Database = dbFor("auth")): Promise<boolean> {
	const some = await authDb.select({ id: merchants.id }).from(merchants).limit(2);
	return some.length === 1;
}

export async function readEngine(ctx: Context, authDb: Database = dbFor("auth")): Promise<EngineHealth> {
	authorise(ctx, "manager");
	if (!(await seesEngine(authDb))) throw new NotFound("engine");
	return engineHealth();
}
