/** Live, named checks of a store and its integration; nothing is written. */
import type { Check, Connection, ConnectReport } from "../channel-adapter";
import { attempt, clockCheck, failed, passed, shut, skipped } from "../checks";
import { ChannelError } from "../errors";
import { consumersRun } from "./bulk";
import type { AuthScheme } from "./oauth";
import { findRest, findScheme, readLargestPage } from "./reach";
import { boxOf, tickFix } from "./resources";
import { identifying, needed, type Rights, tryRights, tryWriting, writeRight } from "./rights";
import { readStore, type Store } from "./store";

/** Never throws for what a store answers: each failed check says so, and what follows from it is skipped. */
export async function connect(connection: Connection): Promise<ConnectReport> {
	const restPath = await attempt(() => findRest(connection));
	if (restPath instanceof ChannelError) return { checks: shut("the store", failed("address", restPath)), store: null };
	const address = passed("address", `${new URL(connection.baseUrl).host} answers.`);
	const there: Connection = { ...connection, facts: { restPath, scopes: [] } };

	const asked = connection.now().getTime();
	const key = await attempt(() => findScheme(there));
	if (key instanceof ChannelError)
		return { checks: shut("the store", address, failed("credentials", key)), store: null };
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
			clockCheck(
				"the store",
				key.date,
				{ asked, answered },
				"Set both clocks by a time server: signatures carry the time, and changes are found by it.",
			),
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

/** `Shop.Example.com/de/` and `https://shop.example.com/de` are one store. */
function storeKeyOf(home: string): string {
	const url = new URL(home);
	return `${url.host.toLowerCase()}${url.pathname.replace(/\/+$/, "")}`;
}

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

function scopesCheck(missing: readonly string[], canWrite: unknown): Check {
	const writing = canWrite instanceof ChannelError && canWrite.reason === "missing_scope" ? [canWrite.code ?? ""] : [];
	const all = [...new Set([...missing, ...writing])];
	if (all.length === 0) return passed("scopes", "The integration has every right that Onecount uses.");
	return {
		name: "scopes",
		state: all.some((one) => one === identifying || needed.includes(one)) ? "failed" : "warned",
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
