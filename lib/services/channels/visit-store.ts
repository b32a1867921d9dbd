/** Visits to a store's own page, where the merchant agrees: Shopify's and WooCommerce's ways, and everybody else's OAuth. */
import { type ConnectablePlatform, platformFor } from "@/lib/channels/registry";
import type { Context } from "../context";
import type { BegunVisit, VisitReturn } from "./connect-attempt";
import { beginConsent, finishConsent } from "./connect-by-consent";
import { readForm, visitInput } from "./read-pasted";
import { beginShopifyOAuth, finishShopifyOAuth } from "./shopify-oauth";
import { beginHandOver } from "./woocommerce-hand-over";

/** `origin`: how this browser reaches Onecount; the store sends it back there. */
export function beginVisit(ctx: Context, input: unknown, at: { origin: string }): Promise<BegunVisit> {
	const form = readForm(visitInput.parse(input));
	switch (form.platform) {
		case "shopify":
			return beginShopifyOAuth(ctx, form, at);
		case "woocommerce":
			return beginHandOver(ctx, form, at);
		default:
			return beginConsent(ctx, form, at);
	}
}

/** `state`: from the cookie of the browser that came back; empty without one. */
export const finishVisit = (
	ctx: Context,
	platform: ConnectablePlatform,
	query: URLSearchParams,
	visit: { origin: string; state: string },
): Promise<VisitReturn> =>
	platform === "shopify" ? finishShopifyOAuth(ctx, query, visit.state) : finishConsent(ctx, platform, query, visit);

/** True: visits begin on the platform's side, and nothing that we sent out comes back with the browser. */
export const beginsThere = async (platform: ConnectablePlatform): Promise<boolean> =>
	(await platformFor(platform)).consent?.authorizeUrl === null;
