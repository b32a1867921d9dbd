/** A policy in the words of its screens. */

import { assertNever } from "@/lib/assert-never";
import type { OfferStep, SplitStep } from "@/lib/stock/offer";
import {
	openPolicy,
	type PolicyField,
	type PolicyFields,
	type PolicyLevel,
	policyFields,
	type ResolvedPolicy,
	resolvePolicy,
} from "@/lib/stock/offer-policy";
import { countOf, formatNumber } from "./number";

/**
 * What holds where a level says nothing. `differs`: by channel, so there is no one value. `from` is null also where channels
 * have the same value from different levels.
 */
export type Inherited = { value: number | null; from: PolicyLevel | null; differs: boolean };

/** One level's fields, and what each inherits. */
export type PolicyView = { own: PolicyFields; inherited: Record<PolicyField, Inherited> };

/** Of one or more chains of the levels behind a level; a SKU's differ from channel to channel. */
export function inheritedOf(chains: readonly Parameters<typeof resolvePolicy>[0][]): PolicyView["inherited"] {
	const resolved = chains.map(resolvePolicy);
	const entries = policyFields.map((field) => {
		const values = resolved.map(({ policy }) => policy[field]);
		const sources = new Set(resolved.map(({ from }) => from[field]));
		const differs = new Set(values).size > 1;
		const from = sources.size === 1 ? (resolved[0]?.from[field] ?? null) : null;
		return [field, { value: differs ? null : (values[0] ?? null), from, differs }];
	});
	return Object.fromEntries(entries) as PolicyView["inherited"];
}

const levelNames: Record<PolicyLevel, string> = {
	listing: "the listing",
	sku: "the SKU",
	channel: "the channel",
	merchant: "Settings",
};

/** "from the channel"; where nobody set it, nothing. */
export const fromWord = (from: PolicyLevel | null): string => (from === null ? "" : `from ${levelNames[from]}`);

const openWords: Record<PolicyField, string> = {
	bufferUnits: "none",
	bufferSeconds: "none",
	sharePercent: "100, all of it",
	minUnits: "none",
	capUnits: "no limit",
	outOfStockBelow: "sells to the last",
};

/** "3 from the channel", for a field that inherits it. */
export function inheritedWord(field: PolicyField, { value, from, differs }: Inherited): string {
	if (differs) return "differs by channel";
	if (from === null && value === openPolicy[field]) return openWords[field];
	return [formatNumber(value ?? 0), fromWord(from)].filter(Boolean).join(" ");
}

/** One step of how a number came about: "Holds 3 units back". */
export function stepWords({ by, value }: Pick<OfferStep | SplitStep, "by" | "value">): string {
	switch (by) {
		case "bufferUnits":
			return `Holds ${countOf(value, "unit")} back`;
		case "bufferSeconds":
			return `Holds ${countOf(value, "unit")} back for the recent pace`;
		case "sharePercent":
			return `${formatNumber(value)} % of what is left`;
		case "units":
			return `Each takes ${formatNumber(value)}`;
		case "minUnits":
			return `Keeps at least ${formatNumber(value)}`;
		case "capUnits":
			return `Never shows more than ${formatNumber(value)}`;
		case "outOfStockBelow":
			return `Shows none below ${formatNumber(value)}`;
		case "split":
			return "Its share while the stores split the stock";
		default:
			return assertNever(by);
	}
}

/** Why a policy is refused: both numbers, and who set each (a number that nobody set disagrees with none). `who` begins the sentence: "TRP-33 on Etsy". */
export function disagreementSentence(
	who: string,
	[one, other]: readonly [PolicyField, PolicyField],
	{ policy, from }: ResolvedPolicy,
): string {
	const words = (by: PolicyField) =>
		`${stepWords({ by, value: policy[by] ?? 0 }).toLowerCase()} (${fromWord(from[by])})`;
	return `${who} then ${words(one)} and ${words(other)}: both can't be. Change one of them.`;
}

/** Why a policy is refused under which nothing can ever be sold: its steps, from the most units that can be counted to none. */
export function neverSellsSentence(
	who: string,
	most: number,
	steps: readonly OfferStep[],
	from: ResolvedPolicy["from"],
): string {
	const words = steps.map(({ by, value, left }) => {
		const source = by === "units" ? "" : ` (${fromWord(from[by])})`;
		return `${stepWords({ by, value }).toLowerCase()}${source} → ${formatNumber(left)}`;
	});
	return `${who} then never sells: of ${countOf(most, "unit")}, the most that can be counted, ${words.join(", ")}. Change one of them.`;
}
