/**
 * Counts of zero, held against the ledger. Square also shows one for what nobody ever counted, and its own plugin for
 * WooCommerce looks into the history before it trusts one (woocommerce-square, issue 529). Where the ledger holds nothing
 * the count is unknown.
 */
import type { Connection } from "../channel-adapter";
import { type Count, changes } from "./api-types";
import { callSquare } from "./client";

/** Found in the ledger before, by the moment of its last change: what moves it moves that as well. */
const confirmed = new Map<string, string>();
const mostConfirmed = 50_000;

const keyOf = ({ channelId, baseUrl }: Connection, { catalog_object_id, location_id }: Count) =>
	`${channelId} ${baseUrl} ${catalog_object_id} ${location_id}`;
const stampOf = ({ calculated_at }: Count) => calculated_at ?? "";

/** Without those zeros of which the ledger of this location knows nothing. */
export async function withoutUnknownZeros(
	connection: Connection,
	locationRef: string,
	counts: readonly Count[],
): Promise<Count[]> {
	const open = counts.filter(
		(count) => count.quantity === 0 && confirmed.get(keyOf(connection, count)) !== stampOf(count),
	);
	if (open.length === 0) return [...counts];
	const moved = await everMoved(
		connection,
		locationRef,
		open.map(({ catalog_object_id }) => catalog_object_id),
	);
	for (const count of open) if (moved.has(count.catalog_object_id)) confirm(connection, count);
	const unknown = new Set(open.filter(({ catalog_object_id }) => !moved.has(catalog_object_id)));
	return counts.filter((count) => !unknown.has(count));
}

/** Those with any change at all. A long history fills a page by itself: what was seen is not asked for again. */
async function everMoved(
	connection: Connection,
	locationRef: string,
	variationIds: readonly string[],
): Promise<Set<string>> {
	const moved = new Set<string>();
	const path = "/v2/inventory/changes/batch-retrieve";
	const asked = { location_ids: [locationRef], types: ["PHYSICAL_COUNT", "ADJUSTMENT"], limit: 1_000 };
	for (let left = [...variationIds]; left.length > 0; left = left.filter((id) => !moved.has(id))) {
		const body = { catalog_object_ids: left, ...asked };
		const page = await callSquare(connection, { method: "POST", path, body }, changes);
		for (const { adjustment, physical_count } of page.changes) {
			const id = (adjustment ?? physical_count)?.catalog_object_id;
			if (id) moved.add(id);
		}
		if (!page.cursor || !left.some((id) => moved.has(id))) break;
	}
	return moved;
}

/** Map keeps the order in which keys were set: the oldest goes first. */
function confirm(connection: Connection, count: Count): void {
	const key = keyOf(connection, count);
	confirmed.delete(key);
	confirmed.set(key, stampOf(count));
	const [oldest] = confirmed.keys();
	if (confirmed.size > mostConfirmed && oldest !== undefined) confirmed.delete(oldest);
}
