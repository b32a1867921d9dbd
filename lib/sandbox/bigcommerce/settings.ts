/** What a BigCommerce sandbox store is set to, beside its state. What BigCommerce does not state is a setting, too. */
import type { SandboxStore } from "../sandbox-platform";

export type Location = { id: number; code: string; label: string; enabled: boolean; isDefault: boolean };

export type BigCommerceSettings = {
	updateStockBehavior: "order_placed" | "order_completed_or_shipped";
	/** Whether an edited order moves stock. */
	editsMoveStock: boolean;
	/** Whether a cancellation, and a refund in the control panel, gives stock back. One by API never does. */
	refundsMoveStock: boolean;
	/** The storefront sells from the default one. */
	locations: Location[];
	/** What the merchant's own API account may do; `nothing`: it was deleted. */
	accountMay: "all" | "reading" | "nothing";
	/** Requests in a window, for all apps together: 150 on Standard and Plus, 450 on Pro. */
	quotaPerWindow: number;
	windowMs: number;
	/** Adjustments are applied this long after their answer, and up to so much later. */
	adjustmentDelayMs: number;
	adjustmentJitterMs: number;
	/** Share of adjustments that are accepted and never applied. */
	adjustmentLossRate: number;
	/** An accepted take that no longer fits when it is applied, since something was sold meanwhile. Nobody states it. */
	lateShortfall: "dropped" | "applied";
	/** Nobody states whether the good rows of a call with a bad one are applied. */
	appliesGoodRowsOf422: boolean;
	/** What a relative take below zero is refused with: that it is, is documented; how it reads, is not. `%s`: the item. */
	belowZeroTitle: string;
	/** A status that a checkout gives its order: 11 paid, 7 to be paid, 0 given up while it was paid. */
	checkoutStatusId: number;
	/** Whether a change of stock moves its product's date_modified: seen to, and documented nowhere. */
	stockMovesStamps: boolean;
	/** Whether a change at another location than the default one is told by product or sku, too. Nobody states it. */
	pointsToOtherLocations: boolean;
	/** A new webhook starts to deliver within a minute. */
	hookStartsAfterMs: number;
	/** 1: retries after a minute and up to a day. Smaller is faster. */
	retryScale: number;
	/** A webhook that delivered nothing for so long is switched off. */
	hookIdleMs: number;
	/** False: news of older webhooks, without Standard Webhooks' headers. */
	signsWebhooks: boolean;
	/**
	 * The deliberate deviation: BigCommerce delivers to https on port 443 only. Sandbox stores and Onecount meet on loopback,
	 * so new stores may do so; switch it off to have BigCommerce's own refusal.
	 */
	mayCallPrivate: boolean;
	timezone: string;
	currency: string;
};

export const defaultSettings: BigCommerceSettings = {
	updateStockBehavior: "order_placed",
	editsMoveStock: true,
	refundsMoveStock: true,
	locations: [{ id: 1, code: "BC-LOCATION-1", label: "Default location", enabled: true, isDefault: true }],
	accountMay: "all",
	quotaPerWindow: 150,
	windowMs: 30_000,
	adjustmentDelayMs: 2_000,
	adjustmentJitterMs: 6_000,
	adjustmentLossRate: 0,
	lateShortfall: "dropped",
	appliesGoodRowsOf422: false,
	belowZeroTitle: "Items with identity: [%s] can not be adjusted below zero",
	checkoutStatusId: 11,
	stockMovesStamps: true,
	pointsToOtherLocations: false,
	hookStartsAfterMs: 20_000,
	retryScale: 1,
	hookIdleMs: 90 * 86_400_000,
	signsWebhooks: true,
	mayCallPrivate: true,
	timezone: "America/Chicago",
	currency: "USD",
};

export const settingsOf = (store: Pick<SandboxStore, "settings">): BigCommerceSettings => ({
	...defaultSettings,
	...store.settings,
});

export const defaultLocation = ({ locations }: BigCommerceSettings): number =>
	(locations.find(({ isDefault }) => isDefault) ?? locations[0])?.id ?? 1;
