/**
 * All child items of some products. Recorded: the cursor of such a list keeps a place and forgets the products that were
 * asked for, so that a later page holds others' children, too: what belongs to nobody that was asked for is left out.
 */
import type { Connection } from "../channel-adapter";
import { children, fields, type ListedChild } from "./api-types";
import { isGone } from "./codes";
import { pagesByPlace } from "./paging";

/** Ids of one call, in letters: addresses have an end. */
const mostLetters = 4_000;

/** In portions that one address holds. An id with a comma in it goes alone: lists of ids are parted by commas. */
export function inPortions(ids: readonly string[], most = 100): string[][] {
	const portions: string[][] = [];
	let open: string[] = [];
	let letters = 0;
	for (const id of ids) {
		if (id.includes(",")) {
			portions.push([id]);
			continue;
		}
		const length = encodeURIComponent(id).length + 3;
		if (open.length > 0 && (open.length >= most || letters + length > mostLetters)) {
			portions.push(open);
			open = [];
			letters = 0;
		}
		open.push(id);
		letters += length;
	}
	if (open.length > 0) portions.push(open);
	return portions;
}

/** By product; a product without any is missing. */
export async function childrenOf(
	connection: Connection,
	productIds: readonly string[],
): Promise<Map<string, ListedChild[]>> {
	const byProduct = new Map<string, ListedChild[]>();
	for (const portion of inPortions(productIds)) {
		for (const child of await ofSome(connection, portion)) {
			const siblings = byProduct.get(child.parent_id);
			if (siblings) siblings.push(child);
			else byProduct.set(child.parent_id, [child]);
		}
	}
	return byProduct;
}

/** Where one of them is gone the store may know none of them. */
async function ofSome(connection: Connection, productIds: readonly string[]): Promise<ListedChild[]> {
	try {
		return await readPortion(connection, productIds);
	} catch (error) {
		if (!isGone(error)) throw error;
		if (productIds.length === 1) return [];
		const half = Math.ceil(productIds.length / 2);
		return [
			...(await ofSome(connection, productIds.slice(0, half))),
			...(await ofSome(connection, productIds.slice(half))),
		];
	}
}

async function readPortion(connection: Connection, productIds: readonly string[]): Promise<ListedChild[]> {
	const [only = ""] = productIds;
	const filters = productIds.length === 1 ? { product_id: only } : { product_ids: productIds.join(",") };
	const list = { method: "product.child_item.list", fields: fields.children, filters };
	const wanted = new Set(productIds);
	const found = new Map<string, ListedChild>();
	/** Of the first page: by cursor the others may count all of the store's. */
	let total: number | null | undefined;
	for await (const page of pagesByPlace(connection, list, children, ({ children: rows }) => rows)) {
		for (const child of page.children)
			if (wanted.has(child.parent_id)) found.set(`${child.parent_id}\n${child.id}`, child);
		if (total === undefined) total = page.total_count ?? null;
		if (total !== null && found.size >= total) break;
	}
	return [...found.values()];
}
