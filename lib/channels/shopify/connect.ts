/** Live, named checks of a store and its credentials; nothing is written. */
import type { z } from "zod";
import type { Check, Connection, ConnectReport, StoreIdentity } from "../channel-adapter";
import {
	attempt,
	clockCheck,
	failed,
	noDelivery,
	noPublicUrl,
	passed,
	publicUrlOf,
	skipped,
	withRest,
} from "../checks";
import { ChannelError } from "../errors";
import { inventoryProbeReply, locationsReply, storeReply } from "./api-types";
import { callShopify, type Reply } from "./client";
import { inventoryProbeDocument, locationsDocument, storeDocument } from "./documents";
import { apiVersion, missingScopes, optionalScopes, type Scope, wantedScopes } from "./facts";

/**
 * `facts.publicUrl` on the connection is where stores reach this Onecount, when it has such an address.
 * Never throws for what a store answers: each failed check says so, and what follows from it is skipped.
 */
export async function connect(connection: Connection): Promise<ConnectReport> {
	const asked = connection.now().getTime();
	const store = await attempt(() => callShopify(connection, storeDocument, {}, storeReply));
	if (store instanceof ChannelError) return { checks: unreachableStore(store), store: null };
	const answered = connection.now().getTime();

	const { shop, currentAppInstallation } = store.data;
	const scopes = currentAppInstallation.accessScopes.map((scope) => scope.handle);
	const missing = missingScopes(scopes);
	const locations = await attempt(() => readLocations(connection));
	const checks: Check[] = [
		addressCheck(shop.myshopifyDomain, store),
		passed("credentials", `Shopify accepts the access token of ${shop.name}.`),
		scopesCheck(missing, scopes),
		await inventoryReadCheck(connection, locations),
		inventoryWriteCheck(missing),
		webhooksCheck(connection),
		clockCheck(
			"Shopify",
			store.headers.date,
			{ asked, answered },
			"Set the clock by a time server: signing in with Shopify fails when it is more than 90 seconds off.",
		),
	];
	return {
		checks,
		store: {
			storeKey: shop.myshopifyDomain.toLowerCase(),
			name: shop.name,
			locations: locations instanceof ChannelError ? [] : locations,
			facts: {
				apiVersion: store.headers["x-shopify-api-version"] ?? apiVersion,
				scopes,
				timeZone: shop.ianaTimezone,
				currency: shop.currencyCode,
				plan: shop.plan?.publicDisplayName ?? null,
				budget: store.budget,
			},
		},
	};
}

async function readLocations(connection: Connection): Promise<StoreIdentity["locations"]> {
	const locations: StoreIdentity["locations"] = [];
	let after: string | null = null;
	do {
		const page: Reply<LocationPage> = await callShopify(connection, locationsDocument, { after }, locationsReply);
		const { nodes, pageInfo } = page.data.locations;
		locations.push(...nodes.map(({ id, name, isActive }) => ({ ref: id, name, isActive })));
		after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
	} while (after);
	return locations;
}

type LocationPage = z.output<typeof locationsReply>;

const checked: readonly Check["name"][] = ["scopes", "inventory_read", "inventory_write", "webhooks", "clock"];

function unreachableStore(error: ChannelError): Check[] {
	const isAddress = ["not_a_store", "forbidden_address", "unreachable", "timeout", "unreadable"].includes(error.reason);
	const known = [
		isAddress ? failed("address", error) : passed("address", "A Shopify store answers at this address."),
		isAddress ? skipped("credentials", "Not checked: the store did not answer.") : failed("credentials", error),
	];
	return withRest(known, isAddress ? "the store did not answer" : "the store does not let us in", checked);
}

function addressCheck(domain: string, reply: Reply<unknown>): Check {
	const served = reply.headers["x-shopify-api-version"];
	if (served && served !== apiVersion)
		return {
			name: "address",
			state: "warned",
			sentence: `${domain} answers in version ${served} of Shopify's API, and Onecount speaks ${apiVersion}.`,
			fix: "Update Onecount.",
		};
	return passed("address", `${domain} answers.`);
}

function scopesCheck(missing: Scope[], granted: readonly string[]): Check {
	if (missing.length === 0) {
		const without = Object.entries(optionalScopes).filter(([scope]) => !granted.includes(scope));
		const more = without.map(([scope, why]) => ` Not granted and not needed: ${scope} (${why}).`).join("");
		return passed("scopes", `All rights that Onecount needs are granted.${more}`);
	}
	const needed = missing.map((scope) => `${scope} (${wantedScopes[scope]})`).join(", ");
	const isReadOnly = missing.every((scope) => scope === "write_inventory");
	return {
		name: "scopes",
		state: isReadOnly ? "warned" : "failed",
		sentence: `Missing: ${needed}.`,
		fix: `Grant ${missing.join(", ")} to the app in Shopify, then connect again.`,
	};
}

async function inventoryReadCheck(
	connection: Connection,
	locations: StoreIdentity["locations"] | ChannelError,
): Promise<Check> {
	if (locations instanceof ChannelError) return failed("inventory_read", locations);
	const active = locations.filter((location) => location.isActive).length;
	if (active === 0)
		return {
			name: "inventory_read",
			state: "failed",
			sentence: "The store has no active location, so there is no stock to read.",
			fix: "Activate a location in Shopify under Settings → Locations.",
		};
	const probe = await attempt(() => callShopify(connection, inventoryProbeDocument, {}, inventoryProbeReply));
	if (probe instanceof ChannelError) return failed("inventory_read", probe);
	return passed("inventory_read", `Stock can be read at ${active === 1 ? "1 location" : `${active} locations`}.`);
}

/** By right alone: a trial write would touch a merchant's stock. */
function inventoryWriteCheck(missing: Scope[]): Check {
	if (!missing.includes("write_inventory"))
		return passed("inventory_write", "Stock may be written. The check itself writes nothing.");
	return {
		name: "inventory_write",
		// Watching is worth connecting for; pushing starts only when a person switches it on.
		state: "warned",
		sentence: "Onecount can watch this store and can't write its stock.",
		fix: "Grant write_inventory to the app in Shopify, then connect again.",
	};
}

function webhooksCheck(connection: Connection): Check {
	const publicUrl = publicUrlOf(connection);
	if (publicUrl === null) return noPublicUrl("Shopify");
	// A store that is itself reached without TLS is a sandbox beside us, and delivers without TLS too.
	if (publicUrl.startsWith("https://") || connection.baseUrl.startsWith("http://"))
		return passed("webhooks", `Shopify will deliver news to ${publicUrl}.`);
	return noDelivery(
		`Shopify delivers news only to https addresses, and ${publicUrl} is none`,
		"Put Onecount behind https and set ONECOUNT_URL to that address.",
	);
}
