/**
 * How stores are set up in their own admin, where that keeps Onecount from working: as data, by platform. Each choice is
 * what it sets; a store whose settings are none of them is as the first says.
 */
import type { Platform } from "@/db/schema";
import * as amazon from "@/lib/sandbox/amazon/settings";
import * as shopify from "@/lib/sandbox/shopify/settings";
import { impliedScopes } from "@/lib/sandbox/shopify/tokens";
import * as square from "@/lib/sandbox/square/settings";

export type Settings = Record<string, unknown>;

export type SetupField = {
	key: string;
	label: string;
	hint: string | null;
	choices: readonly SetupChoice[];
	/** Two choices, of which the second is unusual: drawn as a switch. */
	isSwitch: boolean;
};

/** `byClock`: what it sets beside that, which depends on when it is chosen. */
export type SetupChoice = { value: string; label: string; settings: Settings; byClock?: (now: Date) => Settings };

/** Off as a store usually is, on what has to be mended. */
const trouble = (label: string, hint: string, key: string, on: unknown, off: unknown): SetupField => ({
	key,
	label,
	hint,
	choices: [
		{ value: "off", label: "off", settings: { [key]: off } },
		{ value: "on", label: "on", settings: { [key]: on } },
	],
	isSwitch: true,
});

/** The scopes that Onecount needs. */
export const neededScopes = [
	"read_products",
	"read_inventory",
	"write_inventory",
	"read_locations",
	"read_orders",
] as const;

/** Whoever may write may read, so a scope to read is missing only together with the one to write. */
const scopesWithout = (missing: string) =>
	shopify.defaultSettings.scopes.filter((scope) => !impliedScopes([scope]).has(missing));

const { effectMedianMs, effectLongestMs } = amazon.defaultSettings;
/** The first is what a new account has. */
const amazonPaces = [
	{ value: "usual", label: "20 seconds, at most 15 minutes", median: effectMedianMs, longest: effectLongestMs },
	{ value: "at_once", label: "at once", median: 0, longest: 0 },
	{ value: "slow", label: "5 minutes, at most an hour", median: 300_000, longest: 3_600_000 },
];

/** `days`: from when it is chosen on; null: as it was made. */
const secretEnding = (secretIs: string, days: number | null): Pick<SetupChoice, "settings" | "byClock"> => ({
	settings: { secretIs },
	byClock: (now) => ({
		secretExpiresAt: days === null ? null : new Date(now.getTime() + days * 86_400_000).toISOString(),
	}),
});

export const storeSetups: Partial<Record<Platform, readonly SetupField[]>> = {
	shopify: [
		{
			key: "missingScope",
			label: "Missing Admin API access scope",
			hint: null,
			choices: [
				{ value: "", label: "none is missing", settings: { scopes: shopify.defaultSettings.scopes } },
				...neededScopes.map((scope) => ({ value: scope, label: scope, settings: { scopes: scopesWithout(scope) } })),
			],
			isSwitch: false,
		},
		trouble(
			"The app is uninstalled",
			"Its tokens are dead: 401, Invalid API key or access token.",
			"isInstalled",
			false,
			true,
		),
	],
	woocommerce: [
		trouble(
			"Permalink structure: Plain",
			"Settings → Permalinks. There is no REST API at /wp-json/ then; every address is the front page.",
			"permalinks",
			"plain",
			"pretty",
		),
		trouble(
			"WooCommerce is deactivated",
			"Plugins. WordPress answers alone: 404, rest_no_route.",
			"hasWooCommerce",
			false,
			true,
		),
		trouble(
			"Enable stock management is off",
			"WooCommerce → Settings → Products → Inventory. Nothing is counted.",
			"countsStock",
			false,
			true,
		),
		trouble(
			"Maintenance mode",
			"Briefly unavailable for scheduled maintenance. Check back in a minute.",
			"isInMaintenance",
			true,
			false,
		),
		trouble(
			"PHP prints warnings (WP_DEBUG_DISPLAY)",
			"In front of every answer, which is no JSON then.",
			"printsWarning",
			true,
			false,
		),
	],
	bigcommerce: [
		{
			key: "updateStockBehavior",
			label: "Stock is taken",
			hint: "Settings → Inventory.",
			choices: [
				{ value: "placed", label: "when an order is placed", settings: { updateStockBehavior: "order_placed" } },
				{
					value: "shipped",
					label: "when it is completed or shipped",
					settings: { updateStockBehavior: "order_completed_or_shipped" },
				},
			],
			isSwitch: false,
		},
		trouble(
			"Cancellations and refunds keep the units",
			"Settings → Inventory. In the control panel; by API they always do.",
			"refundsMoveStock",
			false,
			true,
		),
	],
	magento: [
		trouble(
			"The integration is deactivated",
			"System → Integrations. Its tokens are refused: 401.",
			"isRevoked",
			true,
			false,
		),
		trouble(
			"Maintenance mode",
			"bin/magento maintenance:enable. Every address answers 503.",
			"isInMaintenance",
			true,
			false,
		),
		trouble("Web server rewrites are off", "The REST API answers below /index.php alone.", "hasRewrites", false, true),
		trouble(
			"Queue consumers don't run",
			"Bulk operations stay open, and salable units are judged late.",
			"consumersRun",
			false,
			true,
		),
	],
	amazon: [
		{
			key: "acceptToEffect",
			label: "From accepted to applied",
			hint: "What Amazon takes in is applied later; nobody promises when.",
			choices: amazonPaces.map(({ value, label, median, longest }) => ({
				value,
				label,
				settings: { effectMedianMs: median, effectLongestMs: longest },
			})),
			isSwitch: false,
		},
		{
			key: "acceptedNeverApplied",
			label: "Accepted, and never applied",
			hint: "Only reading the level tells.",
			choices: [0.005, 0, 0.1, 1].map((rate) => ({
				value: String(rate),
				label: rate === 0 ? "never" : `${rate * 100} %`,
				settings: { neverAppliedRate: rate },
			})),
			isSwitch: false,
		},
		{
			key: "missingRole",
			label: "Missing role of the app",
			hint: null,
			choices: [
				{ value: "", label: "none is missing", settings: { roles: { listings: true, orders: true } } },
				{
					value: "listings",
					label: "Product Listing",
					settings: { roles: { listings: false, orders: true } },
				},
				{
					value: "orders",
					label: "Inventory and Order Tracking",
					settings: { roles: { listings: true, orders: false } },
				},
			],
			isSwitch: false,
		},
		trouble(
			"The seller has taken the permission back",
			"Amazon's login refuses the refresh token: invalid_grant.",
			"isRevoked",
			true,
			false,
		),
		{
			key: "clientSecretEnds",
			label: "The app's client secret ends",
			hint: "180 days after it was made; then every call is refused until there is a new one.",
			choices: [
				{ value: "usual", label: "after 180 days", ...secretEnding("usual", null) },
				{ value: "ending", label: "in 12 days", ...secretEnding("ending", 12) },
				{ value: "ended", label: "it has ended", ...secretEnding("ended", 0) },
			],
			isSwitch: false,
		},
		trouble(
			"The developer console names no queue for a new secret",
			"Notification Preferences. Nobody can be asked for one then, and nobody is told when it ends.",
			"isEnrolledForSecrets",
			false,
			true,
		),
		trouble(
			"Listings are suspended",
			"A vacation, or a measure of Amazon's: quantities are taken in and nothing is sold.",
			"hasSuspendedListings",
			true,
			false,
		),
		trouble(
			"No rule leads from the event bus to the queue",
			"News of quantities comes to nothing; orders still come.",
			"hasEventRule",
			false,
			true,
		),
	],
	square: [
		{
			key: "missingPermission",
			label: "Missing permission of the app",
			hint: "What the merchant did not agree to: 403, INSUFFICIENT_SCOPES.",
			choices: [
				{ value: "", label: "none is missing", settings: { scopes: square.defaultSettings.scopes } },
				...square.allScopes.map((missing) => ({
					value: missing,
					label: missing,
					settings: { scopes: square.allScopes.filter((scope) => scope !== missing) },
				})),
			],
			isSwitch: false,
		},
		trouble("The merchant has taken the access back", "Every token is refused: 401.", "isRevoked", true, false),
		trouble("Buyers pay at a till", "It sells whatever it is asked for, below zero.", "sellsAt", "till", "online"),
		trouble(
			"A throttled batch is done in part",
			"429, and half of it is in the ledger.",
			"throttlesInPart",
			true,
			false,
		),
	],
	api2cart: [
		trouble(
			"The account's API key is switched off",
			"In API2Cart's dashboard. Every call is refused: code 6, API key is disabled.",
			"isKeyOff",
			true,
			false,
		),
		trouble(
			"API2Cart has lost its way to the store",
			"Its credentials there were changed, or its host is down.",
			"isConnected",
			false,
			true,
		),
	],
};
