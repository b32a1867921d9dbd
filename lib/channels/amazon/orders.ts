import { z } from "zod";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { Connection } from "../channel-adapter";
import type { Page } from "../listing";
import { sortOut } from "../odd-rows";
import { orderReply, orderSearch } from "./api-types";
import { callAmazon, encode, isGone } from "./client";
import { readCursor, writeCursor } from "./cursor";
import { snapshotOf } from "./mapper";

/** What stock needs: no buyer and no address is ever asked for. */
const includedData = ["FULFILLMENT", "CANCELLATION"];
const pageSize = 100;
/** The most marketplaces that one search takes. */
const mostMarketplaces = 50;

const place = z.object({ since: z.string(), token: z.string() });

/** All of the region: an item's quantity is one number over its marketplaces, and so a sale on any of them lowers it. */
function marketplaceIdsOf({ facts, access }: Connection): string[] {
	const known = Array.isArray(facts.marketplaceIds) ? facts.marketplaceIds.filter((id) => typeof id === "string") : [];
	return known.length > 0 ? known.slice(0, mostMarketplaces) : [access.marketplaceId ?? ""];
}

/**
 * Orders that the merchant ships, in every status: pending ones have taken their units, cancelled ones have given them back.
 * A page costs one of the twenty searches that come back once in three minutes; beyond them it is `throttled`.
 */
export async function listOrders(
	connection: Connection,
	changedSince: Date,
	page: string | null,
): Promise<Page<OrderSnapshot>> {
	const at = page ? readCursor(place, page) : null;
	const since = at?.since ?? changedSince.toISOString();
	const query = {
		lastUpdatedAfter: since,
		marketplaceIds: marketplaceIdsOf(connection),
		fulfilledBy: "MERCHANT",
		includedData,
		maxResultsPerPage: pageSize,
		paginationToken: at?.token,
	};
	const found = await callAmazon(
		connection,
		{ operation: "searchOrders", method: "GET", path: "/orders/2026-01-01/orders", query },
		orderSearch,
	);
	const token = found.pagination?.nextToken;
	const { whole, odd } = sortOut(found.orders, ({ orderId }) => orderId);
	return { items: whole.map(snapshotOf), odd, next: token ? writeCursor({ since, token }) : null, total: null };
}

export async function readOrder(connection: Connection, orderRef: string): Promise<OrderSnapshot | null> {
	try {
		const path = `/orders/2026-01-01/orders/${encode(orderRef)}`;
		const call = { operation: "getOrder" as const, method: "GET" as const, path, query: { includedData } };
		return snapshotOf((await callAmazon(connection, call, orderReply)).order);
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}
