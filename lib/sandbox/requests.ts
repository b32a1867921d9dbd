/** The log of what came over the wire, written in batches: a request must not cost a statement of its own. */
import { sql } from "drizzle-orm";
import type { Database } from "@/db/client";

export type WireRequest = {
	storeId: string;
	at: Date;
	method: string;
	path: string;
	status: number;
	ms: number;
	what: string;
};

const flushEveryMs = 100;
const keptFor = "24 hours";
const pruneEveryMs = 60_000;

type Buffered = {
	rows: WireRequest[];
	timer: NodeJS.Timeout | null;
	/** The flush under way, and behind it whoever asked for another. */
	flushing: Promise<void>;
	prunedAt: number;
};
const shared = globalThis as { onecountSandboxRequests?: WeakMap<Database, Buffered> };

function bufferOf(db: Database): Buffered {
	shared.onecountSandboxRequests ??= new WeakMap();
	let buffered = shared.onecountSandboxRequests.get(db);
	if (!buffered) {
		buffered = { rows: [], timer: null, flushing: Promise.resolve(), prunedAt: performance.now() };
		shared.onecountSandboxRequests.set(db, buffered);
	}
	return buffered;
}

export function recordRequest(db: Database, row: WireRequest): void {
	const buffered = bufferOf(db);
	buffered.rows.push(row);
	// A log that can't be written must not take the store down with it.
	buffered.timer ??= setTimeout(() => void flushRequests(db).catch(() => {}), flushEveryMs);
}

/** Writes what is still in memory; for tests and counters that must see every request. */
export function flushRequests(db: Database): Promise<void> {
	const buffered = bufferOf(db);
	const flush = buffered.flushing.catch(() => {}).then(() => write(db, buffered));
	buffered.flushing = flush;
	return flush;
}

async function write(db: Database, buffered: Buffered): Promise<void> {
	if (buffered.timer) clearTimeout(buffered.timer);
	buffered.timer = null;
	const rows = buffered.rows.splice(0);
	if (rows.length > 0)
		// The join leaves out stores that were deleted meanwhile.
		await db.execute(sql`
			insert into sandbox.requests (store_id, at, method, path, status, ms, what)
			select r.store_id, r.at, r.method, r.path, r.status, r.ms, r.what
			from json_to_recordset(${JSON.stringify(rows.map(toRow))}::json)
				as r(store_id text, at timestamptz, method text, path text, status int, ms int, what text)
			join sandbox.stores s on s.id = r.store_id`);
	if (performance.now() - buffered.prunedAt > pruneEveryMs) {
		buffered.prunedAt = performance.now();
		await db.execute(sql`
			delete from sandbox.requests where id in (
				select id from (select id, at from sandbox.requests order by id limit 20000) oldest
				where at < now() - ${sql.raw(`interval '${keptFor}'`)})`);
	}
}

const toRow = (row: WireRequest) => ({
	store_id: row.storeId,
	at: row.at,
	method: row.method,
	path: row.path.slice(0, 500),
	status: row.status,
	ms: Math.round(row.ms),
	what: row.what,
});
