/** Live, named checks of a shop and its keys; nothing is written. */
import { z } from "zod";
import type { Check, Connection, ConnectReport } from "../channel-adapter";
import { attempt, clockCheck, failed, noDelivery, noPublicUrl, passed, publicUrlOf, shut, skipped } from "../checks";
import { ChannelError } from "../errors";
import { levels, setting, siteIndex, systemStatus } from "./api-types";
import type { AuthScheme } from "./auth";
import { callWoo, isNoRoute, noRoute, type Reply, readReply } from "./client";
import { undeliverable } from "./subscriptions";
import { plainText } from "./text";

type Index = z.output<typeof siteIndex>;
type Status = z.output<typeof systemStatus>;

/**
 * `facts.publicUrl` on the connection is where shops reach this Onecount, when it has such an address.
 * Never throws for what a shop answers: each failed check says so, and what follows from it is skipped.
 */
export async function connect(connection: Connection): Promise<ConnectReport> {
	const site = await attempt(() => readIndex(connection));
	const isHidden = site instanceof ChannelError && ["access_revoked", "missing_scope"].includes(site.reason);
	if (site instanceof ChannelError && !isHidden)
		return { checks: shut("the shop", failed("address", site)), store: null };
	// Security plugins close the index to strangers; the keys still open the rest.
	const index = site instanceof ChannelError ? null : site.data;
	const name = plainText(index?.name ?? "") || new URL(connection.baseUrl).host;
	const address = passed("address", `${name} answers.`);

	const asked = connection.now().getTime();
	const key = await attempt(() => tryKeys(connection));
	if (key instanceof ChannelError) return { checks: lockedOut(address, key), store: null };
	const answered = connection.now().getTime();
	const as: Connection = { ...connection, facts: { ...connection.facts, auth: key.scheme } };

	const canWrite = await attempt(() => tryWriting(as));
	const canRead = await attempt(() => tryReading(as));
	const counts = await attempt(() => readSetting(as, "products/woocommerce_manage_stock"));
	const held = await attempt(() => readSetting(as, "products/woocommerce_hold_stock_minutes"));
	const hasVariationsRoute = await attempt(() => tryVariations(as));
	const status = key.reply.data;
	return {
		checks: [
			address,
			passed("credentials", credentialsSentence(key.scheme)),
			scopesCheck(canRead, canWrite),
			canRead instanceof ChannelError
				? failed("inventory_read", canRead)
				: passed("inventory_read", "Products and orders can be read."),
			canWrite instanceof ChannelError
				? { ...failed("inventory_write", canWrite), sentence: `Stock can't be written. ${canWrite.message}` }
				: passed("inventory_write", "Stock may be written. The check itself writes nothing."),
			stockCheck(counts),
			webhooksCheck(connection, status),
			clockCheck(
				"the shop",
				key.reply.headers.date,
				{ asked, answered },
				"Set both clocks by a time server: changes are found by their time.",
			),
		],
		store: {
			storeKey: storeKeyOf(index?.home || index?.url || status.environment.home_url || connection.baseUrl),
			name,
			locations: [],
			facts: {
				auth: key.scheme,
				hasVariationsRoute: hasVariationsRoute === true,
				wooVersion: status.environment.version,
				wordpressVersion: status.environment.wp_version ?? null,
				hasWpCron: status.environment.wp_cron ?? null,
				hasOrderTables: status.settings?.HPOS_enabled ?? null,
				currency: status.settings?.currency ?? null,
				holdStockMinutes: heldMinutes(held),
				timeZone: index?.timezone_string || null,
				utcOffsetHours: Number(index?.gmt_offset ?? 0),
			},
		},
	};
}

/** `Shop.Example.com/blog/` and `https://shop.example.com/blog` are one shop. */
export function storeKeyOf(home: string): string {
	const url = new URL(home);
	return `${url.host.toLowerCase()}${url.pathname.replace(/\/+$/, "")}`;
}

/** 0: left blank, and the shop holds nothing. Null: it does not say. */
function heldMinutes(setting: unknown): number | null {
	if (typeof setting !== "string" && typeof setting !== "number") return null;
	return Math.max(0, Number(setting) || 0);
}

/** Asked without keys: it says what stands at the address, whoever asks. */
async function readIndex(connection: Connection): Promise<Reply<Index>> {
	const fields = "name,url,home,gmt_offset,timezone_string,namespaces";
	const ask = async (path: string) =>
		readReply(
			await connection.http.send({ method: "GET", url: `${connection.baseUrl}${path}_fields=${fields}` }),
			siteIndex,
			"read",
		);
	let index: Reply<Index>;
	try {
		index = await ask("/wp-json/?");
	} catch (error) {
		if (!(error instanceof ChannelError) || !["HTML", "HTTP_404"].includes(error.code ?? "")) throw error;
		// WordPress answers here also with plain permalinks, where /wp-json is a page like any other.
		const plain = await attempt(() => ask("/?rest_route=/&"));
		throw plain instanceof ChannelError ? notAStore() : plainPermalinks(plainText(plain.data.name) || "The shop");
	}
	if (!index.data.namespaces.includes("wc/v3")) throw noRoute();
	return index;
}

const notAStore = () =>
	new ChannelError("not_a_store", "No WordPress shop answers at this address.", {
		fix: "Check the address: it is the one under which the shop's front page opens, without /shop or /wp-admin. If it is right, the REST API is switched off or a firewall hides it.",
	});

const plainPermalinks = (name: string) =>
	new ChannelError(
		"not_a_store",
		`${name} runs WordPress with plain permalinks, and WooCommerce's keys don't work there.`,
		{
			fix: "In WordPress open Settings → Permalinks, choose any structure but Plain, and save.",
			code: "PLAIN_PERMALINKS",
		},
	);

/**
 * A shop behind a proxy that ends TLS may not know that it is reached by https; then it ignores Basic credentials and
 * answers as to a stranger. Signed as for http it either lets us in or names what is wrong with the key.
 */
async function tryKeys(connection: Connection): Promise<{ scheme: AuthScheme; reply: Reply<Status> }> {
	const call = { method: "GET" as const, path: "/system_status", query: { _fields: "environment,settings" } };
	const as = (scheme: AuthScheme): Connection => ({ ...connection, facts: { ...connection.facts, auth: scheme } });
	if (!connection.baseUrl.startsWith("https://"))
		return { scheme: "oauth", reply: await callWoo(connection, call, systemStatus) };
	const basic = await attempt(() => callWoo(as("basic"), call, systemStatus));
	if (!(basic instanceof ChannelError)) return { scheme: "basic", reply: basic };
	if (basic.code !== "woocommerce_rest_cannot_view") throw basic;
	const signed = await attempt(() => callWoo(as("oauth_as_http"), call, systemStatus));
	if (!(signed instanceof ChannelError)) return { scheme: "oauth_as_http", reply: signed };
	throw basic;
}

function credentialsSentence(scheme: AuthScheme): string {
	switch (scheme) {
		case "basic":
			return "WooCommerce accepts the keys.";
		case "oauth":
			return "WooCommerce accepts the keys. The address is plain http, so each call is signed and its content can be read on the way.";
		case "oauth_as_http":
			return "WooCommerce accepts the keys. It does not know that it is reached by https, so each call is signed.";
	}
}

const tryReading = async (connection: Connection) => {
	const query = { per_page: 1, _fields: "id,manage_stock,stock_quantity" };
	await callWoo(connection, { method: "GET", path: "/products", query }, levels);
	await callWoo(connection, { method: "GET", path: "/orders", query: { per_page: 1, _fields: "id" } }, onlyIds);
};
const onlyIds = levels.element.pick({ id: true }).array();

/** An empty batch: allowed to writers only, and changes nothing (seen: answered with an empty list). */
const tryWriting = (connection: Connection) =>
	callWoo(connection, { method: "POST", path: "/products/batch", body: {} }, z.unknown());

const readSetting = async (connection: Connection, path: string) =>
	(await callWoo(connection, { method: "GET", path: `/settings/${path}` }, setting)).data.value;

async function tryVariations(connection: Connection): Promise<boolean> {
	try {
		const query = { per_page: 1, _fields: "id,manage_stock,stock_quantity" };
		await callWoo(connection, { method: "GET", path: "/variations", query }, levels);
		return true;
	} catch (error) {
		if (isNoRoute(error)) return false;
		throw error;
	}
}

function scopesCheck(canRead: unknown, canWrite: unknown): Check {
	if (canRead instanceof ChannelError && canRead.reason === "missing_scope") return failed("scopes", canRead);
	if (canWrite instanceof ChannelError && canWrite.reason === "missing_scope")
		return {
			name: "scopes",
			state: "warned",
			sentence: "The keys may read and not write, so Onecount can only watch this shop.",
			fix: canWrite.fix,
		};
	return passed("scopes", "The keys may read and write.");
}

function stockCheck(counts: unknown): Check {
	if (counts instanceof ChannelError)
		return skipped("stock_management", "The shop does not say whether it counts its stock.");
	if (counts !== "no") return passed("stock_management", "The shop counts its stock.");
	return {
		name: "stock_management",
		state: "failed",
		sentence: "Stock management is switched off for the whole shop, so it counts nothing.",
		fix: "In WooCommerce under Settings → Products → Inventory tick “Enable stock management”, then connect again.",
	};
}

function webhooksCheck(connection: Connection, status: Status): Check {
	const publicUrl = publicUrlOf(connection);
	if (publicUrl === null) return noPublicUrl("the shop");
	const trouble = undeliverable(publicUrl, connection.baseUrl);
	if (trouble) return noDelivery(trouble, "Set ONECOUNT_URL to a public address on port 443, 80 or 8080.");
	if (status.environment.wp_cron === false)
		return {
			name: "webhooks",
			state: "warned",
			sentence:
				"WP-Cron is switched off in the shop, so its news waits for the host's own timer; it is asked for as well.",
			fix: "Ask the shop's host to call wp-cron.php every minute.",
		};
	return passed("webhooks", `The shop will deliver news to ${publicUrl}.`);
}

/** Signatures carry a time: a shop that finds it wrong has not looked at the key yet. */
function lockedOut(address: Check, error: ChannelError): Check[] {
	if (error.code !== "CLOCK") return shut("the shop", address, failed("credentials", error));
	const checks = shut("the shop", address, skipped("credentials", "Not checked: the clocks differ."));
	return checks.map((check) => (check.name === "clock" ? failed("clock", error) : check));
}
