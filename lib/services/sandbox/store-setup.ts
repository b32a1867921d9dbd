/** How a store is set up in its own admin, where that keeps Onecount from working: what a merchant would have to mend there. */
import { z } from "zod";
import type { SandboxStore } from "@/lib/sandbox/sandbox-platform";
import * as shopify from "@/lib/sandbox/shopify/settings";
import { impliedScopes } from "@/lib/sandbox/shopify/tokens";
import * as stores from "@/lib/sandbox/stores";
import * as woocommerce from "@/lib/sandbox/woocommerce/settings";
import { authorise, type Context } from "../context";
import { ownStore } from "./own-store";

/** The scopes that Onecount needs. */
export const neededScopes = [
	"read_products",
	"read_inventory",
	"write_inventory",
	"read_locations",
	"read_orders",
] as const;
export type NeededScope = (typeof neededScopes)[number];

export type ShopifySetup = {
	platform: "shopify";
	/** Null: the token may do all that Onecount needs. */
	missingScope: NeededScope | null;
	isInstalled: boolean;
};
export type WooSetup = { platform: "woocommerce" } & Pick<
	woocommerce.WooSettings,
	"permalinks" | "hasWooCommerce" | "countsStock" | "isInMaintenance" | "printsWarning"
>;
export type StoreSetup = ShopifySetup | WooSetup;

/** Null: a platform without any. */
export function readSetup(store: SandboxStore): StoreSetup | null {
	if (store.platform === "shopify") {
		const { scopes, isInstalled } = shopify.settingsOf(store);
		const granted = impliedScopes(scopes);
		return {
			platform: "shopify",
			missingScope: neededScopes.find((scope) => !granted.has(scope)) ?? null,
			isInstalled,
		};
	}
	if (store.platform !== "woocommerce") return null;
	const { permalinks, hasWooCommerce, countsStock, isInMaintenance, printsWarning } = woocommerce.settingsOf(store);
	return { platform: "woocommerce", permalinks, hasWooCommerce, countsStock, isInMaintenance, printsWarning };
}

const shopifyInput = z
	.strictObject({ missingScope: z.enum(neededScopes).nullable(), isInstalled: z.boolean() })
	.partial();
const wooInput = z
	.strictObject({
		permalinks: z.enum(["pretty", "plain"]),
		hasWooCommerce: z.boolean(),
		countsStock: z.boolean(),
		isInMaintenance: z.boolean(),
		printsWarning: z.boolean(),
	})
	.partial();

export async function setUpStore(ctx: Context, storeId: string, input: unknown): Promise<void> {
	authorise(ctx, "support");
	const { sandbox, store } = await ownStore(ctx, storeId);
	if (store.platform !== "shopify") {
		await stores.setStoreSettings(sandbox, storeId, wooInput.parse(input));
		return;
	}
	const { missingScope, ...rest } = shopifyInput.parse(input);
	await stores.setStoreSettings(sandbox, storeId, {
		...rest,
		...(missingScope !== undefined && { scopes: scopesWithout(missingScope) }),
	});
}

/** Whoever may write may read, so a scope to read is missing only together with the one to write. */
const scopesWithout = (missing: NeededScope | null) =>
	shopify.defaultSettings.scopes.filter((scope) => missing === null || !impliedScopes([scope]).has(missing));
