/** What every part of a sandbox store gets handed, and the small things that all platforms need from it. */
import { eq, sql } from "drizzle-orm";
import { type Database, dbFor } from "@/db/client";
import { sandboxStores } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "./sandbox-platform";

export type SandboxHost = {
	/** How this process is reached, without trailing slash. */
	origin: string;
	/** Without it the installation's own database. */
	databaseUrl?: string;
	now?: () => Date;
	/** Give a seeded one to repeat a run. */
	random?: () => number;
};

export const sandboxContext = ({
	origin,
	databaseUrl,
	now = () => new Date(),
	random = Math.random,
}: SandboxHost): SandboxContext => ({ db: dbFor("sandbox", databaseUrl), origin, now, random });

export const storeBaseUrl = (ctx: SandboxContext, store: Pick<SandboxStore, "platform" | "id">) =>
	`${ctx.origin}/sandbox/${store.platform}/${store.id}`;

/** A store's row may be this old when a request is answered; changes made in this process are seen at once. */
const storeTtlMs = 250;

type IdBlock = { next: number; end: number };
type Memory = {
	stores: Map<string, { store: SandboxStore | null; readAt: number }>;
	ids: Map<string, IdBlock>;
	refills: Map<string, Promise<void>>;
};
// Next's bundle and the front door each load their own copy of this module; the pools, and so this, are shared.
const shared = globalThis as { onecountSandboxMemory?: WeakMap<Database, Memory> };

function memoryOf(db: Database): Memory {
	shared.onecountSandboxMemory ??= new WeakMap();
	let memory = shared.onecountSandboxMemory.get(db);
	if (!memory) {
		memory = { stores: new Map(), ids: new Map(), refills: new Map() };
		shared.onecountSandboxMemory.set(db, memory);
	}
	return memory;
}

/** Null when there is no such store. */
export async function findStore(db: Database, storeId: string): Promise<SandboxStore | null> {
	const { stores } = memoryOf(db);
	const known = stores.get(storeId);
	if (known && performance.now() - known.readAt < storeTtlMs) return known.store;
	const [store = null] = await db.select().from(sandboxStores).where(eq(sandboxStores.id, storeId));
	stores.set(storeId, { store, readAt: performance.now() });
	return store;
}

/** After any change of a store's row. */
export function forgetStore(db: Database, storeId: string): void {
	memoryOf(db).stores.delete(storeId);
}

const idBlockSize = 200;

/**
 * The next `count` numbers of this store, in order and never given twice. Taken from the row in blocks, so that
 * parallel orders don't queue for it; a restart leaves a gap, as the real platforms' ids have.
 */
export async function takeIds(db: Database, storeId: string, count: number): Promise<number[]> {
	const { ids, refills } = memoryOf(db);
	if (count > idBlockSize) return range(await reserveIds(db, storeId, count), count);
	for (;;) {
		const block = ids.get(storeId);
		if (block && block.end - block.next >= count) {
			const first = block.next;
			block.next += count;
			return range(first, count);
		}
		let refill = refills.get(storeId);
		if (!refill) {
			refill = reserveIds(db, storeId, idBlockSize)
				.then((next) => void ids.set(storeId, { next, end: next + idBlockSize }))
				.finally(() => refills.delete(storeId));
			refills.set(storeId, refill);
		}
		await refill;
	}
}

async function reserveIds(db: Database, storeId: string, count: number): Promise<number> {
	const [row] = await db
		.update(sandboxStores)
		.set({ nextId: sql`${sandboxStores.nextId} + ${count}` })
		.where(eq(sandboxStores.id, storeId))
		.returning({ end: sandboxStores.nextId });
	if (!row) throw new Error(`Sandbox store ${storeId} is gone.`);
	return row.end - count;
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

const labels = new WeakMap<Request, string>();

/** What a request is about (`write`, `read`, `orders`, …), for the request log; the last word counts. */
export const labelRequest = (request: Request, what: string): void => void labels.set(request, what);

export const labelOf = (request: Request): string => labels.get(request) ?? request.method.toLowerCase();
