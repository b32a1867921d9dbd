import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { kindsOf, type LogFilter, outcomeStates } from "@/lib/format/log-filter";
import { isStillToSetBack } from "./confirmations";

/** A list as one array literal: a bound list would be spread into many parameters, a sub-select would be planned as a join. */
const oneOf = (values: readonly string[]) =>
	sql`any(${`{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`}::text[])`;
const oneUuidOf = (values: readonly string[]) => sql`any(${`{${values.join(",")}}`}::uuid[])`;

/**
 * Where a filter's lines are looked for: the index that fits its narrowest chip. Everything else is sifted
 * ({@link siftLines}), a bounded number of rows at a time.
 */
export type LogSource = {
	/** A condition on sync_log that an index answers. */
	where: SQL;
	/** True: the chip itself is narrow, and sifting need not be bounded. */
	isNarrow: boolean;
};

export async function findSource(tx: Transaction, merchantId: string, filter: LogFilter): Promise<LogSource> {
	const found = [
		filter.orders.length > 0 ? await ofOrders(tx, merchantId, filter.orders) : null,
		filter.skus.length > 0 ? await ofSkus(tx, merchantId, filter.skus) : null,
		filter.text !== "" ? await ofText(tx, merchantId, filter.text) : null,
	].filter((where) => where !== null);
	return {
		where: found.length > 0 ? sql.join(found, sql` and `) : sql`merchant_id = ${merchantId}::uuid`,
		isNarrow: filter.orders.length > 0,
	};
}

async function ofOrders(tx: Transaction, merchantId: string, typed: readonly string[]): Promise<SQL> {
	const numbers = typed.flatMap((order) => [order, order.replace(/^#/, ""), `#${order.replace(/^#/, "")}`]);
	const found = (await tx.execute(sql`
		select distinct order_ref from orders
		where merchant_id = ${merchantId}::uuid and number = ${oneOf(numbers)}`)) as unknown as { order_ref: string }[];
	const refs = [...new Set([...typed, ...found.map(({ order_ref }) => order_ref)])];
	return sql`merchant_id = ${merchantId}::uuid and order_ref = ${oneOf(refs)}`;
}

async function ofSkus(tx: Transaction, merchantId: string, codes: readonly string[]): Promise<SQL> {
	const found = (await tx.execute(sql`
		select id from skus
		where merchant_id = ${merchantId}::uuid
			and code_normalised in (
				select upper(regexp_replace(value, '[^[:alnum:]]', '', 'g')) from jsonb_array_elements_text(${JSON.stringify(codes)}::jsonb))
			and lower(code) = ${oneOf(codes.map((code) => code.toLowerCase()))}`)) as unknown as { id: string }[];
	return ofIds(found);
}

/** Beyond so many SKUs their rows are sifted out of all rows. */
const fewSkus = 50;

/** Null: too many SKUs are called so. */
async function ofText(tx: Transaction, merchantId: string, text: string): Promise<SQL | null> {
	const found = (await tx.execute(sql`
		select id from skus where merchant_id = ${merchantId}::uuid and ${isCalled(text)} limit ${fewSkus + 1}`)) as unknown as {
		id: string;
	}[];
	return found.length > fewSkus ? null : ofIds(found);
}

function ofIds([first, ...rest]: { id: string }[]): SQL {
	if (!first) return sql`false`;
	// With one SKU the index also gives the order; with more their rows are sorted.
	if (rest.length === 0) return sql`sku_id = ${first.id}::uuid`;
	return sql`sku_id = ${oneUuidOf([first, ...rest].map(({ id }) => id))}`;
}

/** As {@link matchesFilter} looks for free text. */
const isCalled = (text: string) =>
	sql`code || ' ' || concat_ws(', ', title, options) ilike ${`%${text.replace(/[\\%_]/g, "\\$&")}%`}`;

/** The chips that no index answers, as a condition on rows `l`. */
export function siftLines(filter: LogFilter): SQL {
	const { channelIds, outcomes, causes, text } = filter;
	const kinds = causes.flatMap((cause) => kindsOf(cause).kinds);
	const changes = causes.flatMap((cause) => kindsOf(cause).causes);
	const conditions = [
		causes.length === 0
			? sql`l.kind <> 'push.applied'`
			: sql`(l.kind = ${oneOf(kinds)} or (l.kind = 'stock.changed' and coalesce(l.data->>'cause', 'order') = ${oneOf(changes)}))`,
		channelIds.length > 0 ? sql`l.channel_id = ${oneUuidOf(channelIds)}` : null,
		outcomes.length > 0
			? sql`${stateNow} = ${oneOf([...new Set(outcomes.flatMap((outcome) => outcomeStates[outcome]))])}`
			: null,
		text !== "" ? sql`l.sku_id in (select id from skus where ${isCalled(text)})` : null,
	];
	return sql.join(
		conditions.filter((condition) => condition !== null),
		sql` and `,
	);
}

/**
 * The state of a row `l` as {@link logState} sees it: a change is on its way while a selling channel still has to be told,
 * a number that is set back until it has been written.
 */
export const stateNow = sql`
	case when l.kind = 'stock.changed' and l.state = 'ok' and exists (
		select from slots s join channels c on c.id = s.channel_id and c.state = 'live' and (c.pushing_since is null or c.pushing_since <= l.at)
		where s.sku_id = l.sku_id and s.is_pending and s.confirmed_sku_version < l.sku_version
			and (l.data->>'locationId' is null or (l.data->>'locationId')::uuid = any(c.location_ids))
	) then 'go'
	when l.kind = 'level.healed' then case when ${isStillToSetBack} then 'go' else 'ok' end
	else l.state end`;
