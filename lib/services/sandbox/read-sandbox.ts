/** What the sandbox page shows of a merchant's stores: the outside world, seen with their owner's eyes. */
import { and, desc, eq, sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import { type Knobs, type Platform, sandboxOrders, sandboxRequests } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { storeBaseUrl } from "@/lib/sandbox/context";
import { knobsOf } from "@/lib/sandbox/knobs";
import { sandboxPlatform } from "@/lib/sandbox/platforms";
import { flushRequests } from "@/lib/sandbox/requests";
import type { SandboxContext, SandboxStore, ShownItem } from "@/lib/sandbox/sandbox-platform";
import {
	countDeliveries,
	dropsWebhooks,
	listSandboxStores,
	quantities,
	sandboxKeys,
	standingWebhooks,
} from "@/lib/sandbox/stores";
import { authorise, type Context, isAtLeast } from "../context";
import { type OpenLine, openLines } from "./order-lines";
import { ownStore, sandboxOf } from "./own-store";
import { entryNote, type OwnersDoor, ownersDoor, type ShownKey, shownKeys } from "./shown-keys";
import { readSetup, type StoreSetup } from "./store-setup";

export type SandboxStoreSummary = {
	id: string;
	platform: Platform;
	name: string;
	/** Orders a minute from made-up buyers. */
	lifePerMinute: number;
	/** Knobs that are not on a good day's setting. */
	turnedKnobs: number;
	/** The channel that it is connected as; null: not connected. */
	channelId: string | null;
};

export type SandboxOrder = {
	id: string;
	number: string;
	status: string;
	at: string;
	lines: OpenLine[];
};

export type ShelfItem = {
	sku: string;
	title: string;
	/** Null: the store keeps no count of it. */
	quantity: number | null;
	/** The SKU on whose row the number of their common stock stands; null: on this one. */
	sharesWith: string | null;
};

export type SandboxStoreView = SandboxStoreSummary & {
	baseUrl: string;
	/** The shop's own front page, for a browser on this machine. */
	frontPath: string;
	/** Null below manager: whoever has them can do anything in the store. */
	keys: ShownKey[] | null;
	/** How one gets into the store's own pages. */
	entryNote: string | null;
	/** Its own way to a connection; null: the platform has none. */
	ownersDoor: OwnersDoor | null;
	knobs: Knobs;
	setup: StoreSetup[];
	/** How often a shop that has a timer for it sends its news; null where the platform sends at once. */
	cronEveryMs: number | null;
	/** Its webhooks that stand; null where the platform never drops one. */
	droppableWebhooks: number | null;
	items: ShelfItem[];
	orders: SandboxOrder[];
	/** Newest first. */
	wire: { id: number; at: string; method: string; path: string; status: number; ms: number; what: string }[];
	/** News by what became of it: waiting, sent, failed, lost, dropped. */
	deliveries: Record<string, number>;
};

const shownOrders = 12;
const shownRequests = 40;

export async function readSandboxStores(ctx: Context): Promise<SandboxStoreSummary[]> {
	authorise(ctx, "viewer");
	const sandbox = sandboxOf();
	const [stores, channels] = await Promise.all([listSandboxStores(sandbox, ctx.merchantId), channelsByStore(ctx)]);
	return stores.map((store) => summaryOf(store, channels)).reverse();
}

export async function readSandboxStore(ctx: Context, storeId: string): Promise<SandboxStoreView> {
	authorise(ctx, "viewer");
	const { sandbox, store } = await ownStore(ctx, storeId);
	const [channels, keys, items, orders, wire, deliveries, webhooks] = await Promise.all([
		channelsByStore(ctx),
		isAtLeast(ctx.role, "manager") ? sandboxKeys(sandbox, storeId).then((own) => shownKeys(store.platform, own)) : null,
		quantities(sandbox, storeId),
		latestOrders(sandbox, store),
		latestRequests(sandbox, store),
		countDeliveries(sandbox, storeId),
		standingWebhooks(sandbox, storeId),
	]);
	const baseUrl = storeBaseUrl(sandbox, store);
	const frontPath = `${new URL(baseUrl).pathname}/`;
	return {
		...summaryOf(store, channels),
		baseUrl,
		frontPath,
		keys,
		entryNote: entryNote(store.platform),
		ownersDoor: ownersDoor(store.platform, storeId, frontPath),
		knobs: knobsOf(store),
		setup: readSetup(store),
		cronEveryMs: typeof store.settings.cronEveryMs === "number" ? store.settings.cronEveryMs : null,
		droppableWebhooks: dropsWebhooks(store.platform) ? webhooks.length : null,
		items: onceAPool(items),
		orders,
		wire,
		deliveries,
	};
}

function summaryOf(store: SandboxStore, channels: Map<string, string>): SandboxStoreSummary {
	return {
		id: store.id,
		platform: store.platform as Platform,
		name: store.name,
		lifePerMinute: store.lifePerMinute,
		turnedKnobs: Object.values(knobsOf(store)).filter((value) => value !== 0 && value !== false).length,
		channelId: channels.get(store.id) ?? null,
	};
}

/** Variants that sell from one stock each show all of it: the first says how much, the others whose it is. */
function onceAPool(items: readonly ShownItem[]): ShelfItem[] {
	const firsts = new Map<string, string>();
	return items.map(({ pool, ...item }) => {
		const sharesWith = (pool && firsts.get(pool)) || null;
		if (pool && !sharesWith) firsts.set(pool, item.sku);
		return { ...item, sharesWith };
	});
}

/** A channel knows its sandbox store by the address alone, as it would know a real one. */
async function channelsByStore(ctx: Context): Promise<Map<string, string>> {
	const rows = await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) =>
			statementsOf(tx)<{ id: string; store_id: string }>`
			select id, substring(base_url from '/sandbox/[a-z0-9_]+/([A-Za-z0-9_-]+)') as store_id from channels
			where is_sandbox and state <> 'disconnected'`,
	);
	return new Map(rows.map(({ id, store_id }) => [store_id, id]));
}

async function latestOrders(sandbox: SandboxContext, store: SandboxStore): Promise<SandboxOrder[]> {
	const rows = await sandbox.db
		.select()
		.from(sandboxOrders)
		.where(eq(sandboxOrders.storeId, await orderBookOf(sandbox, store)))
		.orderBy(desc(sandboxOrders.createdAt))
		.limit(shownOrders);
	const wordOf = sandboxPlatform(store.platform)?.statusWord ?? String;
	return rows.map(({ id, number, status, createdAt, data }) => ({
		id,
		number: number.startsWith("#") ? number : `#${number}`,
		status: wordOf(status).toLowerCase(),
		at: createdAt.toISOString(),
		lines: openLines(data),
	}));
}

/** A service that stands in front of other stores keeps no orders: they are in the first store's book. */
async function orderBookOf(sandbox: SandboxContext, { id }: SandboxStore): Promise<string> {
	const [behind] = await sandbox.db.execute<{ id: string }>(sql`
		select data->>'backingId' as id from sandbox.tokens
		where store_id = ${id} and data->>'backingId' is not null order by created_at limit 1`);
	return behind?.id ?? id;
}

async function latestRequests(sandbox: SandboxContext, store: SandboxStore): Promise<SandboxStoreView["wire"]> {
	await flushRequests(sandbox.db);
	const rows = await sandbox.db
		.select()
		.from(sandboxRequests)
		.where(and(eq(sandboxRequests.storeId, store.id)))
		.orderBy(desc(sandboxRequests.id))
		.limit(shownRequests);
	return rows.map(({ storeId: _, at, ...row }) => ({ ...row, at: at.toISOString() }));
}
