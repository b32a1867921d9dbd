/** What `connect` learns of a store: its name, its sources and the stocks that sell from them, and its configuration of stock. */
import type { Connection, StoreIdentity } from "../channel-adapter";
import { ChannelError } from "../errors";
import { sortOut } from "../odd-rows";
import { links, products, salables, sourceItems, sources, stocks, storeConfigs, websites } from "./api-types";
import { callMagento, isGone, MagentoError } from "./client";
import { firstPage, searchQuery } from "./search";
import { readStockItem } from "./stock-item";
import type { Topology } from "./topology";

export type Warning = { isFatal: boolean; words: { sentence: string; fix: string } };

export type Store = {
	name: string | null;
	homeUrl: string | null;
	hasInventory: boolean;
	locations: StoreIdentity["locations"];
	facts: Record<string, unknown>;
	/** What of its stock is as it ought to be, where nothing else is to be said. */
	sentence: string;
	warnings: Warning[];
};

/** Throws ChannelError where stock can't be read. */
export async function readStore(connection: Connection): Promise<Store> {
	const about = await readAbout(connection);
	const defaults = await readDefaults(connection);
	const inventory = await readInventory(connection, about.storeIds);
	const facts = { ...about.facts, ...defaults, hasInventory: inventory !== null, topology: inventory?.topology ?? {} };
	const { name, homeUrl } = about;
	if (!inventory)
		return {
			name,
			homeUrl,
			hasInventory: false,
			locations: [],
			facts,
			sentence: "Magento's inventory modules are removed: the store keeps one number for each product.",
			warnings: countsNothing(defaults),
		};
	return {
		name,
		homeUrl,
		hasInventory: true,
		locations: inventory.locations,
		facts,
		sentence: "The store counts its stock, source by source.",
		warnings: [...countsNothing(defaults), ...inventory.warnings],
	};
}

const optional = async <T>(work: () => Promise<T>): Promise<T | null> => {
	try {
		return await work();
	} catch (error) {
		if (error instanceof ChannelError && error.reason === "missing_scope") return null;
		throw error;
	}
};

async function readAbout(connection: Connection) {
	const get = { method: "GET" as const };
	const configs = await optional(() =>
		callMagento(connection, { ...get, path: "/V1/store/storeConfigs" }, storeConfigs),
	);
	const sites = await optional(() => callMagento(connection, { ...get, path: "/V1/store/websites" }, websites));
	const [config] = configs ?? [];
	const storeIds = new Map(
		(sites ?? []).map((site) => [
			site.code,
			(configs ?? []).flatMap(({ id, website_id }) => (id !== undefined && website_id === site.id ? [id] : [])),
		]),
	);
	return {
		storeIds,
		// Website 0 is the admin's own; of most stores the first was never named.
		name: sites?.find(({ id, name }) => id > 0 && name !== "" && name !== "Main Website")?.name ?? null,
		// A store may hand out "" or a placeholder of its configuration ("{{base_url}}").
		homeUrl: [config?.secure_base_url, config?.base_url].find((url) => url && isWebAddress(url)) ?? null,
		facts: {
			mediaUrl: config?.secure_base_media_url ?? null,
			timeZone: config?.timezone ?? null,
			currency: config?.base_currency_code ?? null,
		},
	};
}

const isWebAddress = (url: string) => /^https?:/i.test(url) && URL.canParse(url);

type Defaults = { minQty: number; backorders: boolean; managesStock: boolean };

/** The configuration shows through products that have no value of their own; without one nothing is known of it. */
async function readDefaults(connection: Connection): Promise<Defaults> {
	const query = searchQuery({
		groups: [[{ field: "type_id", value: "simple", condition: "eq" }]],
		sortBy: "entity_id",
		pageSize: 10,
		fields: "items[id,sku,type_id],total_count",
	});
	const found = await optional(() => callMagento(connection, { method: "GET", path: "/V1/products", query }, products));
	const defaults: Defaults = { minQty: 0, backorders: false, managesStock: true };
	const known = { minQty: false, backorders: false, managesStock: false };
	for (const { sku } of sortOut(found?.items ?? [], ({ id }) => id).whole) {
		if (sku.includes("/")) continue;
		const item = await tolerant(() => readStockItem(connection, sku));
		if (!item) continue;
		if (item.use_config_min_qty && !known.minQty) Object.assign(defaults, { minQty: item.min_qty });
		if (item.use_config_backorders && !known.backorders) Object.assign(defaults, { backorders: item.backorders > 0 });
		if (item.use_config_manage_stock && !known.managesStock)
			Object.assign(defaults, { managesStock: item.manage_stock });
		known.minQty ||= item.use_config_min_qty;
		known.backorders ||= item.use_config_backorders;
		known.managesStock ||= item.use_config_manage_stock;
		if (known.minQty && known.backorders && known.managesStock) break;
	}
	return defaults;
}

async function tolerant<T>(work: () => Promise<T>): Promise<T | null> {
	try {
		return await optional(work);
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

const countsNothing = ({ managesStock }: Defaults): Warning[] =>
	managesStock
		? []
		: [
				{
					isFatal: true,
					words: {
						sentence: "Stock management is switched off for the whole store, so that it counts nothing.",
						fix: "In Magento under Stores → Configuration → Catalog → Inventory set “Manage Stock” to Yes, then connect again.",
					},
				},
			];

/** Null: the modules are removed. Throws ChannelError where a right is missing. */
async function readInventory(
	connection: Connection,
	storeIds: ReadonlyMap<string, number[]>,
): Promise<{ topology: Topology; locations: StoreIdentity["locations"]; warnings: Warning[] } | null> {
	const get = { method: "GET" as const, query: firstPage(connection) };
	let known: Awaited<ReturnType<typeof askSources>>;
	try {
		known = await askSources(connection);
	} catch (error) {
		// A list that does not exist is a route that does not: its words are translated.
		const isNoRoute = isGone(error) || (error instanceof MagentoError && error.code === "NO_ROUTE");
		if (isNoRoute) return null;
		throw error;
	}
	const { items: allStocks } = await callMagento(connection, { ...get, path: "/V1/inventory/stocks" }, stocks);
	const { items: allLinks } = await callMagento(
		connection,
		{ ...get, path: "/V1/inventory/stock-source-links" },
		links,
	);
	const enabled = new Set(known.flatMap(({ source_code, enabled }) => (enabled ? [source_code] : [])));
	const topology: Topology = {};
	const warnings: Warning[] = [];
	for (const { source_code } of known) {
		const selling = allStocks.flatMap((stock) => {
			const codes = allLinks.filter(({ stock_id }) => stock_id === stock.stock_id).map((link) => link.source_code);
			const codesOf = stock.extension_attributes.sales_channels.filter(({ type }) => type === "website");
			const website = codesOf[0]?.code;
			const views = codesOf.map(({ code }) => storeIds.get(code) ?? []);
			if (!website || !codes.includes(source_code)) return [];
			return [
				{
					stockId: stock.stock_id,
					website,
					sources: codes.filter((code) => enabled.has(code)),
					storeIds: views.every((ids) => ids.length > 0) ? views.flat() : [],
				},
			];
		});
		topology[source_code] = selling;
	}
	const locations = known
		.map(({ source_code, name, enabled }) => ({
			ref: source_code,
			name: name || source_code,
			isActive: enabled && (topology[source_code]?.length ?? 0) > 0,
		}))
		.sort((a, b) => Number(b.isActive) - Number(a.isActive));
	await trySalable(connection, topology);
	if (!locations.some(({ isActive }) => isActive)) warnings.push(sellsNothing());
	const beside = Object.values(topology).flatMap((selling) => selling.filter(({ sources }) => sources.length > 1));
	const [shared] = beside;
	if (shared) warnings.push(sellsBeside(shared.website, shared.sources));
	const [twice] = Object.entries(topology).filter(([, selling]) => selling.length > 1);
	if (twice) warnings.push(sellsTwice(twice[0]));
	return { topology, locations, warnings };
}

const askSources = async (connection: Connection) =>
	(
		await callMagento(
			connection,
			{ method: "GET", path: "/V1/inventory/sources", query: firstPage(connection) },
			sources,
		)
	).items;

/** One row each of what levels are read from. */
async function trySalable(connection: Connection, topology: Topology): Promise<void> {
	const [first] = Object.values(topology).flat();
	if (!first) return;
	const query = searchQuery({ sortBy: "entity_id", pageSize: 1 });
	const path = `/V1/inventory/export-stock-salable-qty/website/${encodeURIComponent(first.website)}`;
	await callMagento(connection, { method: "GET", path, query }, salables);
	const items = { method: "GET" as const, path: "/V1/inventory/source-items" };
	await callMagento(
		connection,
		{ ...items, query: searchQuery({ sortBy: "source_item_id", pageSize: 1 }) },
		sourceItems,
	);
}

const sellsNothing = (): Warning => ({
	isFatal: true,
	words: {
		sentence: "No enabled source belongs to a stock that a website sells from.",
		fix: "In Magento open Stores → Inventory → Stocks, give a stock its website under Sales Channels and its sources, then connect again.",
	},
});

const sellsBeside = (website: string, codes: readonly string[]): Warning => ({
	isFatal: false,
	words: {
		sentence: `The website “${website}” sells from ${codes.length} sources together (${codes.join(", ")}). Onecount writes one of them, so that what lies at the others is counted in and never lowered.`,
		fix: "Give the website a stock with the one source that Onecount counts (Stores → Inventory → Stocks), or leave the others at zero.",
	},
});

const sellsTwice = (code: string): Warning => ({
	isFatal: false,
	words: {
		sentence: `Several stocks sell from the source “${code}”: an order in one is not taken off the others until it ships, so that Magento itself can sell a unit twice.`,
		fix: "Let one stock have all of those websites (Stores → Inventory → Stocks), or hold units back there.",
	},
});
