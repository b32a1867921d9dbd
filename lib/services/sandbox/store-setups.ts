/**
 * How stores are set up in their own admin, where that keeps Onecount from working: as data, by platform. Each choice is
 * what it sets; a store whose settings are none of them is as the first says.
 */
import type { Platform } from "@/db/schema";
import * as shopify from "@/lib/sandbox/shopify/settings";
import { impliedScopes } from "@/lib/sandbox/shopify/tokens";

export type Settings = Record<string, unknown>;

export type SetupField = {
	key: string;
	label: string;
	hint: string | null;
	choices: readonly { value: string; label: string; settings: Settings }[];
	/** Two choices, of which the second is unusual: drawn as a switch. */
	isSwitch: boolean;
};

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
	api2cart: [
		trouble(
			"API2Cart has lost its way to the store",
			"Its credentials there were changed, or its host is down.",
			"isConnected",
			false,
			true,
		),
	],
};
