/** What a Shopify sandbox store is set to, beside its state. */
import type { SandboxStore } from "../sandbox-platform";

export type Plan = "standard" | "advanced" | "plus" | "enterprise";

export type ShopifySettings = {
	/** Sets the budget of calls. */
	plan: Plan;
	/** What the store's own token may do. */
	scopes: string[];
	currency: string;
	timezone: string;
	/** Locations that exist; stock lies at the first until it is set elsewhere. */
	locations: string[];
	/**
	 * The one deliberate deviation from the platform: Shopify refuses every callback that is not public https
	 * ("Address protocol http:// is not supported"). Stores and Onecount meet on a loopback address here, so new stores
	 * allow it; switch it off to have the platform's own refusal.
	 */
	allowHttpCallbacks: boolean;
	/** News leaves so long after its cause on a good day. */
	deliveryDelayMs: { least: number; most: number };
	/** orderCancel only begins a job, which the store has done so long after. */
	cancelMs: number;
	/** Multiplies the gaps between the eight retries (4 h in all); a test sets it small. */
	retryScale: number;
	/** How often a change of stock also touches the product and sends products/update: by an order, by a write. */
	productNews: { orders: number; writes: number };
	/** False: the app was removed; every token is dead. */
	isInstalled: boolean;
};

export const defaultSettings: ShopifySettings = {
	plan: "standard",
	scopes: [
		"read_products",
		"write_products",
		"read_inventory",
		"write_inventory",
		"read_locations",
		"read_orders",
		"write_orders",
		"read_merchant_managed_fulfillment_orders",
	],
	currency: "USD",
	timezone: "America/New_York",
	locations: ["Shop location", "Warehouse"],
	allowHttpCallbacks: true,
	deliveryDelayMs: { least: 80, most: 400 },
	cancelMs: 400,
	retryScale: 1,
	// Seen on real stores: purchases do not reliably send products/update.
	productNews: { orders: 0.3, writes: 0.5 },
	isInstalled: true,
};

export const settingsOf = (store: SandboxStore): ShopifySettings => ({ ...defaultSettings, ...store.settings });

export const shopDomain = (store: SandboxStore): string => `${store.id}.myshopify.com`;

/** Points of the bucket and what comes back a second, by plan. */
export const budgets: Record<Plan, { maximum: number; restorePerSecond: number }> = {
	standard: { maximum: 2_000, restorePerSecond: 100 },
	advanced: { maximum: 4_000, restorePerSecond: 200 },
	plus: { maximum: 20_000, restorePerSecond: 1_000 },
	enterprise: { maximum: 40_000, restorePerSecond: 2_000 },
};
