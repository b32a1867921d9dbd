/** Which stocks sell from a source, and through which websites: kept in the connection's facts by `connect`. */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";

/**
 * `website`: one that sells from the stock; `sources`: codes of its enabled sources; `storeIds`: the views of all its websites, by
 * which their orders are told; empty where the store does not say.
 */
export type SellingStock = { stockId: number; website: string; sources: string[]; storeIds: number[] };
export type Topology = Record<string, SellingStock[]>;

export const hasInventory = ({ facts }: Pick<Connection, "facts">): boolean => facts.hasInventory !== false;

/** What the connection's source sells through. Throws ChannelError where nothing does. */
export function sellingStocks({ facts, locationRef }: Pick<Connection, "facts" | "locationRef">): SellingStock[] {
	const topology = (facts.topology ?? {}) as Topology;
	const found = Object.hasOwn(topology, locationRef) ? topology[locationRef] : undefined;
	if (found && found.length > 0) return found;
	throw new ChannelError("refused", `No website of the store sells from the source “${locationRef}”.`, {
		fix: "In Magento open Stores → Inventory → Stocks and assign the source to a stock with a sales channel, then connect again; or choose another location.",
		code: "SOURCE_SELLS_NOTHING",
	});
}

/** All sources whose units sell beside ours, ours first. */
export const sourcesBeside = (stocks: readonly SellingStock[], own: string): string[] => [
	...new Set([own, ...stocks.flatMap(({ sources }) => sources)]),
];
