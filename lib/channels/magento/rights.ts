/** Which rights an integration has, each found by a call that needs it and changes nothing. */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { attempt } from "../checks";
import { ChannelError } from "../errors";
import { documents, orders, products } from "./api-types";
import { callMagento, callWithHeaders, MagentoError } from "./client";
import { largestBatch } from "./facts";
import { searchQuery } from "./search";
import type { Store } from "./store";

export const readProducts = (connection: Connection) =>
	callWithHeaders(
		connection,
		{
			method: "GET",
			path: "/V1/products",
			query: searchQuery({ sortBy: "entity_id", pageSize: 1, fields: "items[id,sku,type_id],total_count" }),
		},
		products,
	);

export type Rights = { granted: string[]; missing: string[]; trouble: ChannelError | null };

const onePage = searchQuery({
	sortBy: "entity_id",
	pageSize: 1,
	fields: "items[entity_id,order_id,created_at],total_count",
});
const oneOrder = searchQuery({
	sortBy: "entity_id",
	pageSize: 1,
	fields: "items[entity_id,state,created_at,updated_at,items[item_id]],total_count",
});

/** Each right by a reading that needs it; cancelling by an order that there can't be. */
export async function tryRights(connection: Connection): Promise<Rights> {
	const tries: [resource: string, work: () => Promise<unknown>][] = [
		["Magento_Catalog::products", () => readProducts(connection)],
		[
			"Magento_Sales::actions_view",
			() => callMagento(connection, { method: "GET", path: "/V1/orders", query: oneOrder }, orders),
		],
		[
			"Magento_Sales::shipment",
			() => callMagento(connection, { method: "GET", path: "/V1/shipments", query: onePage }, documents),
		],
		[
			"Magento_Sales::sales_creditmemo",
			() => callMagento(connection, { method: "GET", path: "/V1/creditmemos", query: onePage }, documents),
		],
		[
			"Magento_Catalog::catalog_inventory",
			() => callMagento(connection, { method: "GET", path: "/V1/stockItems/onecount-check" }, z.unknown()),
		],
		[
			"Magento_Backend::store",
			() => callMagento(connection, { method: "GET", path: "/V1/store/websites" }, z.unknown()),
		],
		[
			"Magento_Sales::cancel",
			() => callMagento(connection, { method: "POST", path: "/V1/orders/0/cancel" }, z.unknown()),
		],
	];
	const rights: Rights = { granted: [], missing: [], trouble: null };
	for (const [resource, work] of tries) {
		const result = await attempt(work);
		if (!(result instanceof ChannelError) || result.reason === "gone" || result.reason === "refused")
			rights.granted.push(resource);
		else if (result.reason === "missing_scope") rights.missing.push(...(result.code ?? resource).split(/,\s*/));
		else rights.trouble ??= result;
	}
	return rights;
}

export const writeRight = (store: Store | ChannelError) =>
	store instanceof ChannelError || store.hasInventory
		? "Magento_InventoryApi::stock_source_item_assign"
		: "Magento_Catalog::catalog_inventory";

/**
 * Rows without a SKU: refused before anything is saved, to those who may write; in some versions already for being so many, and
 * then the answer says how many are taken. Resolves to that number, null where there is none.
 */
export async function tryWriting(connection: Connection, hasInventory: boolean): Promise<number | null> {
	const rows = Array.from({ length: largestBatch }, () => ({ sku: "", source_code: "", quantity: 0, status: 0 }));
	const call = hasInventory
		? { method: "POST" as const, path: "/V1/inventory/source-items", body: { sourceItems: rows } }
		: { method: "PUT" as const, path: "/V1/products/onecount-check/stockItems/0", body: { stockItem: { qty: 0 } } };
	try {
		await callMagento(connection, call, z.unknown());
		return null;
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		if (error.reason !== "refused" && error.reason !== "gone") throw error;
		return error instanceof MagentoError ? error.limit : null;
	}
}

/** Without it the store does not say which one it is: connected again with the right, it would be taken for another. */
export const identifying = "Magento_Backend::store";

/** Without these there is nothing to keep in step. */
export const needed = [
	"Magento_Catalog::products",
	"Magento_Sales::actions_view",
	"Magento_Catalog::catalog_inventory",
];
