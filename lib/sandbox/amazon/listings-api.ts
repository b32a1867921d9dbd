import { createHash } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { findItem, type ItemRow, presentItem, selectItems, textList } from "./items";
import { changeAccount } from "./news";
import { accept, judge, readPatches } from "./submissions";
import { type Answer, type Call, csv, invalidInput, momentIn, SpError } from "./wire";

const dataNames = [
	"summaries",
	"attributes",
	"issues",
	"offers",
	"fulfillmentAvailability",
	"procurement",
	"relationships",
	"productTypes",
];
const mostWalked = 1_000;
const longestSku = 40;

function readIncluded(call: Call): string[] {
	const named = csv(call.query, "includedData");
	if (named.some((name) => !dataNames.includes(name))) throw invalidInput();
	return named.length > 0 ? named : ["summaries"];
}

/** One of the account's own. */
function checkMarketplace({ query, settings }: Call): void {
	const ids = csv(query, "marketplaceIds");
	if (ids.length === 0 || ids.some((id) => !settings.marketplaceIds.includes(id))) throw invalidInput();
}

const unknownSku = (sku: string, marketplaceId: string) =>
	new SpError(404, "NOT_FOUND", `SKU '${sku}' not found in marketplace ${marketplaceId}`, null);

export async function getItem(call: Call): Promise<Answer> {
	checkMarketplace(call);
	const included = readIncluded(call);
	const [, sku = ""] = call.parts;
	const row = await findItem(call.ctx.db, call.store.id, sku);
	if (!row) throw unknownSku(sku, call.settings.marketplaceId);
	return { body: presentItem(row, call.settings, included) };
}

const sorts: Record<string, SQL> = {
	sku: sql`i.sku collate "C"`,
	createdDate: sql`(i.data->>'createdDate')`,
	lastUpdatedDate: sql`to_char(i.modified_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`,
};

type Walk = { search: string; after: { key: string; sku: string }; walked: number };

/**
 * A page token goes with its search and no other. It stands behind the last item of its page (how Amazon makes its own is
 * unstated), and leads no further than a thousand items, however many were found.
 */
export async function searchItems(call: Call): Promise<Answer> {
	const { ctx, store, query, settings } = call;
	checkMarketplace(call);
	const included = readIncluded(call);
	const pageSize = Number(query.get("pageSize") ?? 10);
	if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 20) throw invalidInput();
	const sortName = query.get("sortBy") ?? "lastUpdatedDate";
	const sort = sorts[sortName];
	const direction = query.get("sortOrder") ?? "DESC";
	if (!sort || !["ASC", "DESC"].includes(direction)) throw invalidInput();
	const walk = readWalk(call);
	const where = sql.join(filtersOf(call), sql` and `);
	const [counted] = await ctx.db.execute<{ count: number }>(
		sql`select count(*)::int as count from (${selectItems(store.id, where)}) found`,
	);
	const isAscending = direction === "ASC";
	const behind = walk
		? isAscending
			? sql`(${sort}, i.sku collate "C") > (${walk.after.key}, ${walk.after.sku})`
			: sql`(${sort}, i.sku collate "C") < (${walk.after.key}, ${walk.after.sku})`
		: sql`true`;
	const way = isAscending ? sql`asc` : sql`desc`;
	const size = Math.min(pageSize, mostWalked - (walk?.walked ?? 0));
	const rows = await ctx.db.execute<ItemRow & { sort_key: string }>(sql`
		select found.*, ${sort} as sort_key from (${selectItems(store.id, sql`${where} and ${behind}`)}) found
		join sandbox.items i on i.store_id = ${store.id} and i.id = found.id
		order by ${sort} ${way}, i.sku collate "C" ${way} limit ${size + 1}`);
	const page = rows.slice(0, size);
	const last = page.at(-1);
	const walked = (walk?.walked ?? 0) + page.length;
	const hasNext = rows.length > size && walked < mostWalked && last !== undefined;
	const next: Walk | null = hasNext
		? { search: searchOf(query), after: { key: last.sort_key, sku: last.sku }, walked }
		: null;
	return {
		body: {
			numberOfResults: counted?.count ?? 0,
			...(next ? { pagination: { nextToken: Buffer.from(JSON.stringify(next)).toString("base64url") } } : {}),
			items: page.map((row) => presentItem(row, settings, included)),
		},
	};
}

function searchOf(query: URLSearchParams): string {
	const rest = [...query].filter(([name]) => name !== "pageToken").sort(([a], [b]) => (a < b ? -1 : 1));
	return createHash("sha256").update(JSON.stringify(rest)).digest("base64url").slice(0, 16);
}

function readWalk({ ctx, query, settings }: Call): Walk | null {
	const token = query.get("pageToken");
	if (token === null) return null;
	const other = invalidInput("Search parameters do not match the provided 'pageToken'");
	if (ctx.random() < settings.pageTokenGlitchRate) throw other;
	let walk: Walk;
	try {
		walk = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Walk;
	} catch {
		throw invalidInput();
	}
	if (walk.search !== searchOf(query)) throw other;
	return walk;
}

function filtersOf({ query }: Call): SQL[] {
	const identifiers = csv(query, "identifiers");
	const type = query.get("identifiersType");
	if (identifiers.length > 20 || identifiers.length > 0 !== (type !== null)) throw invalidInput();
	const column: Record<string, SQL> = { SKU: sql`i.sku`, ASIN: sql`i.data->>'asin'`, EAN: sql`i.data->>'gtin'` };
	if (type !== null && !column[type]) throw invalidInput();
	const createdAt = sql`(i.data->>'createdDate')::timestamptz`;
	const bounds: [string, (at: string) => SQL][] = [
		["createdAfter", (at) => sql`${createdAt} >= ${at}::timestamptz`],
		["createdBefore", (at) => sql`${createdAt} <= ${at}::timestamptz`],
		["lastUpdatedAfter", (at) => sql`i.modified_at >= ${at}::timestamptz`],
		["lastUpdatedBefore", (at) => sql`i.modified_at <= ${at}::timestamptz`],
	];
	return [
		type !== null ? sql`${column[type]} in ${textList(identifiers)}` : sql`true`,
		...bounds.flatMap(([name, filter]) => {
			const at = momentIn(query, name);
			return at ? [filter(at.toISOString())] : [];
		}),
	];
}

/** Understood is 200, whatever is thought of it. */
export async function patchItem(call: Call): Promise<Answer> {
	const { ctx, store, settings, query } = call;
	checkMarketplace(call);
	const [, sku = ""] = call.parts;
	if (sku.length > longestSku) throw invalidInput();
	const patches = readPatches(call.body);
	const isPreview = query.get("mode") === "VALIDATION_PREVIEW";
	return changeAccount(ctx, store, async (tx) => {
		const item = await findItem(tx, store.id, sku, sql`for update`);
		if (!item && settings.unknownSkuPatch === "refused") throw invalidInput();
		const issues = item ? judge(item, patches) : [];
		const isInvalid = issues.some(({ severity }) => severity === "ERROR");
		const submissionId =
			item && !isInvalid && !isPreview ? await accept(tx, ctx, store, item, patches, "patch") : crypto.randomUUID();
		return { body: { sku, status: isInvalid ? "INVALID" : isPreview ? "VALID" : "ACCEPTED", submissionId, issues } };
	});
}
