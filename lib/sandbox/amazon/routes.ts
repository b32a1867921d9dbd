/** Which operation a method and a path are, whose token it takes, and the role that it needs. */
import type { SandboxStore } from "../sandbox-platform";
import { rotateSecret } from "./app-secret";
import { cancelFeed, createFeed, createFeedDocument, getDocument, getFeed } from "./feeds";
import { getItem, patchItem, searchItems } from "./listings-api";
import {
	createDestination,
	createSubscription,
	deleteSubscription,
	getDestinations,
	getSubscription,
} from "./notifications-api";
import type { Operation } from "./operations";
import { getOrder, searchOrders } from "./order-api";
import { createReport, getReport, getReports } from "./reports";
import { settingsOf } from "./settings";
import type { TokenKind } from "./token-kinds";
import { type Answer, type Call, noToken, unauthorized } from "./wire";

type Role = "listings" | "orders";
export type Route = {
	operation: Operation;
	as: TokenKind;
	role: Role | null;
	/** For the log of requests. */
	what: string;
	answer(call: Call): Promise<Answer>;
};

const seller = { as: "seller" as const };
const app = { as: "app" as const };

const getParticipations = async ({ store, settings }: Call): Promise<Answer> => ({
	body: {
		payload: settings.marketplaceIds.map((id) => ({
			marketplace: {
				id,
				name: `Amazon ${id}`,
				countryCode: "US",
				defaultCurrencyCode: "USD",
				defaultLanguageCode: "en_US",
				domainName: "www.amazon.com",
			},
			participation: { isParticipating: true, hasSuspendedListings: settings.hasSuspendedListings },
			storeName: store.name,
		})),
	},
});

const listings = { ...seller, role: "listings" as const };
const orders = { ...seller, role: "orders" as const };
const anybody = { ...seller, role: null };
const ofApp = { ...app, role: null };
const items = "/listings/2021-08-01/items/([^/]+)";
const subscriptions = "/notifications/v1/subscriptions/([^/]+)";

const table: [method: string, path: string, route: Route][] = [
	["GET", items, { ...listings, operation: "searchListingsItems", what: "read", answer: searchItems }],
	["GET", `${items}/([^/]+)`, { ...listings, operation: "getListingsItem", what: "read", answer: getItem }],
	["PATCH", `${items}/([^/]+)`, { ...listings, operation: "patchListingsItem", what: "write", answer: patchItem }],
	[
		"POST",
		"/feeds/2021-06-30/documents",
		{ ...listings, operation: "createFeedDocument", what: "feed", answer: createFeedDocument },
	],
	[
		"GET",
		"/feeds/2021-06-30/documents/([^/]+)",
		{ ...listings, operation: "getFeedDocument", what: "feed", answer: (call) => getDocument(call, "feedDocumentId") },
	],
	["POST", "/feeds/2021-06-30/feeds", { ...listings, operation: "createFeed", what: "write", answer: createFeed }],
	["GET", "/feeds/2021-06-30/feeds/([^/]+)", { ...listings, operation: "getFeed", what: "feed", answer: getFeed }],
	[
		"DELETE",
		"/feeds/2021-06-30/feeds/([^/]+)",
		{ ...listings, operation: "cancelFeed", what: "feed", answer: cancelFeed },
	],
	[
		"POST",
		"/reports/2021-06-30/reports",
		{ ...listings, operation: "createReport", what: "report", answer: createReport },
	],
	["GET", "/reports/2021-06-30/reports", { ...listings, operation: "getReports", what: "report", answer: getReports }],
	[
		"GET",
		"/reports/2021-06-30/reports/([^/]+)",
		{ ...listings, operation: "getReport", what: "report", answer: getReport },
	],
	[
		"GET",
		"/reports/2021-06-30/documents/([^/]+)",
		{
			...listings,
			operation: "getReportDocument",
			what: "report",
			answer: (call) => getDocument(call, "reportDocumentId"),
		},
	],
	["GET", "/orders/2026-01-01/orders", { ...orders, operation: "searchOrders", what: "orders", answer: searchOrders }],
	["GET", "/orders/2026-01-01/orders/([^/]+)", { ...orders, operation: "getOrder", what: "orders", answer: getOrder }],
	[
		"GET",
		"/sellers/v1/marketplaceParticipations",
		{ ...anybody, operation: "getMarketplaceParticipations", what: "account", answer: getParticipations },
	],
	[
		"POST",
		"/notifications/v1/destinations",
		{ ...ofApp, operation: "createDestination", what: "news", answer: createDestination },
	],
	[
		"GET",
		"/notifications/v1/destinations",
		{ ...ofApp, operation: "getDestinations", what: "news", answer: getDestinations },
	],
	["POST", subscriptions, { ...anybody, operation: "createSubscription", what: "news", answer: createSubscription }],
	["GET", subscriptions, { ...anybody, operation: "getSubscription", what: "news", answer: getSubscription }],
	[
		"DELETE",
		`${subscriptions}/([^/]+)`,
		{ ...ofApp, operation: "deleteSubscriptionById", what: "news", answer: deleteSubscription },
	],
	[
		"POST",
		"/applications/2023-11-30/clientSecret",
		{ as: "rotation", role: null, operation: "rotateApplicationClientSecret", what: "secret", answer: rotateSecret },
	],
];
const compiled = table.map(([method, path, route]) => ({ method, pattern: new RegExp(`^${path}$`), route }));

/** Throws what Amazon answers to a path or method that it does not know: as to somebody without a token. */
export function findRoute(store: SandboxStore, method: string, path: string): { route: Route; parts: string[] } {
	for (const { method: known, pattern, route } of compiled) {
		const match = known === method ? pattern.exec(path) : null;
		if (match)
			return {
				route,
				parts: match
					.slice(1)
					.map((part) => decode(part))
					.map((part, index) => ownPart(store, route, part, index)),
			};
	}
	throw noToken();
}

/** Encoded once and wholly, or it is forbidden: an encoded slash, and signs that should have been encoded. */
function decode(part: string): string {
	if (/%2F|%5C|%23|[!'()*]/i.test(part)) throw unauthorized();
	try {
		return decodeURIComponent(part);
	} catch {
		throw unauthorized();
	}
}

/** Another seller's things are not this token's. */
function ownPart(store: SandboxStore, route: Route, part: string, index: number): string {
	if (route.role === "listings" && index === 0 && /Listing/.test(route.operation) && part !== store.secrets.sellerId)
		throw unauthorized();
	return part;
}

/** Throws what Amazon answers where the seller has not agreed to the app's role. */
export function checkRole(store: SandboxStore, { role }: Route): void {
	if (role && !settingsOf(store).roles[role]) throw unauthorized();
}
