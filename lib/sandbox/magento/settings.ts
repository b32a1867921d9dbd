/** What a Magento sandbox store is set to, beside its state: its topology, its version's habits, and how its host is run. */
import type { SandboxStore } from "../sandbox-platform";

export type Website = { id: number; code: string; name: string };
export type Source = { code: string; name: string; enabled: boolean };
/** `websites`: codes of those that sell from it; `sources`: codes in their order of priority. */
export type Stock = { id: number; name: string; websites: readonly string[]; sources: readonly string[] };

export type MagentoSettings = {
	websites: readonly Website[];
	sources: readonly Source[];
	stocks: readonly Stock[];
	/** False: the inventory modules are removed, and orders take from the one number as they are placed. */
	hasInventory: boolean;
	/** False: the REST API answers below /index.php only. */
	hasRewrites: boolean;
	/** False: the web server refuses an encoded slash in a path. */
	takesEncodedSlashes: boolean;
	/** ACL resources that are ticked for the integration; null: all. */
	resources: readonly string[] | null;
	isRevoked: boolean;
	/** "Allow OAuth Access Tokens to be used as standalone Bearer tokens": off by default since 2.4.4. */
	takesBearer: boolean;
	/** Up to 2.4.3. */
	signsSha1: boolean;
	/** A proxy ends TLS in front of the store and does not say so: signatures count for http. */
	hidesTls: boolean;
	/** Two-factor authentication guards the admin, and with it the token of an admin. */
	hasTwoFactor: boolean;
	adminTokenMinutes: number;
	/** The most rows of an array; 20 in 2.4.3, else what the merchant set. */
	rowLimit: number | null;
	bulkRowLimit: number | null;
	pageSizeLimit: number | null;
	/** Rows of a page where none are asked for; null: all. */
	defaultPageSize: number | null;
	/** Up to 2.3.7: a page past the end repeats the last one. */
	clampsPages: boolean;
	/** Since 2.4.7: names of fields, and spaces around a SKU, are looked at. */
	isStrict: boolean;
	/** False: up to 2.3.7 a validation says no more than that it failed. */
	explains: boolean;
	/** Consumers of the message queue: without them bulk operations stay open, and what is salable is judged by the index. */
	consumersRun: boolean;
	bulkDelayMs: number;
	bulkShuffles: boolean;
	/** How long after an order its product's salability is judged anew. */
	salabilityLagMs: number;
	/** Configuration: what applies to products that have no value of their own. */
	minQty: number;
	/** 0 no, 1 allowed, 2 allowed with a notice. */
	backorders: 0 | 1 | 2;
	managesStock: boolean;
	/** Whether a checkout pays at once, so that its order is invoiced. */
	paysAtOnce: boolean;
	/** How long after its order what is paid for is shipped; null: not before somebody does it. */
	shipsAfterMs: number | null;
	isInMaintenance: boolean;
	/** Chance of a deadlock in a write of source items, after a part of the rows was stored. */
	deadlockRate: number;
	/** A write of source items stores its rows and then breaks in the indexer. */
	breaksInIndexer: boolean;
	language: "en" | "de";
	currency: string;
	timezone: string;
	/** The base URLs that the store says it has; null: the one at which it answers. */
	baseUrls: { base_url: string; secure_base_url: string } | null;
};

export const defaultSettings: MagentoSettings = {
	websites: [{ id: 1, code: "base", name: "Main Website" }],
	sources: [{ code: "default", name: "Default Source", enabled: true }],
	stocks: [{ id: 1, name: "Default Stock", websites: ["base"], sources: ["default"] }],
	hasInventory: true,
	hasRewrites: true,
	takesEncodedSlashes: true,
	resources: null,
	isRevoked: false,
	takesBearer: false,
	signsSha1: false,
	hidesTls: false,
	hasTwoFactor: true,
	adminTokenMinutes: 60,
	rowLimit: null,
	bulkRowLimit: null,
	pageSizeLimit: null,
	defaultPageSize: null,
	clampsPages: false,
	isStrict: true,
	explains: true,
	consumersRun: true,
	bulkDelayMs: 2_000,
	bulkShuffles: false,
	salabilityLagMs: 1_000,
	minQty: 0,
	backorders: 0,
	managesStock: true,
	paysAtOnce: true,
	shipsAfterMs: null,
	isInMaintenance: false,
	deadlockRate: 0,
	breaksInIndexer: false,
	language: "en",
	currency: "EUR",
	timezone: "Europe/Berlin",
	baseUrls: null,
};

export const settingsOf = (store: Pick<SandboxStore, "settings">): MagentoSettings => ({
	...defaultSettings,
	...store.settings,
});

/** The stock that a website sells from; every website has exactly one. */
export const stockOfWebsite = ({ stocks }: MagentoSettings, code: string): Stock | null =>
	stocks.find(({ websites }) => websites.includes(code)) ?? null;

/** Codes of the sources whose units a stock counts. */
export const countedSources = (settings: MagentoSettings, stock: Stock): string[] =>
	stock.sources.filter((code) => settings.sources.some((source) => source.code === code && source.enabled));
