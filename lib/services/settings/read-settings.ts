import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { Strategy } from "@/lib/stock/strategy";
import { authorise, type Context } from "../context";
import { type People, readPeople } from "../members/read-members";

export type Settings = {
	name: string;
	timeZone: string;
	/** How stores share a SKU's stock, unless the SKU says otherwise. */
	strategy: Strategy;
	people: People;
};

export async function readSettings(ctx: Context): Promise<Settings> {
	authorise(ctx, "viewer");
	const [people, rules] = await Promise.all([
		readPeople(ctx),
		asMerchant(ctx.db, ctx.merchantId, async (tx) => {
			const [row] = await statementsOf(tx)<{
				name: string;
				time_zone: string;
				strategy: Strategy;
			}>`
				select name, time_zone, strategy from merchants where id = ${ctx.merchantId}::uuid`;
			return row;
		}),
	]);
	if (!rules) throw new Error("The merchant of a member is not there.");
	return {
		name: rules.name,
		timeZone: rules.time_zone,
		strategy: rules.strategy,
		people,
	};
}
