/**
 * What was given back and is for sale again. An order that takes goods back does not say whether they are; the ledger of stock
 * does, by a move of its own.
 */
import type { Connection } from "../channel-adapter";
import { changes } from "./api-types";
import { allPages, callSquare } from "./client";
import { wholeUnits } from "./mapper";
import { locationOf } from "./stock";

/** From where a return comes into stock: a raise of ours comes from NONE, and so does a delivery. */
const givenBackFrom: readonly string[] = ["SOLD", "RETURNED_BY_CUSTOMER", "UNLINKED_RETURN"];

export async function readReturns(
	connection: Connection,
	listings: readonly { externalKey: string; since: Date }[],
): Promise<ReadonlyMap<string, number>> {
	if (listings.length === 0) return new Map();
	const since = new Map(listings.map((one) => [one.externalKey, one.since.getTime()]));
	const asked = {
		catalog_object_ids: [...since.keys()],
		location_ids: [locationOf(connection)],
		types: ["ADJUSTMENT"],
		states: ["IN_STOCK"],
		updated_after: new Date(Math.min(...since.values())).toISOString(),
	};
	const path = "/v2/inventory/changes/batch-retrieve";
	const pages = await allPages((more) =>
		callSquare(connection, { method: "POST", path, body: { ...asked, ...more } }, changes),
	);
	const back = new Map<string, number>();
	for (const { adjustment } of pages.flatMap((page) => page.changes)) {
		if (adjustment?.to_state !== "IN_STOCK" || !givenBackFrom.includes(adjustment.from_state ?? "")) continue;
		const { catalog_object_id: id, quantity, created_at, occurred_at } = adjustment;
		const at = Date.parse(created_at ?? occurred_at ?? "");
		if (!(at >= (since.get(id) ?? Number.POSITIVE_INFINITY))) continue;
		back.set(id, (back.get(id) ?? 0) + wholeUnits(quantity ?? 0));
	}
	return back;
}
