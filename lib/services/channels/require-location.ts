import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { needsLocation } from "@/lib/format/setup-step";
import type { Context } from "../context";
import { Unacceptable } from "../errors";

type Row = {
	name: string;
	locations: { isActive: boolean }[];
	location_set_at: string | null;
	pushing_since: string | null;
};

/** Before a person counts a store's units in: they lie at one of its locations, and a person has said at which. */
export async function requireLocation(ctx: Context, channelId: string): Promise<void> {
	const [channel] = await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) => statementsOf(tx)<Row>`
			select name, coalesce(facts->'locations', '[]') as locations, wizard->>'locationSetAt' as location_set_at, pushing_since
			from channels where id::text = ${channelId}`,
	);
	if (!channel) return;
	const { name, locations, location_set_at: locationSetAt, pushing_since: pushingSince } = channel;
	if (needsLocation({ locations, locationSetAt, pushingSince }))
		throw new Unacceptable(
			`${name} has several locations. Open it under Channels and say whose stock it sells; its units are counted from there.`,
		);
}
