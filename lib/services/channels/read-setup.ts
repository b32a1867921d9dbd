import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { countStates } from "../mappings/read-grid";
import { type ChannelView, readChannel } from "./read-channels";

/** Where the connect wizard stands, from the rows: what a person left half-done goes on where it was. */
export type Setup = {
	channel: ChannelView;
	match: {
		/** Listings that could be linked. */
		all: number;
		linked: number;
		/** Suggestions at or above 95 % that nothing speaks against. */
		certain: number;
		/** Other suggestions, ambiguous ones included. */
		unsure: number;
		/** Like nothing that we know. */
		unmatched: number;
		leftOut: number;
	};
	/** SKUs of the merchant; zero: there is nothing to match with yet. */
	skus: number;
};

export async function readSetup(ctx: Context, channelId: string): Promise<Setup> {
	authorise(ctx, "viewer");
	const channel = await readChannel(ctx, channelId);
	const [counts, skus] = await Promise.all([
		countStates(ctx, [channelId]),
		asMerchant(ctx.db, ctx.merchantId, async (tx) => {
			const [row] = await statementsOf(tx)<{ count: number }>`
				select count(*)::int as count from skus where archived_at is null`;
			return row?.count ?? 0;
		}),
	]);
	const certain = Object.values(counts.certain).reduce((sum, count) => sum + count, 0);
	const { linked, suggested, ambiguous, unmatched, left_out: leftOut } = counts;
	return {
		channel,
		match: {
			all: linked + suggested + ambiguous + unmatched,
			linked,
			certain,
			unsure: suggested - certain + ambiguous,
			unmatched,
			leftOut,
		},
		skus,
	};
}
