/**
 * What a merchant decides about the number that a channel is offered. Each field is inherited by itself: the nearest
 * level that sets it decides it, whatever the same level says of the others.
 */

/** From the nearest to the farthest. */
export const policyLevels = ["listing", "sku", "channel", "merchant"] as const;
export type PolicyLevel = (typeof policyLevels)[number];

/** A policy as it takes effect. How the fields act together is `offer` (offer.ts). */
export type OfferPolicy = {
	/** Units of the SKU that are held back from the channel. Zero: none. */
	bufferUnits: number;
	/**
	 * Holds back as many units of the SKU as sell in so many seconds at the recent pace, where that is more than
	 * `bufferUnits`. Zero: the pace plays no part.
	 */
	bufferSeconds: number;
	/** At most this share of what is left after the buffer, 1–100 %, rounded down. 100: all of it. */
	sharePercent: number;
	/**
	 * Units of the listing that the share can't take it under while the stock lasts: with few left the channel is kept
	 * supplied with so many before the share counts. It never shows more than there is. Zero: the share counts alone.
	 */
	minUnits: number;
	/** Units of the listing: it never shows more. Zero: it is not sold there. Null: as many as there are. */
	capUnits: number | null;
	/** Units of the listing: an offer of fewer is shown as none. Zero and one: it sells to the last. */
	outOfStockBelow: number;
};
export type PolicyField = keyof OfferPolicy;

/** In the order in which they act. */
export const policyFields = [
	"bufferUnits",
	"bufferSeconds",
	"sharePercent",
	"minUnits",
	"capUnits",
	"outOfStockBelow",
] as const satisfies readonly PolicyField[];

/** What one level sets. Null: it does not say, and the next level decides. */
export type PolicyFields = Record<PolicyField, number | null>;

/** What holds where no level sets a field: the channel is offered all that is available. */
export const openPolicy: OfferPolicy = {
	bufferUnits: 0,
	bufferSeconds: 0,
	sharePercent: 100,
	minUnits: 0,
	capUnits: null,
	outOfStockBelow: 0,
};

export type ResolvedPolicy = {
	policy: OfferPolicy;
	/** Which level decided each field; null: none sets it. */
	from: Record<PolicyField, PolicyLevel | null>;
};

/** The first level that sets a field decides it: listing over SKU over channel over merchant. A level left out sets nothing. */
export function resolvePolicy(levels: Partial<Record<PolicyLevel, PolicyFields>>): ResolvedPolicy {
	const policy: OfferPolicy = { ...openPolicy };
	const from = {} as ResolvedPolicy["from"];
	for (const field of policyFields) {
		from[field] = policyLevels.find((level) => (levels[level]?.[field] ?? null) !== null) ?? null;
		const value = from[field] && levels[from[field]]?.[field];
		if (typeof value === "number") policy[field] = value;
	}
	return { policy, from };
}

/**
 * Two fields that can't both be meant, or null. A cap of zero is meant: it takes the listing off sale, whatever else is
 * set. The rest is refused when it is set (lib/services/policies), since it would never sell, or never keep what it says.
 */
export function disagreementOf(policy: OfferPolicy): readonly [PolicyField, PolicyField] | null {
	const { minUnits, capUnits, outOfStockBelow } = policy;
	if (capUnits === 0) return null;
	if (capUnits !== null && outOfStockBelow > capUnits) return ["outOfStockBelow", "capUnits"];
	if (capUnits !== null && minUnits > capUnits) return ["minUnits", "capUnits"];
	if (minUnits > 0 && outOfStockBelow > minUnits) return ["outOfStockBelow", "minUnits"];
	return null;
}
