/** Live, named checks of a seller's account and the app; nothing in it is changed. */
import type { Check, Connection, ConnectReport } from "../channel-adapter";
import { attempt, failed, passed, skipped, withRest } from "../checks";
import { ChannelError } from "../errors";
import { type Item, orderSearch, type Participation, participations, submission } from "./api-types";
import { callAmazon, encode } from "./client";
import { itemsPath, searchItems, stockOfItem } from "./items";
import { appOf, sellerToken } from "./login";
import { ownQuantity, untouchable } from "./mapper";
import { marketplaceOf, regionOf } from "./marketplaces";
import { patchesFor, productType } from "./patch";
import { checkQueue, queueOf } from "./queue";
import { isPathSafe } from "./skus";

const afterAccount: Check["name"][] = ["scopes", "inventory_read", "inventory_write", "stock_management", "webhooks"];

/** Never throws for what Amazon answers: each failed check says so, and what follows from it is skipped. */
export async function connect(connection: Connection): Promise<ConnectReport> {
	const account = await attempt(() => readParticipations(connection));
	if (account instanceof ChannelError) return closed(connection, account);
	const here = account.find(({ marketplace }) => marketplace.id === connection.access.marketplaceId);
	const address = addressCheck(connection, account, here);
	if (address.state === "failed" || !here)
		return {
			checks: withRest([credentialsPassed, address], "the marketplace is another", afterAccount),
			store: null,
		};

	const items = await attempt(() => searchItems(connection, stockOfItem, { sortBy: "sku", sortOrder: "ASC" }));
	const orders = await attempt(() => tryOrders(connection));
	const found = items instanceof ChannelError ? [] : items.items;
	const canWrite = items instanceof ChannelError ? items : await attempt(() => tryWriting(connection, found));
	const inRegion = account.filter(({ participation }) => participation.isParticipating);
	return {
		checks: [
			credentialsPassed,
			address,
			scopesCheck(items, orders),
			readCheck(items, orders),
			writeCheck(canWrite),
			sellingCheck(here),
			await queueCheck(connection),
		],
		store: {
			storeKey: connection.access.sellerId ?? "",
			name: here.storeName?.trim() || `Amazon ${marketplaceOf(here.marketplace.id)?.country ?? here.marketplace.id}`,
			locations: [],
			facts: {
				region: regionOf(connection.baseUrl),
				marketplaceIds: inRegion.map(({ marketplace }) => marketplace.id),
				currency: here.marketplace.defaultCurrencyCode ?? null,
			},
		},
	};
}

/** Only Amazon's login, and a secret that has ended, say that keys are wrong; whatever else keeps the account from being read is about where it was asked. */
async function closed(connection: Connection, error: ChannelError): Promise<ConnectReport> {
	const isShut = error.reason === "access_revoked" || error.reason === "app_misconfigured";
	const isLetIn = !isShut && !((await attempt(() => sellerToken(connection))) instanceof ChannelError);
	return {
		checks: withRest(
			[
				isShut
					? failed("credentials", error)
					: isLetIn
						? credentialsPassed
						: skipped("credentials", "Not checked: Amazon's login does not answer."),
				isShut ? skipped("address", "Not checked: Amazon's login lets nobody in.") : failed("address", error),
			],
			isShut ? "Amazon's login lets nobody in" : "the account can't be read",
			afterAccount,
		),
		store: null,
	};
}

export async function readParticipations(connection: Connection): Promise<Participation[]> {
	const path = "/sellers/v1/marketplaceParticipations";
	const call = { operation: "getMarketplaceParticipations" as const, method: "GET" as const, path };
	return (await callAmazon(connection, call, participations)).payload;
}

function addressCheck(
	connection: Connection,
	account: readonly Participation[],
	here: Participation | undefined,
): Check {
	if (here?.participation.isParticipating)
		return passed(
			"address",
			`The account sells at ${marketplaceOf(here.marketplace.id)?.domain ?? (here.marketplace.name || here.marketplace.id)}.`,
		);
	const sellsAt = account
		.filter(({ participation }) => participation.isParticipating)
		.map(
			({ marketplace }) => `${marketplaceOf(marketplace.id)?.domain ?? marketplace.name ?? "?"} (${marketplace.id})`,
		);
	const wanted = marketplaceOf(connection.access.marketplaceId ?? "")?.domain ?? connection.access.marketplaceId;
	return {
		name: "address",
		state: "failed",
		sentence: `This account does not sell at ${wanted}.`,
		fix:
			sellsAt.length > 0
				? `Choose a marketplace that it sells at: ${sellsAt.join(", ")}.`
				: "Choose the region in which the seller authorised the app.",
	};
}

const tryOrders = (connection: Connection) => {
	const query = {
		lastUpdatedAfter: new Date(connection.now().getTime() - 86_400_000).toISOString(),
		marketplaceIds: connection.access.marketplaceId,
		maxResultsPerPage: 1,
	};
	const call = { operation: "searchOrders" as const, method: "GET" as const, path: "/orders/2026-01-01/orders", query };
	return callAmazon(connection, call, orderSearch);
};

/** A preview of writing what an item has already: judged like a write, and never carried out. Null where there is nothing to try it on. */
async function tryWriting(connection: Connection, items: readonly Item[]): Promise<true | null> {
	const item = items.find(
		(one) => ownQuantity(one) !== null && !untouchable(one) && isPathSafe(one.sku, encode(one.sku)),
	);
	if (!item) return null;
	const call = {
		operation: "patchListingsItem" as const,
		method: "PATCH" as const,
		path: `${itemsPath(connection)}/${encode(item.sku)}`,
		query: { marketplaceIds: [connection.access.marketplaceId ?? ""], mode: "VALIDATION_PREVIEW" },
		body: { productType, patches: patchesFor(ownQuantity(item) ?? 0) },
	};
	await callAmazon(connection, call, submission);
	return true;
}

function scopesCheck(items: unknown, orders: unknown): Check {
	const missing = [
		...(isForbidden(items) ? ["Product Listing"] : []),
		...(isForbidden(orders) ? ["Inventory and Order Tracking"] : []),
	];
	if (missing.length === 0) return passed("scopes", "The app has the roles that it needs.");
	return {
		name: "scopes",
		state: "failed",
		sentence: `Amazon refuses calls that need the role ${missing.join(" and ")}.`,
		fix: "Check the seller id. If it is right, give the app the role in its registration, and let the seller authorise it again: a role that was added counts only from then on.",
	};
}

const isForbidden = (result: unknown) => result instanceof ChannelError && result.reason === "missing_scope";

function readCheck(items: unknown, orders: unknown): Check {
	for (const result of [items, orders]) if (result instanceof ChannelError) return failed("inventory_read", result);
	return passed("inventory_read", "Listings and orders can be read.");
}

function writeCheck(canWrite: true | null | ChannelError): Check {
	if (canWrite === null)
		return skipped("inventory_write", "There is no merchant-fulfilled item yet on which writing could be tried.");
	if (canWrite instanceof ChannelError)
		return { ...failed("inventory_write", canWrite), sentence: `Quantities can't be written. ${canWrite.message}` };
	return passed("inventory_write", "Quantities may be written. The check itself only previews one.");
}

function sellingCheck({ participation }: Participation): Check {
	if (!participation.hasSuspendedListings)
		return passed("stock_management", "The account's listings are open for sale.");
	return {
		name: "stock_management",
		state: "warned",
		sentence:
			"Listings of this account are suspended (a vacation, or a measure of Amazon's): quantities are taken in and nothing is sold.",
		fix: "See in Seller Central under Account Health why, and when it ends.",
	};
}

async function queueCheck(connection: Connection): Promise<Check> {
	const queue = queueOf(connection);
	if (!queue)
		return {
			name: "webhooks",
			state: "warned",
			sentence:
				"Without a queue Amazon's news can't reach Onecount, and its orders can be asked for only once in three minutes. Until then a sale there may be unknown here.",
			fix: "Make a standard queue in Amazon SQS, let Amazon's account 437568002678 send to it (sqs:SendMessage, sqs:GetQueueAttributes), and connect again with its URL and an access key that may receive and delete.",
		};
	const answered = await attempt(() => checkQueue(connection, queue));
	if (answered instanceof ChannelError) return failed("webhooks", answered);
	if (!appOf(connection))
		return {
			name: "webhooks",
			state: "warned",
			sentence: "The queue answers. Whether Amazon sends its news there is set up by the app's owner.",
			fix: null,
		};
	return passed(
		"webhooks",
		"The queue answers. Orders come straight to it; changes of quantity come if a rule of the account's event bus leads them there.",
	);
}

const credentialsPassed = passed("credentials", "Amazon's login accepts the app and the seller's permission.");
