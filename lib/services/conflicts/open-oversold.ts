import type { Statement } from "@/db/statement";
import type { LosingPolicy } from "@/lib/stock/losing-order";
import type { LogLine } from "../log/append-log";
import type { AppendedMovement } from "../stock/append-movements";
import { findLosers, readLosingPolicy } from "./find-losers";
import { keyOf, openShort, type Short, shortOf, type Taking } from "./open-short";

/** Units that a sale took beyond what was available: what is reserved has gone to somebody before it. */
const lackedBy = ({ delta, balance, reserved }: AppendedMovement) => Math.min(-delta, reserved - balance);

/**
 * A sale that found nothing left is recorded all the same, and becomes exactly one conflict that names the order that
 * loses (R8): by default the one whose movement took what is available below zero, in the ledger's commit order; by
 * another rule of the merchant's perhaps an order before it. Lines of one order that want the same SKU, and what an
 * amended order wants on top, are short together. A movement comes here once (R1).
 */
export async function openOversold(run: Statement, merchantId: string, moved: readonly Taking[]): Promise<LogLine[]> {
	const oversold = moved.filter(({ movement }) => lackedBy(movement) > 0);
	if (oversold.length === 0) return [];
	const policy = await readLosingPolicy(run, merchantId);
	return openShort(
		run,
		merchantId,
		policy.rule === "last_in_ledger" ? oversold.map(lastLoses) : await othersLose(run, merchantId, oversold, policy),
	);
}

function lastLoses(sale: Taking): Short {
	const short = shortOf(sale, lackedBy(sale.movement));
	return { ...short, facts: { ...short.facts, rule: "last_in_ledger" } };
}

/** By the merchant's rule, over what all these sales are short of together: whichever of them was heard of first. */
async function othersLose(
	run: Statement,
	merchantId: string,
	oversold: readonly Taking[],
	policy: LosingPolicy,
): Promise<Short[]> {
	const bySku = new Map<string, Taking[]>();
	for (const sale of oversold) {
		const key = `${sale.movement.skuId} ${sale.movement.locationId}`;
		bySku.set(key, [...(bySku.get(key) ?? []), sale]);
	}
	const shorts: Short[] = [];
	for (const [first, ...rest] of bySku.values()) {
		if (!first) continue;
		const { skuId, locationId } = first.movement;
		const last = rest.at(-1) ?? first;
		const units = [first, ...rest].reduce((sum, { movement }) => sum + lackedBy(movement), 0);
		const losers = await findLosers(run, merchantId, { skuId, locationId, units }, policy);
		for (const loser of losers) {
			const stands = [first, ...rest].find(
				({ row }) => !losers.some((one) => one.channelId === row.channelId && one.orderRef === row.orderRef),
			);
			shorts.push({
				key: keyOf(loser, skuId),
				skuId,
				channelId: loser.channelId,
				orderRef: loser.orderRef,
				units: loser.lostUnits,
				facts: {
					...shortOf(last, loser.lostUnits).facts,
					orderNumber: loser.orderNumber,
					version: first.movement.skuVersion,
					wanted: loser.lostUnits,
					rule: policy.rule,
					orderUnits: loser.orderUnits,
					isOnLowest: loser.channelId === policy.channelId,
					// Whose sale found nothing, and keeps its unit all the same.
					...(stands && {
						winner: {
							orderNumber: stands.row.orderNumber,
							channelId: stands.row.channelId,
							at: new Date().toISOString(),
						},
					}),
				},
			});
		}
		// Orders too old to contend, or closed: whose sale found nothing loses what nobody else does.
		const unclaimed = units - losers.reduce((sum, { lostUnits }) => sum + lostUnits, 0);
		if (unclaimed > 0) shorts.push({ ...lastLoses(last), units: unclaimed });
	}
	return shorts;
}
