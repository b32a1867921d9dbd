/**
 * What only the legacy stock item tells of a product: whether it is counted, its threshold, whether it sells below zero. One call
 * a product, and changed by hand alone, so that it is remembered for a while.
 */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import { type StockItem, stockItem } from "./api-types";
import { callMagento, isGone } from "./client";
import { encode } from "./oauth";

export type StockSettings = { isManaged: boolean; minQty: number; backorders: boolean };

const rememberedMs = 60 * 60_000;
const mostRemembered = 50_000;
const remembered = new Map<string, { settings: StockSettings; at: number }>();

const keyOf = ({ channelId, baseUrl }: Connection, sku: string) => `${channelId} ${baseUrl} ${sku}`;

const settingsIn = (item: StockItem): StockSettings => ({
	isManaged: item.manage_stock,
	minQty: item.min_qty,
	backorders: item.backorders > 0,
});

/** Known from an earlier reading; null: nothing is known. */
export function knownSettings(connection: Connection, sku: string): StockSettings | null {
	const known = remembered.get(keyOf(connection, sku));
	return known && connection.now().getTime() - known.at < rememberedMs ? known.settings : null;
}

/** The stock item of each SKU; absent where the store has no such product. `known`: what was read before will do. */
export async function readSettings(
	connection: Connection,
	{ anew, known }: { anew: readonly string[]; known: readonly string[] },
): Promise<Map<string, StockSettings>> {
	const found = new Map<string, StockSettings>();
	const toRead = new Set(anew);
	for (const sku of known) {
		const settings = knownSettings(connection, sku);
		if (settings) found.set(sku, settings);
		else toRead.add(sku);
	}
	await eachOf([...toRead], async (sku) => {
		const settings = await readOne(connection, sku);
		if (!settings) return;
		found.set(sku, settings);
		remember(connection, sku, settings);
	});
	return found;
}

/** Map keeps the order in which keys were set: the oldest goes first. */
function remember(connection: Connection, sku: string, settings: StockSettings): void {
	const key = keyOf(connection, sku);
	remembered.delete(key);
	remembered.set(key, { settings, at: connection.now().getTime() });
	const [oldest] = remembered.keys();
	if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
}

async function readOne(connection: Connection, sku: string): Promise<StockSettings | null> {
	try {
		return settingsIn(await readStockItem(connection, sku));
	} catch (error) {
		if (isGone(error)) return null;
		// Some web servers refuse a slash in an address, however it is encoded; the configuration says what holds by default.
		if (isRefusedSlash(sku, error)) return byDefault(connection);
		throw error;
	}
}

export const readStockItem = (connection: Connection, sku: string): Promise<StockItem> =>
	callMagento(connection, { method: "GET", path: `/V1/stockItems/${encode(sku)}` }, stockItem);

/** Of a page that is not found, of a route that a proxy made of it, and of a signature over another path. */
const pathCodes: ReadonlySet<string | null> = new Set(["HTTP_404", "NO_ROUTE", "SIGNATURE"]);

export const isRefusedSlash = (sku: string, error: unknown): boolean =>
	sku.includes("/") && error instanceof ChannelError && pathCodes.has(error.code);

const byDefault = ({ facts }: Connection): StockSettings => ({
	isManaged: true,
	minQty: typeof facts.minQty === "number" ? facts.minQty : 0,
	backorders: facts.backorders === true,
});

/** Two at a time; the first that throws ends it. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
	const queue = items.values();
	const worker = async () => {
		for (const item of queue) await work(item);
	};
	await Promise.all([worker(), worker()]);
}
