/** /v2/inventory: changes are written to the ledger, all of a call or none; counts and changes are read from it. */
import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { sandboxIdempotency } from "@/db/schema";
import { idList, type Row, selectRows } from "./catalogue";
import { applyChanges, type Change, type Count, countsOf } from "./ledger";
import { changeAccount, countsNews } from "./news";
import { locationsOf, newId } from "./settings";
import {
	type Call,
	demand,
	endOfTime,
	invalid,
	missing,
	notFound,
	readCursor,
	readLimit,
	readTime,
	SquareFault,
	writeCursor,
} from "./wire";

const mostChanges = 100;
const oldestMs = 24 * 3_600_000;

/** What an app may move; every other state is Square's own to set. */
const moves: readonly string[] = ["IN_STOCK SOLD", "NONE IN_STOCK", "UNLINKED_RETURN IN_STOCK", "IN_STOCK WASTE"];

/** `share`: how much of a call that is throttled is done all the same, under its key. */
export async function postChanges(call: Call, share = 1): Promise<unknown> {
	demand(call, "INVENTORY_WRITE");
	const { ctx, store, body } = call;
	const key: unknown = body.idempotency_key;
	if (typeof key !== "string" || key === "") throw missing("idempotency_key");
	if (key.length > 128)
		throw invalid("VALUE_TOO_LONG", "Field must not be greater than 128 in length", "idempotency_key");
	const asked: unknown = body.changes;
	if (!Array.isArray(asked) || asked.length === 0) throw missing("changes");
	if (asked.length > mostChanges)
		throw invalid("ARRAY_LENGTH_TOO_LONG", `At most ${mostChanges} changes are allowed.`, "changes");
	const print = createHash("sha256").update(JSON.stringify(body)).digest("hex");

	return changeAccount(ctx, store, async (tx, tell) => {
		// Of two calls with one key at once the second waits for the first.
		const [begun] = await tx
			.insert(sandboxIdempotency)
			.values({ storeId: store.id, key, request: print, at: ctx.now() })
			.onConflictDoNothing()
			.returning({ key: sandboxIdempotency.key });
		const where = sql`${eq(sandboxIdempotency.storeId, store.id)} and ${eq(sandboxIdempotency.key, key)}`;
		if (!begun) {
			const [known] = await tx.select().from(sandboxIdempotency).where(where);
			if (known?.request === print) return known.reply;
			throw invalid(
				"IDEMPOTENCY_KEY_REUSED",
				"The idempotency key can only be retried with the same request data.",
				"idempotency_key",
			);
		}
		const changes = (await readChanges(call, asked)).slice(0, Math.ceil(asked.length * share));
		const kept = body.ignore_unchanged_counts === false ? changes : await withoutUnchanged(call, changes);
		const moved = await applyChanges(tx, store.id, kept);
		tell(await countsNews(tx, ctx, store, moved));
		const answer = {
			counts: moved.flatMap(({ count, changedStates }) => presentCounts(count, ["IN_STOCK", ...changedStates])),
			changes: kept.map(presentChange),
		};
		await tx.update(sandboxIdempotency).set({ reply: answer }).where(where);
		return answer;
	});
}

type AskedChange = Record<string, Record<string, unknown> | string | null | undefined>;

const isObject = (value: unknown): value is AskedChange =>
	typeof value === "object" && value !== null && !Array.isArray(value);

async function readChanges(call: Call, asked: readonly unknown[]): Promise<Change[]> {
	const { ctx, store, settings } = call;
	const ids = asked.filter(isObject).flatMap(({ adjustment, physical_count }) => {
		const part = adjustment ?? physical_count;
		const id = isObject(part) ? part.catalog_object_id : null;
		return typeof id === "string" ? [id] : [];
	});
	const rows = await ctx.db.execute<Row>(
		selectRows(
			sql`store_id = ${store.id} and kind = 'variation' and (data->>'isDeleted')::boolean = false and id in ${idList(ids)}`,
		),
	);
	const byId = new Map(rows.map((row) => [row.id, row]));
	return asked.map((one, index) => {
		try {
			return readChange(call, one, byId);
		} catch (fault) {
			if (!(fault instanceof SquareFault)) throw fault;
			const named = fault.field ? `changes[${index}].${fault.field}` : `changes[${index}]`;
			const field = settings.namesBadChange ? named : null;
			throw new SquareFault(fault.status, fault.category, fault.code, fault.detail, field);
		}
	});
}

function readChange({ ctx, store, caller }: Call, one: unknown, known: ReadonlyMap<string, Row>): Change {
	if (!isObject(one)) throw invalid("EXPECTED_OBJECT", "Expected an object value.");
	const { type } = one;
	const part = type === "PHYSICAL_COUNT" ? "physical_count" : "adjustment";
	const given = one[part];
	if (type !== "ADJUSTMENT" && type !== "PHYSICAL_COUNT")
		throw invalid("INVALID_ENUM_VALUE", `\`${type}\` is not a type of change that can be written.`, "type");
	if (!isObject(given)) throw missing(part);
	const text = (name: string): string => {
		const value = given[name];
		if (typeof value !== "string" || value === "") throw missing(`${part}.${name}`);
		return value;
	};
	const variation = known.get(text("catalog_object_id"));
	if (!variation)
		throw notFound(`Catalog object with ID \`${given.catalog_object_id}\` not found.`, `${part}.catalog_object_id`);
	if (variation.data.conversion)
		throw invalid("INVALID_VALUE", "The item variation is not stockable.", `${part}.catalog_object_id`);
	const locationId = text("location_id");
	if (!locationsOf(store).includes(locationId))
		throw notFound(`Location \`${locationId}\` not found.`, `${part}.location_id`);
	const quantity = text("quantity");
	const isCount = type === "PHYSICAL_COUNT";
	if (!/^\d+(\.\d{1,5})?$/.test(quantity) || (!isCount && Number(quantity) === 0))
		throw invalid("INVALID_VALUE", `\`${quantity}\` is not a valid quantity.`, `${part}.quantity`);
	const occurredAt = readTime(text("occurred_at"), `${part}.occurred_at`) ?? new Date(0);
	const now = ctx.now();
	const ageMs = now.getTime() - occurredAt.getTime();
	if (ageMs < 0 || ageMs > oldestMs)
		throw invalid(
			"INVALID_TIME",
			"`occurred_at` must not be in the future, and not be more than 24 hours ago.",
			`${part}.occurred_at`,
		);
	const base = {
		id: newId(ctx.random),
		variationId: variation.id,
		locationId,
		quantity: Number(quantity),
		occurredAt,
		createdAt: now,
		referenceId: typeof given.reference_id === "string" ? given.reference_id : undefined,
		source: {
			product: "EXTERNAL_API",
			application_id: store.secrets.clientId,
			name: caller.isApp ? "App" : "Agreed app",
		},
	};
	if (isCount) {
		if (text("state") !== "IN_STOCK")
			throw invalid("INVALID_VALUE", `\`${given.state}\` can't be counted.`, `${part}.state`);
		return { ...base, type };
	}
	const [from, to] = [text("from_state"), text("to_state")];
	if (!moves.includes(`${from} ${to}`))
		throw invalid("INVALID_VALUE", `Units can't be moved from ${from} to ${to}.`, `${part}.to_state`);
	return { ...base, type, from, to };
}

async function withoutUnchanged({ ctx, store }: Call, changes: readonly Change[]): Promise<Change[]> {
	const recounts = changes.filter(({ type }) => type === "PHYSICAL_COUNT").map(({ variationId }) => variationId);
	if (recounts.length === 0) return [...changes];
	const counts = await countsOf(ctx.db, store.id, recounts);
	return changes.filter((change) => {
		if (change.type !== "PHYSICAL_COUNT") return true;
		const count = counts.find(
			(one) => one.variation_id === change.variationId && one.location_id === change.locationId,
		);
		return !count || Number(count.quantity) !== change.quantity;
	});
}

export const presentCounts = (count: Count, states: readonly string[]) =>
	[...new Set(states)].map((state) => ({
		catalog_object_id: count.variation_id,
		catalog_object_type: "ITEM_VARIATION",
		state,
		location_id: count.location_id,
		quantity: state === "SOLD" ? count.sold : count.quantity,
		calculated_at: new Date(count.calculated_at).toISOString(),
	}));

/** Newest first. What was never counted has no row, and neither has what is gone. */
export async function retrieveCounts(call: Call): Promise<unknown> {
	demand(call, "INVENTORY_READ");
	const { ctx, store, body } = call;
	const limit = readLimit(body.limit, 1_000, 100);
	const after = readTime(body.updated_after, "updated_after");
	const [at, id] = readCursor(body.cursor, 2) ?? [];
	const ids: string[] | null = body.catalog_object_ids ?? null;
	const places: string[] | null = body.location_ids ?? null;
	if (body.states && !(body.states as string[]).includes("IN_STOCK")) return {};
	const rows = await ctx.db.execute<Count & { id: string; at: string }>(sql`
		select c.id, c.modified_at::text as "at", c.parent_id variation_id, c.data->>'location' location_id, c.data->>'quantity' quantity,
			c.data->>'sold' sold, c.data->>'countedAt' counted_at, c.modified_at calculated_at
		from sandbox.items c join sandbox.items v on v.store_id = c.store_id and v.id = c.parent_id and (v.data->>'isDeleted')::boolean = false
		where c.store_id = ${store.id} and c.kind = 'count'
			and (${ids === null} or c.parent_id in ${idList(ids ?? [])})
			and (${places === null} or c.data->>'location' in ${idList(places ?? [])})
			and (${after === null} or c.modified_at > ${(after ?? new Date(0)).toISOString()}::timestamptz)
			and (${at === undefined} or (c.modified_at, c.id) < (${at ?? "1970-01-01"}::timestamptz, ${id ?? ""}))
		order by c.modified_at desc, c.id desc limit ${limit + 1}`);
	const last = rows[limit - 1];
	const counts = rows.slice(0, limit).flatMap((row) => presentCounts(row, ["IN_STOCK"]));
	return {
		...(counts.length > 0 && { counts }),
		...(rows.length > limit && last && { cursor: writeCursor([last.at, last.id]) }),
	};
}

function presentChange(change: Change) {
	const common = {
		id: change.id,
		...(change.referenceId && { reference_id: change.referenceId }),
		catalog_object_id: change.variationId,
		catalog_object_type: "ITEM_VARIATION",
		location_id: change.locationId,
		quantity: String(change.quantity),
		occurred_at: change.occurredAt.toISOString(),
		created_at: change.createdAt.toISOString(),
		...(change.source && { source: change.source }),
	};
	if (change.type === "PHYSICAL_COUNT") return { type: change.type, physical_count: { ...common, state: "IN_STOCK" } };
	return {
		type: change.type,
		adjustment: {
			...common,
			from_state: change.from,
			to_state: change.to,
			...(change.transactionId && { transaction_id: change.transactionId }),
			...(change.refundId && { refund_id: change.refundId }),
		},
	};
}

type KeptChange = {
	id: string;
	parent_id: string;
	at: string;
	modified_at: string;
	data: {
		type: Change["type"];
		location: string;
		quantity: string;
		occurredAt: string;
		from: string;
		to: string;
	} & Pick<Change, "referenceId" | "transactionId" | "refundId" | "source">;
};

/** By `occurred_at`, oldest first. */
export async function retrieveChanges(call: Call): Promise<unknown> {
	demand(call, "INVENTORY_READ");
	const { ctx, store, body } = call;
	const limit = readLimit(body.limit, 1_000, 100);
	const after = readTime(body.updated_after, "updated_after") ?? new Date(0);
	const before = readTime(body.updated_before, "updated_before") ?? endOfTime;
	const [at = "1970-01-01", id = ""] = readCursor(body.cursor, 2) ?? [];
	const ids: string[] | null = body.catalog_object_ids ?? null;
	const places: string[] | null = body.location_ids ?? null;
	const types: string[] | null = body.types ?? null;
	const rows = await ctx.db.execute<KeptChange>(sql`
		select id, parent_id, data->>'occurredAt' as "at", modified_at, data from sandbox.items
		where store_id = ${store.id} and kind = 'change'
			and (${ids === null} or parent_id in ${idList(ids ?? [])})
			and (${places === null} or data->>'location' in ${idList(places ?? [])})
			and (${types === null} or data->>'type' in ${idList(types ?? [])})
			and modified_at > ${after.toISOString()}::timestamptz and modified_at < ${before.toISOString()}::timestamptz
			and ((data->>'occurredAt')::timestamptz, id) > (${at}::timestamptz, ${id})
		order by (data->>'occurredAt')::timestamptz, id limit ${limit + 1}`);
	const changes = rows.slice(0, limit).map(({ id, parent_id, modified_at, data }) =>
		presentChange({
			...data,
			id,
			variationId: parent_id,
			locationId: data.location,
			quantity: Number(data.quantity),
			occurredAt: new Date(data.occurredAt),
			createdAt: new Date(modified_at),
		}),
	);
	const last = rows[limit - 1];
	return {
		...(changes.length > 0 && { changes }),
		...(rows.length > limit && last && { cursor: writeCursor([last.at, last.id]) }),
	};
}
