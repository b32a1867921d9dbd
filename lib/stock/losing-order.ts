/**
 * Which order loses when more was sold than there is (R8), by the merchant's rule. Pure.
 *
 * Units lose one by one, from the order that the rule puts first: what an order lost before, it can't lose again. But for
 * `last_in_ledger`, which is the ledger's own commit order, no rule looks at when an order was heard of: whichever came
 * first, the same orders lose in the end. Held by losing-order.test.ts.
 */

export const losingRules = ["last_in_ledger", "latest_placed", "smallest_order", "lowest_channel"] as const;
export type LosingRule = (typeof losingRules)[number];

/** The merchant's choice. `channelId`: the channel whose orders lose first, for `lowest_channel`; null: none is named. */
export type LosingPolicy = { rule: LosingRule; channelId: string | null };

export const ledgerDecides: LosingPolicy = { rule: "last_in_ledger", channelId: null };

/** An order that draws on the stock that is short. */
export type Contender = {
	channelId: string;
	orderRef: string;
	/** Units of the SKU that it holds and has not lost yet; ≥ 0. */
	units: number;
	/** Units of all its lines, whatever their SKU. */
	orderUnits: number;
	/** By its store's stamp, in milliseconds. */
	placedAt: number;
	/** The level's version after the last movement that it made. */
	version: number;
};

export type Loss<T extends Contender> = { order: T; units: number };

/** Who loses so many units. Fewer are lost only where all contenders together hold fewer. */
export function losersOf<T extends Contender>(
	contenders: readonly T[],
	shortUnits: number,
	policy: LosingPolicy,
): Loss<T>[] {
	const losses: Loss<T>[] = [];
	let left = shortUnits;
	for (const order of [...contenders].sort((a, b) => losesBefore(a, b, policy))) {
		const units = Math.min(left, order.units);
		if (units <= 0) continue;
		losses.push({ order, units });
		left -= units;
	}
	return losses;
}

/** Negative: `a` loses first. Never zero for two orders: where the rule can't tell them apart, the later placed loses. */
function losesBefore(a: Contender, b: Contender, { rule, channelId }: LosingPolicy): number {
	switch (rule) {
		case "last_in_ledger":
			return b.version - a.version || laterFirst(a, b);
		case "latest_placed":
			return laterFirst(a, b);
		case "smallest_order":
			return a.orderUnits - b.orderUnits || laterFirst(a, b);
		case "lowest_channel":
			return Number(b.channelId === channelId) - Number(a.channelId === channelId) || laterFirst(a, b);
	}
}

const laterFirst = (a: Contender, b: Contender): number =>
	b.placedAt - a.placedAt || compareText(b.channelId, a.channelId) || compareText(b.orderRef, a.orderRef);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
