import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { knobsOf } from "../knobs";
import { textList } from "./items";
import { findOrder, type OrderLine, type OrderRow } from "./order-rows";
import { type Answer, type Call, csv, momentIn, notFound, SpError, stamp } from "./wire";

const dataNames = [
	"BUYER",
	"RECIPIENT",
	"PROCEEDS",
	"EXPENSE",
	"PROMOTION",
	"CANCELLATION",
	"FULFILLMENT",
	"PACKAGES",
	"TAX",
	"PAYMENT",
	"FULFILLMENT_ORDERS",
];
const nearestBoundMs = 2 * 60_000;
const tokenLifeMs = 24 * 60 * 60_000;

const invalidOrders = () =>
	new SpError(400, "InvalidInput", "The input you have submitted is not valid. Please check your input and try again.");

function readIncluded(query: URLSearchParams): string[] {
	const named = csv(query, "includedData");
	if (named.some((name) => !dataNames.includes(name))) throw invalidOrders();
	return named;
}

export async function getOrder(call: Call): Promise<Answer> {
	const included = readIncluded(call.query);
	const row = await findOrder(call.ctx.db, call.store.id, call.parts[0] ?? "");
	if (!row) throw notFound("The requested order was not found.");
	return { body: { order: present(row, included) } };
}

type Walk = { search: string; at: string; id: string; bound: string; madeAt: number };

/** What changed in the last two minutes is in no list yet: `lastUpdatedBefore` says where this one ends. */
export async function searchOrders(call: Call): Promise<Answer> {
	const { ctx, store, settings, query } = call;
	const included = readIncluded(query);
	const after = { created: momentIn(query, "createdAfter"), updated: momentIn(query, "lastUpdatedAfter") };
	const before = { created: momentIn(query, "createdBefore"), updated: momentIn(query, "lastUpdatedBefore") };
	const pageSize = Number(query.get("maxResultsPerPage") ?? 100);
	const isOne = (after.created === null) !== (after.updated === null);
	const isPaired =
		(before.created === null || after.created !== null) && (before.updated === null || after.updated !== null);
	if (!isOne || !isPaired || !Number.isInteger(pageSize) || pageSize < 1 || pageSize > 100) throw invalidOrders();
	const marketplaceIds = csv(query, "marketplaceIds");
	if (marketplaceIds.length > 50) throw invalidOrders();
	const nowMs = ctx.now().getTime();
	const given = before.created ?? before.updated;
	if (given && given.getTime() > nowMs - nearestBoundMs) throw invalidOrders();

	const walk = readWalk(call, nowMs);
	const lagMs = settings.ordersLagMs + knobsOf(store).listLagMs;
	const bound = walk?.bound ?? (given ?? new Date(nowMs - lagMs)).toISOString();
	const column = after.created ? sql`created_at` : sql`modified_at`;
	const statuses = csv(query, "fulfillmentStatuses");
	const fulfilledBy = csv(query, "fulfilledBy");
	const rows = await ctx.db.execute<OrderRow & { sort_key: string }>(sql`
		select id, status, data, created_at, modified_at, to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as sort_key
		from sandbox.orders
		where store_id = ${store.id} and ${column} >= ${(after.created ?? after.updated)?.toISOString() ?? null}::timestamptz and ${column} < ${bound}::timestamptz
			and (${marketplaceIds.length === 0} or data->>'marketplaceId' in ${textList(marketplaceIds)})
			and (${fulfilledBy.length === 0} or data->>'fulfilledBy' in ${textList(fulfilledBy)})
			and (${statuses.length === 0} or status in ${textList(statuses)})
			and (${walk === null} or (to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), id) > (${walk?.at ?? ""}, ${walk?.id ?? ""}))
		order by sort_key, id limit ${pageSize + 1}`);
	const page = rows.slice(0, pageSize);
	const last = page.at(-1);
	const next: Walk | null =
		rows.length > pageSize && last
			? { search: searchOf(query), at: last.sort_key, id: last.id, bound, madeAt: nowMs }
			: null;
	return {
		body: {
			orders: page.map((row) => present(row, included)),
			...(next ? { pagination: { nextToken: Buffer.from(JSON.stringify(next)).toString("base64url") } } : {}),
			...(after.created ? { createdBefore: bound } : { lastUpdatedBefore: bound }),
		},
	};
}

function searchOf(query: URLSearchParams): string {
	const rest = [...query].filter(([name]) => name !== "paginationToken").sort(([a], [b]) => (a < b ? -1 : 1));
	return createHash("sha256").update(JSON.stringify(rest)).digest("base64url").slice(0, 16);
}

function readWalk({ query }: Call, nowMs: number): Walk | null {
	const token = query.get("paginationToken");
	if (token === null) return null;
	let walk: Walk;
	try {
		walk = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Walk;
	} catch {
		throw invalidOrders();
	}
	if (walk.search !== searchOf(query) || walk.madeAt < nowMs - tokenLifeMs) throw invalidOrders();
	return walk;
}

function present(row: OrderRow, included: readonly string[]) {
	const { data } = row;
	return {
		orderId: row.id,
		createdTime: stamp(row.created_at),
		lastUpdatedTime: new Date(row.modified_at).toISOString(),
		salesChannel: { channelName: "AMAZON", marketplaceId: data.marketplaceId },
		...(included.includes("FULFILLMENT")
			? { fulfillment: { fulfillmentStatus: row.status, fulfilledBy: data.fulfilledBy } }
			: {}),
		orderItems: data.items.map((line) => presentLine(line, included)),
	};
}

function presentLine(line: OrderLine, included: readonly string[]) {
	const { quantityOrdered, quantityFulfilled, quantityCancelled, request, execution } = line;
	const hasCancellation = included.includes("CANCELLATION") && (request !== null || execution !== null);
	return {
		orderItemId: line.orderItemId,
		quantityOrdered,
		product: { asin: line.asin, title: line.title, sellerSku: line.sku },
		...(included.includes("FULFILLMENT")
			? {
					fulfillment: {
						quantityFulfilled,
						quantityUnfulfilled: quantityOrdered - quantityFulfilled - quantityCancelled,
					},
				}
			: {}),
		...(hasCancellation
			? {
					cancellation: {
						...(request ? { cancellationRequest: request } : {}),
						...(execution ? { cancellationExecution: execution } : {}),
					},
				}
			: {}),
	};
}
