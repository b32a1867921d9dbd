/** For tests of one adapter: a sandbox store as its channel sees it, with a buyer's hands on it. */
import type { TestSandbox } from "@/lib/sandbox/testing";
import { handsOn } from "@/lib/sandbox/testing/hands";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { ChannelAdapter, Connection } from "../channel-adapter";
import type { RemoteListing, WriteRow } from "../listing";
import { readAll } from "./read-all";

/** Its listings are those of now, and its rows expect what they show. */
export async function connectedStore(
	adapter: ChannelAdapter,
	sandbox: TestSandbox,
	{ id }: { id: string },
	connection: Connection,
) {
	const listings = await readAll((page) => adapter.listListings(connection, null, page));
	const byName = new Map(listings.map((one) => [one.sku ?? one.title, one]));
	/** Without a SKU by its title. */
	function listing(name: string): RemoteListing {
		const found = byName.get(name);
		if (!found) throw new Error(`There is no listing of ${name}.`);
		return found;
	}
	return {
		connection,
		listings,
		listing,
		row(sku: string, quantity: number, expected = listing(sku).quantity ?? 0): WriteRow {
			const { externalKey, ids } = listing(sku);
			return { externalKey, ids, quantity, expected };
		},
		write: (rows: WriteRow[], as = connection) => adapter.writeQuantities(as, rows, crypto.randomUUID()),
		async level(sku: string) {
			const [level] = await adapter.readLevels(connection, [listing(sku)]);
			return level;
		},
		async order(orderRef: string): Promise<OrderSnapshot> {
			const found = await adapter.readOrder(connection, orderRef);
			if (!found) throw new Error(`There is no order ${orderRef}.`);
			return found;
		},
		orders: (since = new Date(0)) => readAll((page) => adapter.listOrders(connection, since, page)),
		...handsOn(sandbox, id),
	};
}
