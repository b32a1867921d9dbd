/** Live, named checks of a store and its token; nothing is written. */
import { z } from "zod";
import type { Check, Connection, ConnectReport } from "../channel-adapter";
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
import { storeHashOf } from "./address";
import { inventorySettings, locations, storeInformation, systemTime } from "./api-types";
import { BigCommerceError, callBigCommerce } from "./client";
import { optionalScopes, type Scope, wantedScopes } from "./facts";
import { carefulRules, type StockRules } from "./moments";
import { undeliverable } from "./subscriptions";

/**
 * `facts.publicUrl` on the connection is where stores reach this Onecount, when it has such an address.
 * Never throws for what a store answers: each failed check says so, and what follows from it is skipped.
 */
export async function connect(connection: Connection): Promise<ConnectReport> {
	const asked = connection.now().getTime();
	const time = await attempt(() => read(connection, "/v2/time", systemTime));
	const answered = connection.now().getTime();
	if (time instanceof ChannelError) return { checks: shutOut(time), store: null };

	const probes: Record<Scope, unknown> = {
		store_v2_information_read_only: await attempt(() => read(connection, "/v2/store", storeInformation)),
		store_v2_products_read_only: await attempt(() =>
			read(connection, "/v3/catalog/products", z.unknown(), { limit: 1 }),
		),
		store_locations_read_only: await attempt(() =>
			read(connection, "/v3/inventory/locations", locations, { limit: 250 }),
		),
		store_v2_orders_read_only: await attempt(() => read(connection, "/v2/orders", z.unknown(), { limit: 1 })),
		store_inventory: await attempt(() => read(connection, "/v3/inventory/items", z.unknown(), { limit: 1 })),
	};
	const canWrite = await attempt(() => tryWriting(connection));
	const settings = await attempt(() => read(connection, "/v3/settings/inventory", inventorySettings));
	const missing = (Object.keys(probes) as Scope[]).filter((scope) => isMissing(probes[scope]));
	const failure = Object.values(probes).find((probe) => probe instanceof ChannelError) as ChannelError | undefined;
	const information = storeInformation.safeParse(probes.store_v2_information_read_only);
	const places = locations.safeParse(probes.store_locations_read_only);
	const name = information.success ? information.data.name : (storeHashOf(connection.baseUrl) ?? "The store");
	const storeKey = information.success ? information.data.id : storeHashOf(connection.baseUrl);
	const rules = settings instanceof ChannelError ? null : rulesFrom(settings);

	const checks: Check[] = [
		passed("address", `${name} answers.`),
		passed("credentials", "BigCommerce accepts the access token."),
		scopesCheck(missing, canWrite),
		failure
			? failed("inventory_read", failure)
			: passed("inventory_read", "Products, locations, levels and orders can be read."),
		canWrite instanceof ChannelError
			? { ...failed("inventory_write", canWrite), sentence: `Stock can't be written. ${canWrite.message}` }
			: passed("inventory_write", "Stock may be written. The check itself writes nothing."),
		stockCheck(rules),
		webhooksCheck(connection),
		clockCheck(
			"BigCommerce",
			time.time * 1_000,
			{ asked, answered },
			"Set this computer's clock by a time server: changes are found by their time.",
		),
	];
	if (storeKey === null) return { checks, store: null };
	const scopes = scopesOf(connection, missing, await attempt(() => tryCancelling(connection)));
	return {
		checks,
		store: {
			storeKey,
			name,
			locations: places.success ? inOrder(places.data.data).map(placeOf) : [],
			facts: {
				scopes,
				...(rules && { stockRules: rules }),
				storefrontUrl: information.data?.secure_url?.replace(/\/+$/, "") || null,
				currency: information.data?.currency ?? null,
				timeZone: information.data?.timezone?.name ?? null,
				planName: information.data?.plan_name ?? null,
			},
		},
	};
}

const read = async <T>(
	connection: Connection,
	path: string,
	shape: z.ZodType<T>,
	query?: Record<string, string | number>,
): Promise<T> => (await callBigCommerce(connection, { method: "GET", path, query }, shape)).data;

const isMissing = (probe: unknown) => probe instanceof ChannelError && probe.reason === "missing_scope";

/** A right is looked at before what is asked: without items there is nothing to adjust. */
async function tryWriting(connection: Connection): Promise<void> {
	await unlessRefused(
		callBigCommerce(
			connection,
			{ method: "POST", path: "/v3/inventory/adjustments/relative", body: { items: [] } },
			z.unknown(),
		),
	);
}

/** There is no order 0, so that nothing is changed. */
async function tryCancelling(connection: Connection): Promise<void> {
	await unlessRefused(callBigCommerce(connection, { method: "PUT", path: "/v2/orders/0", body: {} }, z.unknown()));
}

/** Refused for what was asked: so it may be asked. */
async function unlessRefused(call: Promise<unknown>): Promise<void> {
	try {
		await call;
	} catch (error) {
		const isAllowed =
			error instanceof BigCommerceError && error.status !== null && [400, 404, 405, 409, 422].includes(error.status);
		if (!isAllowed) throw error;
	}
}

/** What the token is known to be good for; an app's says so itself. */
function scopesOf(connection: Connection, missing: readonly Scope[], canCancel: unknown): string[] {
	const granted = connection.access.scope?.split(/\s+/).filter(Boolean);
	if (granted) return granted;
	const tried = (Object.keys(wantedScopes) as Scope[]).filter((scope) => !missing.includes(scope));
	return canCancel instanceof ChannelError ? tried : [...tried, ...Object.keys(optionalScopes)];
}

function rulesFrom({ data }: z.output<typeof inventorySettings>): StockRules {
	return {
		takesWhen:
			data.update_stock_behavior === "order_completed_or_shipped" ? "order_completed_or_shipped" : "order_placed",
		editsMoveStock: data.edit_order_stock_adjustment ?? carefulRules.editsMoveStock,
		cancellationsGiveBack: data.refund_order_stock_adjustment ?? carefulRules.cancellationsGiveBack,
	};
}

/** The default one has the lowest id: it was there first. */
const inOrder = (all: readonly Place[]) => [...all].sort((a, b) => Number(a.id) - Number(b.id));
type Place = z.output<typeof locations>["data"][number];
const placeOf = ({ id, label, enabled }: Place) => ({ ref: id, name: label, isActive: enabled });

function scopesCheck(missing: readonly Scope[], canWrite: unknown): Check {
	if (missing.length > 0)
		return {
			name: "scopes",
			state: "failed",
			sentence: `The access token lacks ${missing.map((scope) => `${scope} (${wantedScopes[scope]})`).join(", ")}.`,
			fix: "Make an API account with these scopes (or agree to them when installing the app), then connect again.",
		};
	if (isMissing(canWrite))
		return {
			name: "scopes",
			state: "warned",
			sentence: "The access token may read stock and not write it, so Onecount can only watch this store.",
			fix: "Make an API account with Store inventory: modify, then connect again.",
		};
	return passed("scopes", "The access token has the scopes that are needed.");
}

function stockCheck(rules: StockRules | null): Check {
	if (rules === null)
		return {
			...skipped(
				"stock_management",
				"The store does not say when it takes stock for an order; it is read as when it is placed.",
			),
			fix: "Give the API account Information & settings: read-only, then connect again.",
		};
	if (rules.takesWhen === "order_completed_or_shipped")
		return {
			name: "stock_management",
			state: "warned",
			sentence:
				"This store takes stock only when an order is shipped or completed. Until then it sells the same units again, and so does every other channel.",
			fix: "In BigCommerce under Settings → Inventory let stock be adjusted when an order is placed, then check again.",
		};
	if (!rules.editsMoveStock || !rules.cancellationsGiveBack)
		return {
			name: "stock_management",
			state: "warned",
			sentence: `The store takes stock when an order is placed. ${[
				...(rules.editsMoveStock ? [] : ["Edited orders leave it alone, which shows as drift."]),
				...(rules.cancellationsGiveBack ? [] : ["Cancelled orders give nothing back: put their units back by hand."]),
			].join(" ")}`,
			fix: "In BigCommerce under Settings → Inventory let stock be adjusted for edited, and for refunded or cancelled orders, then check again.",
		};
	return passed(
		"stock_management",
		"The store takes stock when an order is placed, and gives it back when one is cancelled.",
	);
}

function webhooksCheck(connection: Connection): Check {
	const publicUrl = publicUrlOf(connection);
	if (publicUrl === null) return noPublicUrl("the store");
	const trouble = undeliverable(publicUrl, connection.baseUrl);
	if (trouble) return noDelivery(trouble, "Set ONECOUNT_URL to a public https address on port 443.");
	return passed(
		"webhooks",
		connection.access.clientSecret
			? `The store will deliver news to ${publicUrl}, signed.`
			: `The store will deliver news to ${publicUrl}. Without the client secret it is known by a word of ours alone.`,
	);
}

/** The first call was not let in: by the address, or by the token. */
function shutOut(error: ChannelError): Check[] {
	const isKnown = error.reason === "access_revoked" || error.reason === "missing_scope";
	const noStore = error.reason === "gone" ? noStoreHere() : error;
	const first: Check[] = isKnown
		? [passed("address", "BigCommerce answers."), failed("credentials", error)]
		: [failed("address", noStore), skipped("credentials", "Not checked: the store did not answer.")];
	const why = isKnown ? "BigCommerce does not let us in" : "the store did not answer";
	return withRest(first, why);
}

const noStoreHere = () =>
	new BigCommerceError("not_a_store", "BigCommerce knows no store at this API path.", {
		fix: "Check the store hash in the API path: it is shown where the API account was made.",
	});
