/** *.update.batch: checked whole, taken in, worked off later; the outcome of each row is read by the job's number. */
import { sql } from "drizzle-orm";
import { takeIds } from "../context";
import { readPlace } from "./paging";
import { type Kind, readChange, textOf, updateStock } from "./stock-api";
import { A2cError, type Answer, badParameter, dateOut, missing, type StoreCall } from "./wire";

const mostRows = 250;

type Row = Record<string, unknown>;
type Item = {
	id: number;
	status: "success" | "partial" | "failed";
	entity_id: string | null;
	errors: string[];
	warnings: string[];
};
type Job = {
	storeKey: string;
	method: string;
	kind: Kind;
	rows: Row[];
	createdAt: string;
	startsAt: string;
	endsAt: string;
	items: Item[] | null;
};

export const postBatch =
	(kind: Kind) =>
	async (call: StoreCall): Promise<Answer> => {
		const rows = readRows(call, kind);
		const [id = 0] = await takeIds(call.ctx.db, call.store.id, 1);
		const now = call.ctx.now().getTime();
		const { starts, ends } = call.settings.batchMs;
		const at = (ms: number) => new Date(now + ms).toISOString();
		const job: Job = {
			storeKey: call.cart.storeKey,
			method: call.method,
			kind,
			rows,
			createdAt: at(0),
			startsAt: at(starts),
			endsAt: at(ends),
			items: null,
		};
		await call.ctx.db.execute(sql`
			insert into sandbox.items (store_id, id, kind, data, modified_at)
			values (${call.store.id}, ${`job-${id}`}, 'job', ${JSON.stringify(job)}::jsonb, ${call.ctx.now().toISOString()}::timestamptz)`);
		return { result: { job_id: String(id) } };
	};

/** One bad row and nothing is taken in. */
function readRows({ body }: StoreCall, kind: Kind): Row[] {
	const { payload } = body;
	if (payload === undefined) throw missing("payload");
	if (!Array.isArray(payload) || payload.length === 0 || payload.length > mostRows)
		throw badParameter(`Parameter 'payload' is not valid. The number of items must be between 1 and ${mostRows}.`);
	const seen = new Set<string>();
	for (const [index, row] of (payload as Row[]).entries()) {
		const id = textOf(row, "id");
		const productId = kind === "variant" ? textOf(row, "product_id") : "";
		if (!id) throw new A2cError(114, `Parameter 'payload[${index}][id]' is required.`);
		if (productId === null) throw new A2cError(114, `Parameter 'payload[${index}][product_id]' is required.`);
		if (seen.has(`${productId} ${id}`))
			throw badParameter(`Parameter 'payload[${index}][id]' is not valid. Duplicate id '${id}'.`);
		seen.add(`${productId} ${id}`);
		readChange(row);
	}
	return payload as Row[];
}

/** Jobs that are due are done when anybody looks: one after the other, each once. */
export async function workOff(call: StoreCall): Promise<void> {
	const now = call.ctx.now().toISOString();
	for (;;) {
		const isDone = await call.ctx.db.transaction(async (tx) => {
			const [row] = await tx.execute<{ id: string; data: Job }>(sql`
				select id, data from sandbox.items where store_id = ${call.store.id} and kind = 'job'
					and data->>'storeKey' = ${call.cart.storeKey} and data->>'endsAt' <= ${now} and data->'items' = 'null'::jsonb
				order by length(id), id limit 1 for update skip locked`);
			if (!row) return true;
			const items: Item[] = [];
			for (const [index, one] of row.data.rows.entries()) items.push(await doRow(call, row.data.kind, one, index));
			await tx.execute(sql`
				update sandbox.items set data = jsonb_set(data, '{items}', ${JSON.stringify(items)}::jsonb)
				where store_id = ${call.store.id} and id = ${row.id}`);
			return false;
		});
		if (isDone) return;
	}
}

async function doRow(call: StoreCall, kind: Kind, row: Row, id: number): Promise<Item> {
	const item: Item = { id, status: "success", entity_id: textOf(row, "id"), errors: [], warnings: [] };
	try {
		if (await updateStock(call, kind, row)) return item;
		const warning = `Nothing to update for the key payload[${id}]. The provided data is identical to the current product data.`;
		return { ...item, status: "partial", warnings: [warning] };
	} catch (error) {
		if (!(error instanceof A2cError)) throw error;
		// Of a row that fails on the platform the id is not told (recorded); of one that is not found it is.
		return {
			...item,
			status: "failed",
			entity_id: error.code === 112 ? item.entity_id : null,
			errors: [error.message],
		};
	}
}

export async function batchResult(call: StoreCall): Promise<Answer> {
	const id = call.query.get("id");
	if (!id) throw missing("id");
	const [row] = await call.ctx.db.execute<{ data: Job }>(sql`
		select data from sandbox.items where store_id = ${call.store.id} and kind = 'job' and id = ${`job-${id}`}
			and data->>'storeKey' = ${call.cart.storeKey}`);
	if (!row) throw new A2cError(112, `Job with id ${id} not found`);
	const { items, method } = row.data;
	if (!items) throw new A2cError(12, "There are no result for this job yet. Please try again later.");
	return {
		result: {
			job_id: Number(id),
			job_name: method,
			items_processed: items.length,
			items_succeed: items.filter(({ status }) => status === "success").length,
			items,
		},
	};
}

export async function listJobs(call: StoreCall): Promise<Answer> {
	const place = readPlace(call, []);
	const rows = await call.ctx.db.execute<{ id: string; data: Job }>(sql`
		select id, data from sandbox.items where store_id = ${call.store.id} and kind = 'job' and data->>'storeKey' = ${call.cart.storeKey}
		order by length(id), id limit ${place.limit} offset ${place.offset}`);
	const now = call.ctx.now().toISOString();
	const statusOf = ({ items, startsAt }: Job) => (items ? "processed" : startsAt <= now ? "in_progress" : "pending");
	return {
		pagination: { previous: null, next: null },
		result: {
			jobs: rows.map(({ id, data }) => ({
				id: id.slice(4),
				method: data.method,
				status: statusOf(data),
				created_time: dateOut(data.createdAt),
				processed_time: data.items ? dateOut(data.endsAt) : null,
			})),
		},
	};
}
