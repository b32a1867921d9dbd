/** product.update and product.variant.update: of all that they may change, the stock. */
import { findChild, findProduct } from "./catalogue-api";
import { type Change, changeStock, rowOf } from "./change-stock";
import { type Answer, badParameter, missing, type StoreCall } from "./wire";

const quantityFields = ["quantity", "increase_quantity", "reduce_quantity"] as const;

/** Null: nothing about the number. Two of the fields at once exclude each other. */
export function readChange(body: Record<string, unknown>): Change | null {
	const given = quantityFields.filter((name) => body[name] !== undefined && body[name] !== null);
	const [name] = given;
	if (!name) return null;
	if (given.length > 1) throw badParameter(`Parameters '${given.join("', '")}' are mutually exclusive.`);
	const value = body[name];
	if (typeof value !== "number" || !Number.isFinite(value))
		throw badParameter(`Parameter '${name}' is not valid. The required type of parameter is decimal`);
	if (value < 0) throw badParameter(`Parameter '${name}' is not valid. The value must be greater than or equal to 0`);
	const units = Math.trunc(value);
	return name === "quantity" ? { to: units } : { by: name === "increase_quantity" ? units : -units };
}

export function textOf(body: Record<string, unknown>, name: string): string | null {
	const value = body[name];
	if (value === undefined || value === null || value === "") return null;
	if (typeof value !== "string" && typeof value !== "number")
		throw badParameter(`Parameter '${name}' is not valid. The required type of parameter is string`);
	return String(value);
}

export type Kind = "product" | "variant";

/** One row, of a single call or a batch. Whether anything changed. */
export async function updateStock(call: StoreCall, kind: Kind, body: Record<string, unknown>): Promise<boolean> {
	const id = textOf(body, "id");
	if (!id) throw missing("id");
	const change = readChange(body);
	const warehouseId = textOf(body, "warehouse_id");
	if (kind === "product") {
		const product = await findProduct(call, id);
		return write(call, rowOf(product, warehouseId), null, change);
	}
	const productId = textOf(body, "product_id");
	if (!productId) throw missing("product_id");
	const { product, child } = await findChild(call, productId, id);
	return write(call, rowOf(child, warehouseId), product.id, change);
}

/** What the store does not count has no row, and nothing happens. */
async function write(
	call: StoreCall,
	rowId: string | null,
	parentId: string | null,
	change: Change | null,
): Promise<boolean> {
	if (rowId === null || change === null) return false;
	return changeStock(call, { storeKey: call.cart.storeKey, rowId, parentId }, change);
}

export const putStock =
	(kind: Kind) =>
	async (call: StoreCall): Promise<Answer> => ({
		result: { updated_items: (await updateStock(call, kind, call.body)) ? 1 : 0 },
	});
