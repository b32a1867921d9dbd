import type { Page } from "../listing";

/** Over all pages. */
export async function readAll<T>(read: (page: string | null) => Promise<Page<T>>): Promise<T[]> {
	const all: T[] = [];
	let page: string | null = null;
	do {
		const { items, next }: Page<T> = await read(page);
		all.push(...items);
		page = next;
	} while (page !== null);
	return all;
}
