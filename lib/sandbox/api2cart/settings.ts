/** What an API2Cart sandbox account is set to: which store lies behind it, and whatever the service leaves open or platforms differ in. */
import type { SandboxStore } from "../sandbox-platform";

export type A2cSettings = {
	/** The sandbox store that API2Cart stands in front of. `storeId` null: one of this kind is made when the account is first filled. */
	backing: { platform: string; storeId: string | null };
	/** Shown as another cart than the backing store's own; null: its own. */
	cartId: string | null;
	/** The store is seen through its own hands alone, as those kinds are whose rows API2Cart's sandbox can't read. */
	isPlain: boolean;
	/** False: API2Cart lost its way to the store (credentials changed, host down). */
	isConnected: boolean;
	/** The account's key was switched off in its dashboard. */
	isKeyOff: boolean;
	/** Parallel calls of the whole account and of one store; more are refused with codes 10 and 7. */
	mostCalls: { account: number; store: number };
	/** Over this many calls a minute the cart's own throttle answers, as code 110; 0: never. */
	cartCallsPerMinute: number;
	/** increase_quantity and reduce_quantity are a reading and a writing, this far apart; null: one atomic step. */
	racyWindowMs: number | null;
	/** What is written shows after this long (marketplaces process feeds); 0: at once. */
	visibleAfterMs: number;
	/** A batch is in progress after the first and processed after the second. 27 s to 21 minutes were recorded. */
	batchMs: { starts: number; ends: number };
	/** Offers *.update.batch; few platforms do. */
	hasBatch: boolean;
	/** Offers order.update. */
	hasOrderUpdate: boolean;
	/** Refuses `start`: lists can be walked by cursor only, as Shopify's. */
	refusesStart: boolean;
	/** A child list's cursor keeps a position and forgets which product was asked for (recorded on Amazon). */
	cursorCrossesParents: boolean;
	/** The same of products that are asked for by their ids. */
	cursorForgetsIds: boolean;
	/** A list of what is asked for by its ids is "not found" where one of them is. */
	missesOneMissesAll: boolean;
	/** A list holds at most so many rows, whatever `count` says; null: as many as asked for. */
	shortPage: number | null;
	/** Lists of products answer "Report is not ready yet" for this long after they are first asked for; 0: at once. */
	reportMs: number;
	/** `flags`: manage_stock, in_stock and backorders are null; `all`: quantities are 0 besides, and inventory is empty (recorded on Walmart). */
	hides: "nothing" | "flags" | "all";
	/** Ids of products and child items are their SKUs, as on Amazon. */
	idsAreSkus: boolean;
	/** order.info and cart.info wrap objects in lists and write booleans as text (recorded on eBay, Etsy, Amazon). */
	wrapsObjects: boolean;
	/** Order lines name the variant. False: only the product, or not even that (`sku`). */
	orderLines: "variants" | "products" | "skus";
	/** What is written is done, and this is answered: the store behind was lost before it had said so. Null: what it said. */
	answersWrites: { code: number; message: string } | null;
	/** False: the ids of order lines, and of what they are part of, are blank text, as orders' own are on eBay. */
	hasLineIds: boolean;
	/** Errors carry `[]` as their result; both were recorded. */
	errorsCarryList: boolean;
	/** A span of modified_from to modified_to wider than this many days is refused (eBay: 30); null: any. */
	mostDays: number | null;
	/** Orders older than this many days can't be asked for (eBay: 90); null: all can. */
	rememberedDays: number | null;
	/** Which entities the store has events for. */
	events: string[];
	/** From a change to its delivery. Carts without webhooks of their own are polled by API2Cart. */
	newsDelayMs: { least: number; most: number };
	/** Between the five tries to tell that the store is lost; grows by doubling. */
	lostStoreStepMs: number;
	/** API2Cart keeps the account's news that failed for so long. */
	failedNewsMs: number;
	/** The reply to an idempotency key is remembered for so long. */
	keysRememberedMs: number;
};

export const defaultSettings: A2cSettings = {
	backing: { platform: "woocommerce", storeId: null },
	cartId: null,
	isPlain: false,
	isConnected: true,
	isKeyOff: false,
	mostCalls: { account: 10, store: 5 },
	cartCallsPerMinute: 0,
	racyWindowMs: null,
	visibleAfterMs: 0,
	batchMs: { starts: 2_000, ends: 27_000 },
	hasBatch: false,
	hasOrderUpdate: true,
	refusesStart: false,
	cursorCrossesParents: true,
	cursorForgetsIds: false,
	missesOneMissesAll: false,
	shortPage: null,
	reportMs: 0,
	hides: "nothing",
	idsAreSkus: false,
	wrapsObjects: false,
	orderLines: "variants",
	answersWrites: null,
	hasLineIds: true,
	errorsCarryList: false,
	mostDays: null,
	rememberedDays: null,
	events: ["product", "variant", "order"],
	newsDelayMs: { least: 0, most: 300_000 },
	lostStoreStepMs: 60_000,
	failedNewsMs: 24 * 60 * 60_000,
	keysRememberedMs: 15 * 60_000,
};

export const settingsOf = (store: Pick<SandboxStore, "settings">): A2cSettings => ({
	...defaultSettings,
	...store.settings,
});
