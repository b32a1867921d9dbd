/** For tests: a buyer's hands on a sandbox store, and its own truth. */
import type { Payment } from "../sandbox-platform";
import type { SandboxServer } from "../server";
import { checkout, quantities } from "../stores";

export type Line = { sku: string; quantity: number };

export function handsOn({ ctx }: Pick<SandboxServer, "ctx">, storeId: string) {
	/** The order's id; throws where the store refuses it. */
	async function buyAll(lines: Line[], payment?: Payment): Promise<string> {
		const order = await checkout(ctx, storeId, lines, payment);
		if (order.result !== "placed") throw new Error(`The store refused the order: ${order.message}`);
		return order.orderId;
	}
	/** At one moment. */
	async function showsAll(...skus: string[]): Promise<(number | null)[]> {
		const rows = await quantities(ctx, storeId);
		return skus.map((sku) => rows.find((row) => row.sku === sku)?.quantity ?? null);
	}
	return {
		buyAll,
		buy: (sku: string, quantity = 1) => buyAll([{ sku, quantity }]),
		showsAll,
		/** Null where it counts none or has no such SKU. */
		shows: async (sku: string): Promise<number | null> => (await showsAll(sku))[0] ?? null,
	};
}
