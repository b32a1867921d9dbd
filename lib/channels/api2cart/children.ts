/**
 * All child items of some products. Recorded: the cursor of such a list keeps a place and forgets the products that were
 * asked for, so that a later page holds others' children, too. So pages are counted by `start`, where the store takes it,
 * and what belongs to nobody that was asked for is left out.
 */
import type { Connection } from "../channel-adapter";
import { type Child, children, fields } from "./api-types";
import { isCode, isGone } from "./codes";
import { readPage } from "./paging";

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
export async function childrenOf(connection: Connection, productIds: readonly string[]): Promise<Map<string, Child[]>> {
	const byProduct = new Map<string, Child[]>();
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
async function ofSome(connection: Connection, productIds: readonly string[]): Promise<Child[]> {
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

async function readPortion(connection: Connection, productIds: readonly string[]): Promise<Child[]> {
	const [only = ""] = productIds;
	const filters = productIds.length === 1 ? { product_id: only } : { product_ids: productIds.join(",") };
	const list = { method: "product.child_item.list", fields: fields.children, filters };
	const wanted = new Set(productIds);
	const found = new Map<string, Child>();
	const keep = (page: readonly Child[]) => {
		for (const child of page) if (wanted.has(child.parent_id)) found.set(`${child.parent_id}\n${child.id}`, child);
	};
	const first = await readPage(connection, list, null, children);
	keep(first.result.children);
	const isWhole = () => typeof first.result.total_count === "number" && found.size >= first.result.total_count;
	let { next } = first;
	let read = first.result.children.length;
	let countsPlaces = true;
	while (next !== null && !isWhole()) {
		try {
			const page = countsPlaces
				? await readPage(connection, { ...list, filters: { ...filters, start: read } }, null, children)
				: await readPage(connection, list, next, children);
			keep(page.result.children);
			read += page.result.children.length;
			next = page.result.children.length === 0 ? null : page.next;
		} catch (error) {
			// Some stores can be walked by cursor only.
			if (!countsPlaces || !isCode(error, 109)) throw error;
			countsPlaces = false;
		}
	}
	return [...found.values()];
}
