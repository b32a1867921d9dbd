/** What a channel is offered: what is available to it, less what a policy keeps back, in units of the listing. */
import { type OfferPolicy, openPolicy, type PolicyField } from "./offer-policy";
import { paceMemoryMs } from "./slot-news";

/** available = on hand − reserved. Negative after an oversale. */
export const availableUnits = (onHand: number, reserved: number): number => onHand - reserved;

/** A bundle can be sold as often as its scarcest component allows; may be negative, like its components. */
export function bundleUnits(components: readonly { available: number; units: number }[]): number {
	if (components.length === 0) throw new Error("a bundle has at least one component");
	return Math.min(...components.map(({ available, units }) => Math.floor(available / units)));
}

/** A bundle is sold out as soon as its fastest component is: recent sales of each, in units of the bundle. */
export const bundlePace = (components: readonly { recentUnits: number; units: number }[]): number =>
	Math.max(0, ...components.map(({ recentUnits, units }) => recentUnits / units));

/**
 * Whole units of the SKU that sell in `seconds` at the recent pace. `recentUnits`: what sold lately, fading (`recentlySold`,
 * slot-news.ts). One unit is a sale and not yet a pace; a slow seller holds nothing back.
 */
export const paceUnits = (recentUnits: number, seconds: number): number =>
	Math.floor((Math.max(0, recentUnits - 1) * seconds * 1000) / paceMemoryMs + 0.5);

export type ChannelStock = {
	/** Units of the SKU that the channel may be offered from: those available, or its share of them. May be negative. */
	available: number;
	/** Units that `bufferSeconds` holds back: `paceUnits` when the offer was computed. */
	paceUnits: number;
	/** Units of the SKU that one of the listing takes (a six-pack: 6). */
	units: number;
};

/** One step from what is available to what is shown. */
export type OfferStep = {
	/** What acted; `units`: from units of the SKU to units of the listing. */
	by: PolicyField | "units";
	/** Its number: units held back, per cent, units of the listing, units per listing. */
	value: number;
	/** What was left after it: units of the SKU up to the step `units`, of the listing from then on. */
	left: number;
};

export type Offer = {
	/** Units of the listing that it ought to show. */
	quantity: number;
	/** Whatever is set to keep something back, in the order in which it acts, also where it kept nothing. */
	steps: OfferStep[];
};

/**
 * What a listing ought to show, and how that came about. Never negative, never more than what is available allows, never
 * falling when stock rises. `offer_of` (db/guards.sql) is the same in SQL; a test holds both equal.
 */
export function offer({ available, paceUnits, units }: ChannelStock, policy: OfferPolicy): Offer {
	const steps: OfferStep[] = [];
	const take = (by: OfferStep["by"], value: number, left: number) => {
		if (by === "units" ? value !== 1 : value !== openPolicy[by]) steps.push({ by, value, left });
		return left;
	};

	const isFast = paceUnits > policy.bufferUnits;
	const held = isFast ? paceUnits : policy.bufferUnits;
	const sellable = take(isFast ? "bufferSeconds" : "bufferUnits", held, Math.max(0, available - held));
	const shared = take("sharePercent", policy.sharePercent, Math.floor((sellable * policy.sharePercent) / 100));
	let quantity = take("units", units, Math.floor(shared / units));
	if (policy.sharePercent < 100) {
		const kept = Math.min(policy.minUnits, Math.floor(sellable / units));
		quantity = take("minUnits", policy.minUnits, Math.max(quantity, kept));
	}
	if (policy.capUnits !== null) quantity = take("capUnits", policy.capUnits, Math.min(quantity, policy.capUnits));
	quantity = take("outOfStockBelow", policy.outOfStockBelow, quantity < policy.outOfStockBelow ? 0 : quantity);
	return { quantity, steps };
}

/** The last step of a listing that has a share of its own: what was dealt to it (escrow.ts) of what it would show of all. */
export type SplitStep = { by: "split"; value: number; left: number };

export const splitStep = (share: number): SplitStep => ({ by: "split", value: share, left: share });
