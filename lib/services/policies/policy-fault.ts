import type { Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { disagreementSentence, neverSellsSentence } from "@/lib/format/offer-policy";
import { offer } from "@/lib/stock/offer";
import { disagreementOf, resolvePolicy } from "@/lib/stock/offer-policy";
import { largestChange } from "../skus/change-level";

export type PolicyFault = { reason: "policies_disagree" | "never_sells"; sentence: string };

/** What people call where a policy holds. */
export const nameOf = (code: string | null, channel: string | null): string =>
	[code, channel].filter(Boolean).join(" on ") || "Every listing";

/**
 * Why what these levels say together can't be meant; null: it can. `units`: of the SKU in one of the listing. `most`: units
 * beyond which nothing is counted. A cap of zero is meant: it takes the listing off sale.
 */
export function faultOf(
	who: string,
	levels: Parameters<typeof resolvePolicy>[0],
	units: number,
	most: number,
): PolicyFault | null {
	const resolved = resolvePolicy(levels);
	const pair = disagreementOf(resolved.policy);
	if (pair) return { reason: "policies_disagree", sentence: disagreementSentence(who, pair, resolved) };
	const { quantity, steps } = offer({ available: most, paceUnits: 0, units }, resolved.policy);
	if (quantity > 0 || resolved.policy.capUnits === 0) return null;
	return { reason: "never_sells", sentence: neverSellsSentence(who, most, steps, resolved.from) };
}

/** So many units of a SKU can be counted at the shop's locations together. */
export async function readMostUnits(tx: Transaction): Promise<number> {
	const [row] = await statementsOf(tx)<{ locations: number }>`select count(*)::int as locations from locations`;
	return largestChange * Math.max(1, row?.locations ?? 0);
}

/**
 * Until the caller's transaction ends no policy changes: what is linked now can't come to disagree unseen with one that is
 * set meanwhile. Before the locks of mail, levels and slots, as everybody does.
 */
export const holdPolicies = (run: Statement, merchantId: string) =>
	run`select from merchants where id = ${merchantId}::uuid for share`;
