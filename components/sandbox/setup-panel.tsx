"use client";

import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import type { SandboxStoreView } from "@/lib/queries/sandbox";
import { type SandboxActions, useSetting } from "./sandbox-actions";

type Setup = NonNullable<SandboxStoreView["setup"]>;
type ShopifySetup = Extract<Setup, { platform: "shopify" }>;
type WooSetup = Extract<Setup, { platform: "woocommerce" }>;
type SetUp = (setup: Record<string, unknown>) => void;

const scopes: NonNullable<ShopifySetup["missingScope"]>[] = [
	"read_products",
	"read_inventory",
	"write_inventory",
	"read_locations",
	"read_orders",
];

/** What a merchant may have set otherwise in the store's own admin; Onecount should say what to mend there. */
export function SetupPanel({
	store,
	setup,
	actions,
}: {
	store: SandboxStoreView;
	setup: Setup;
	actions: SandboxActions;
}) {
	const change = useSetting((next: Record<string, unknown>) => actions.setUp(store.id, next));
	return (
		<Panel title="Set up in its admin" isPadded>
			<div className="flex flex-col gap-3">
				{setup.platform === "shopify" ? (
					<Shopify setup={setup} setUp={change.mutate} />
				) : (
					<WooCommerce setup={setup} setUp={change.mutate} />
				)}
			</div>
		</Panel>
	);
}

function Shopify({ setup, setUp }: { setup: ShopifySetup; setUp: SetUp }) {
	return (
		<>
			<Select
				label="Missing Admin API access scope"
				value={setup.missingScope ?? ""}
				options={[{ value: "", label: "none is missing" }, ...scopes.map((scope) => ({ value: scope, label: scope }))]}
				onChange={(scope) => setUp({ missingScope: scope || null })}
			/>
			<Switch
				label="The app is uninstalled"
				hint="Its tokens are dead: 401, Invalid API key or access token."
				isOn={!setup.isInstalled}
				onChange={(isOn) => setUp({ isInstalled: !isOn })}
			/>
		</>
	);
}

function WooCommerce({ setup, setUp }: { setup: WooSetup; setUp: SetUp }) {
	return (
		<>
			<Switch
				label="Permalink structure: Plain"
				hint="Settings → Permalinks. There is no REST API at /wp-json/ then; every address is the front page."
				isOn={setup.permalinks === "plain"}
				onChange={(isOn) => setUp({ permalinks: isOn ? "plain" : "pretty" })}
			/>
			<Switch
				label="WooCommerce is deactivated"
				hint="Plugins. WordPress answers alone: 404, rest_no_route."
				isOn={!setup.hasWooCommerce}
				onChange={(isOn) => setUp({ hasWooCommerce: !isOn })}
			/>
			<Switch
				label="Enable stock management is off"
				hint="WooCommerce → Settings → Products → Inventory. Nothing is counted."
				isOn={!setup.countsStock}
				onChange={(isOn) => setUp({ countsStock: !isOn })}
			/>
			<Switch
				label="Maintenance mode"
				hint="Briefly unavailable for scheduled maintenance. Check back in a minute."
				isOn={setup.isInMaintenance}
				onChange={(isInMaintenance) => setUp({ isInMaintenance })}
			/>
			<Switch
				label="PHP prints warnings (WP_DEBUG_DISPLAY)"
				hint="In front of every answer, which is no JSON then."
				isOn={setup.printsWarning}
				onChange={(printsWarning) => setUp({ printsWarning })}
			/>
		</>
	);
}
