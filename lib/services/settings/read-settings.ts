import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { RaceRule } from "@/lib/stock/competing-edits";
import type { LosingPolicy } from "@/lib/stock/losing-order";
import type { Strategy } from "@/lib/stock/strategy";
import { authorise, type Context } from "../context";
import { type People, readPeople } from "../members/read-members";

export type Settings = {
	name: string;
	timeZone: string;
	/** How stores share a SKU's stock, unless the SKU or a channel says otherwise. */
	strategy: Strategy;
	/** Which order loses when more was sold than there is. */
	losing: LosingPolicy;
	/** What holds when two places change one number. */
	raceRule: RaceRule;
	/** Stores whose orders may be the ones that lose first. */
	channels: { id: string; name: string }[];
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
				losing_rule: LosingPolicy["rule"];
				losing_channel_id: string | null;
				race_rule: RaceRule;
				channels: { id: string; name: string }[];
			}>`
				select name, time_zone, strategy, losing_rule, losing_channel_id, race_rule, (
					select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name) order by c.name, c.id), '[]') from channels c
					where c.state in ('read_only', 'live', 'revoked') or c.id = m.losing_channel_id
				) as channels
				from merchants m where id = ${ctx.merchantId}::uuid`;
			return row;
		}),
	]);
	if (!rules) throw new Error("The merchant of a member is not there.");
	return {
		name: rules.name,
		timeZone: rules.time_zone,
		strategy: rules.strategy,
		losing: { rule: rules.losing_rule, channelId: rules.losing_channel_id },
		raceRule: rules.race_rule,
		channels: rules.channels,
		people,
	};
}
