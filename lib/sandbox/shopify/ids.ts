/** Shopify's ids: 64-bit numbers kept as exact text, and global ids made of them. */
import { GraphQLError } from "graphql";

/** A store's n-th number as an id. Every third lies beyond 2^53, as ids in Shopify's own samples do. */
export const mintId = (n: number): string =>
	(n % 3 === 0 ? 820_982_911_946_000_000n + BigInt(n) : 51_364_592_000_000n + BigInt(n)).toString();

export const gid = (type: string, id: string): string => `gid://shopify/${type}/${id}`;

export const levelId = (locationId: string, itemId: string): string => `${locationId}:${itemId}`;

export const levelGid = (locationId: string, itemId: string): string =>
	`gid://shopify/InventoryLevel/${locationId}?inventory_item_id=${itemId}`;

const form = /^gid:\/\/shopify\/([A-Za-z]+)\/(\d+)(?:\?inventory_item_id=(\d+))?$/;

export type Gid = { type: string; id: string; itemId: string | null };

export function parseGid(text: string): Gid | null {
	const [, type, id, itemId = null] = form.exec(text) ?? [];
	return type && id ? { type, id, itemId } : null;
}

export const isGlobalId = (text: string): boolean => text.startsWith("gid://");

/** The number of an id of this type; null for another type's, which then is simply not found. */
export function idOf(type: string, text: string): string | null {
	const parsed = parseGid(text);
	if (!parsed) throw new GraphQLError(`Invalid global id '${text}'`, { extensions: { code: "RESOURCE_NOT_FOUND" } });
	return parsed.type === type ? parsed.id : null;
}
