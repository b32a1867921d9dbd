/** Live, named checks of a store and its integration; nothing is written. */
import { z } from "zod";
import type { Check, Connection, ConnectReport } from "../channel-adapter";
import { ChannelError } from "../errors";
import { documents, mageError, orders, products } from "./api-types";
import { consumersRun } from "./bulk";
import { callMagento, callWithHeaders, MagentoError, readReply } from "./client";
import { largestBatch } from "./facts";
import { type AuthScheme, tokensOf } from "./oauth";
import { boxOf, tickFix } from "./resources";
import { firstPage, searchQuery } from "./search";
import { readStore, type Store } from "./store";

/** OAuth takes a clock that is up to ten minutes fast; stamps of orders are compared with our own clock long before that. */
const largestSkewMs = 60_000;
const unnamed: Check["name"][] = [
	"scopes",
	"inventory_read",
	"inventory_write",
	"stock_management",
	"webhooks",
	"clock",
];

/** Never throws for what a store answers: each failed check says so, and what follows from it is skipped. */
export async function connect(connection: Connection): Promise<ConnectReport> {
	const restPath = await attempt(() => findRest(connection));
	if (restPath instanceof ChannelError) return { checks: shut(failed("address", restPath)), store: null };
	const address = passed("address", `${new URL(connection.baseUrl).host} answers.`);
	const there: Connection = { ...connection, facts: { restPath, scopes: [] } };

	const asked = connection.now().getTime();
	const key = await attempt(() => findScheme(there));
	if (key instanceof ChannelError) return { checks: shut(address, failed("credentials", key)), store: null };
	const answered = connection.now().getTime();
	const signed: Connection = { ...there, facts: { ...there.facts, auth: key.scheme } };
	const largestPage = await attempt(() => readLargestPage(signed));
	const as: Connection = {
		...signed,
		facts: { ...signed.facts, ...(typeof largestPage === "number" && { largestPage }) },
	};

	const rights = await tryRights(as);
	const store = await attempt(() => readStore(as));
	const canWrite = await attempt(() => tryWriting(as, store instanceof ChannelError || store.hasInventory));
	const runs = await attempt(() => consumersRun(as));
	const scopes = [
		...rights.granted,
		...(canWrite instanceof ChannelError ? [] : [writeRight(store)]),
		...(runs instanceof ChannelError ? [] : ["Magento_Logging::system_magento_logging_bulk_operations"]),
	];
	return {
		checks: [
			address,
			passed("credentials", credentialsSentence(key.scheme)),
			scopesCheck(rights.missing, canWrite),
			readCheck(rights, store),
			writeCheck(canWrite),
			stockCheck(store),
			skipped("webhooks", "Magento sends no news, so it is asked for instead."),
			clockCheck(key.date, asked, answered),
		],
		store: {
			storeKey: storeKeyOf((store instanceof ChannelError ? null : store.homeUrl) ?? connection.baseUrl),
			name: (store instanceof ChannelError ? null : store.name) ?? new URL(connection.baseUrl).host,
			locations: store instanceof ChannelError ? [] : store.locations,
			facts: {
				...as.facts,
				scopes: [...new Set(scopes)],
				largestRows: canWrite instanceof ChannelError ? null : canWrite,
				consumersRun: runs === true,
				...(store instanceof ChannelError ? {} : store.facts),
			},
		},
	};
}

async function attempt<T>(work: () => Promise<T>): Promise<T | ChannelError> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof ChannelError) return error;
		throw error;
	}
}

/** `Shop.Example.com/de/` and `https://shop.example.com/de` are one store. */
export function storeKeyOf(home: string): string {
	const url = new URL(home);
	return `${url.host.toLowerCase()}${url.pathname.replace(/\/+$/, "")}`;
}

/** Asked as a stranger, Magento refuses in words of its own; where addresses are not rewritten it answers below index.php. */
async function findRest(connection: Connection): Promise<string> {
	let first: ChannelError | null = null;
	for (const path of ["/rest", "/index.php/rest"]) {
		const url = `${connection.baseUrl}${path}/all/V1/store/websites`;
		const reply = await connection.http.send({ method: "GET", url, headers: { accept: "application/json" } });
		if (isMagento(reply.text) && [200, 401].includes(reply.status)) return path;
		try {
			readReply(reply, z.never());
		} catch (error) {
			if (!(error instanceof ChannelError)) throw error;
			first ??= error;
		}
	}
	throw first ?? notMagento();
}

function isMagento(text: string): boolean {
	try {
		return mageError.safeParse(JSON.parse(text)).success || Array.isArray(JSON.parse(text));
	} catch {
		return false;
	}
}

const notMagento = () =>
	new MagentoError("not_a_store", "No Magento store answers at this address.", {
		fix: "Check the address: it is the one under which the shop's front page opens, without /admin.",
	});

const readProducts = (connection: Connection) =>
	callWithHeaders(
		connection,
		{
			method: "GET",
			path: "/V1/products",
			query: searchQuery({ sortBy: "entity_id", pageSize: 1, fields: "items[id,sku,type_id],total_count" }),
		},
		products,
	);

/** Null: the store says nothing against the largest page that we ask for. */
async function readLargestPage(connection: Connection): Promise<number | null> {
	try {
		const query = [...firstPage(connection), ["fields", "total_count"] as const];
		await callMagento(connection, { method: "GET", path: "/V1/products", query }, z.unknown());
		return null;
	} catch (error) {
		if (error instanceof MagentoError && error.limit !== null) return error.limit;
		throw error;
	}
}

/**
 * Every way that the strings allow, until one is let in. A missing right is answered alike whoever is not let in by a bearer; by a
 * signature it means that the integration is known.
 */
async function findScheme(connection: Connection): Promise<{ scheme: AuthScheme; date: string | undefined }> {
	const tokens = tokensOf(connection);
	if (!tokens)
		throw new MagentoError("access_revoked", "There is no access token.", {
			fix: "Paste the strings that Magento shows when the integration is activated.",
		});
	const isTls = connection.baseUrl.startsWith("https://");
	const schemes: AuthScheme[] = tokens.full
		? ["oauth", ...(isTls ? (["oauth_as_http"] as const) : []), "bearer"]
		: ["bearer"];
	let first: ChannelError | null = null;
	for (const scheme of schemes) {
		const as = { ...connection, facts: { ...connection.facts, auth: scheme } };
		const reply = await attempt(() => readProducts(as));
		if (!(reply instanceof ChannelError)) return { scheme, date: reply.headers.date };
		if (reply.reason === "missing_scope" && scheme !== "bearer") return { scheme, date: undefined };
		if (reply.reason === "missing_scope" && (await holdsAnyRight(as))) return { scheme, date: undefined };
		if (!["access_revoked", "missing_scope", "refused"].includes(reply.reason)) throw reply;
		first ??= scheme === "bearer" ? bearerRefused(tokens.full !== null) : reply;
	}
	throw first ?? bearerRefused(false);
}

async function holdsAnyRight(connection: Connection): Promise<boolean> {
	const { granted } = await tryRights(connection);
	return granted.length > 0;
}

const bearerRefused = (hasFour: boolean) =>
	new MagentoError("access_revoked", "Magento does not accept the access token alone.", {
		fix: hasFour
			? "Activate the integration again in Magento (System → Extensions → Integrations) and connect with its new strings."
			: "Paste all four strings of the integration. Or in Magento under Stores → Configuration → Services → OAuth switch on “Allow OAuth Access Tokens to be used as standalone Bearer tokens”, and check that the integration is active.",
		code: "BEARER",
	});

function credentialsSentence(scheme: AuthScheme): string {
	switch (scheme) {
		case "oauth":
			return "Magento accepts the integration; each call is signed.";
		case "oauth_as_http":
			return "Magento accepts the integration. It does not know that it is reached by https, and each call is signed for http.";
		case "bearer":
			return "Magento accepts the access token.";
	}
}

type Rights = { granted: string[]; missing: string[]; trouble: ChannelError | null };

const onePage = searchQuery({
	sortBy: "entity_id",
	pageSize: 1,
	fields: "items[entity_id,order_id,created_at],total_count",
});
const oneOrder = searchQuery({
	sortBy: "entity_id",
	pageSize: 1,
	fields: "items[entity_id,state,created_at,updated_at,items[item_id]],total_count",
});

/** Each right by a reading that needs it; cancelling by an order that there can't be. */
async function tryRights(connection: Connection): Promise<Rights> {
	const tries: [resource: string, work: () => Promise<unknown>][] = [
		["Magento_Catalog::products", () => readProducts(connection)],
		[
			"Magento_Sales::actions_view",
			() => callMagento(connection, { method: "GET", path: "/V1/orders", query: oneOrder }, orders),
		],
		[
			"Magento_Sales::shipment",
			() => callMagento(connection, { method: "GET", path: "/V1/shipments", query: onePage }, documents),
		],
		[
			"Magento_Sales::sales_creditmemo",
			() => callMagento(connection, { method: "GET", path: "/V1/creditmemos", query: onePage }, documents),
		],
		[
			"Magento_Catalog::catalog_inventory",
			() => callMagento(connection, { method: "GET", path: "/V1/stockItems/onecount-check" }, z.unknown()),
		],
		[
			"Magento_Backend::store",
			() => callMagento(connection, { method: "GET", path: "/V1/store/websites" }, z.unknown()),
		],
		[
			"Magento_Sales::cancel",
			() => callMagento(connection, { method: "POST", path: "/V1/orders/0/cancel" }, z.unknown()),
		],
	];
	const rights: Rights = { granted: [], missing: [], trouble: null };
	for (const [resource, work] of tries) {
		const result = await attempt(work);
		if (!(result instanceof ChannelError) || result.reason === "gone" || result.reason === "refused")
			rights.granted.push(resource);
		else if (result.reason === "missing_scope") rights.missing.push(...(result.code ?? resource).split(/,\s*/));
		else rights.trouble ??= result;
	}
	return rights;
}

const writeRight = (store: Store | ChannelError) =>
	store instanceof ChannelError || store.hasInventory
		? "Magento_InventoryApi::stock_source_item_assign"
		: "Magento_Catalog::catalog_inventory";

/**
 * Rows without a SKU: refused before anything is saved, to those who may write; in some versions already for being so many, and
 * then the answer says how many are taken. Resolves to that number, null where there is none.
 */
async function tryWriting(connection: Connection, hasInventory: boolean): Promise<number | null> {
	const rows = Array.from({ length: largestBatch }, () => ({ sku: "", source_code: "", quantity: 0, status: 0 }));
	const call = hasInventory
		? { method: "POST" as const, path: "/V1/inventory/source-items", body: { sourceItems: rows } }
		: { method: "PUT" as const, path: "/V1/products/onecount-check/stockItems/0", body: { stockItem: { qty: 0 } } };
	try {
		await callMagento(connection, call, z.unknown());
		return null;
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		if (error.reason !== "refused" && error.reason !== "gone") throw error;
		return error instanceof MagentoError ? error.limit : null;
	}
}

const needed = ["Magento_Catalog::products", "Magento_Sales::actions_view", "Magento_Catalog::catalog_inventory"];

function scopesCheck(missing: readonly string[], canWrite: unknown): Check {
	const writing = canWrite instanceof ChannelError && canWrite.reason === "missing_scope" ? [canWrite.code ?? ""] : [];
	const all = [...new Set([...missing, ...writing])];
	if (all.length === 0) return passed("scopes", "The integration has every right that Onecount uses.");
	return {
		name: "scopes",
		state: all.some((one) => needed.includes(one)) ? "failed" : "warned",
		sentence: `The integration lacks ${all.map((one) => `“${boxOf(one)}”`).join(", ")}.`,
		fix: tickFix(all),
	};
}

function readCheck({ missing, trouble }: Rights, store: Store | ChannelError): Check {
	if (store instanceof ChannelError) return failed("inventory_read", store);
	if (trouble) return failed("inventory_read", trouble);
	const lacks = missing.filter((one) => needed.includes(one));
	if (lacks.length > 0)
		return {
			name: "inventory_read",
			state: "failed",
			sentence: "Products, orders or their stock can't be read.",
			fix: tickFix(lacks),
		};
	return passed("inventory_read", "Products, stock and orders can be read.");
}

function writeCheck(canWrite: number | null | ChannelError): Check {
	if (canWrite instanceof ChannelError)
		return { ...failed("inventory_write", canWrite), sentence: `Stock can't be written. ${canWrite.message}` };
	const limit = canWrite === null ? "" : ` The store takes ${canWrite} rows at once.`;
	return passed("inventory_write", `Stock may be written. The check itself writes nothing.${limit}`);
}

function stockCheck(store: Store | ChannelError): Check {
	if (store instanceof ChannelError) return skipped("stock_management", "Not checked: the stock can't be read.");
	const [warning] = store.warnings;
	if (warning) return { name: "stock_management", state: warning.isFatal ? "failed" : "warned", ...warning.words };
	return passed("stock_management", store.sentence);
}

function clockCheck(date: string | undefined, asked: number, answered: number): Check {
	const theirs = Date.parse(date ?? "");
	if (Number.isNaN(theirs)) return skipped("clock", "The store does not say what time it is.");
	// The header is cut to the second and was written somewhere between the question and the answer.
	const skewMs = Math.max(0, asked - (theirs + 1_000), theirs - answered);
	if (skewMs <= largestSkewMs) return passed("clock", "This computer's clock agrees with the store's.");
	return {
		name: "clock",
		state: "warned",
		sentence: `This computer's clock is ${Math.round(skewMs / 1_000)} seconds apart from the store's.`,
		fix: "Set both clocks by a time server: signatures carry the time, and changes are found by it.",
	};
}

/** What could not be checked because of what failed. */
function shut(...known: Check[]): Check[] {
	const last = known.at(-1)?.name;
	const why = last === "address" ? "the store did not answer" : "the store does not let us in";
	const rest = last === "address" ? (["credentials", ...unnamed] as const) : unnamed;
	return [...known, ...rest.map((name) => skipped(name, `Not checked: ${why}.`))];
}

const passed = (name: Check["name"], sentence: string): Check => ({ name, state: "passed", sentence, fix: null });
const skipped = (name: Check["name"], sentence: string): Check => ({ name, state: "skipped", sentence, fix: null });
const failed = (name: Check["name"], error: ChannelError): Check => ({
	name,
	state: "failed",
	sentence: error.message,
	fix: error.fix,
});
