import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { assertNever } from "@/lib/assert-never";
import type { WriteOutcome, WriteResult } from "@/lib/channels/listing";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { type Slot, soonest } from "@/lib/stock/slot";
import { type Outcome, settle } from "@/lib/stock/slot-writes";
import { slotFacts } from "../channels/slot-facts";
import type { WorkTarget } from "../channels/work-target";
import { closeOfSlots } from "../conflicts/close-of-slots";
import { openRefused, type RefusedRow } from "../conflicts/open-refused";
import { appendLog, type LogLine } from "../log/append-log";
import { heldOtherwise, recountWithOthers } from "../stock/recount-exposures";
import { reachable } from "../sync/fault-points";
import { lockSlots, type SlotRow, storeSlots } from "./slot-rows";

export type SettledPush = {
	applied: number;
	/** Refused as a whole without saying which row: split it and try the halves (R11). */
	toSplit: number[];
	/** The answer was lost and the platform remembers keys: send the very same again. */
	toResend: boolean;
	/** SKUs of which a listing holds less of its share now: the others may have it. */
	loweredSkuIds: string[];
};

/**
 * Whether a write whose answer was lost may go out once more as it was: the platform remembers its key, or compares, so that
 * nothing is done twice.
 */
export const maySendAgain = (facts: PlatformFacts, claimedAt: number, now: number): boolean =>
	facts.writeMode === "compare" || now - claimedAt < facts.keysRememberedMs;

/** Shortened so that a busy day's log stays readable. */
const keptExchanges = 3;

/**
 * Records what became of a push: one transaction for all its rows. `answer` null: no answer will ever come (the process
 * that sent it is gone).
 */
export async function settlePush(
	client: postgres.Sql,
	target: WorkTarget,
	facts: PlatformFacts,
	push: { pushId: string; slotIds: readonly number[] },
	answer: WriteResult | null,
	now: number,
): Promise<SettledPush> {
	const outcomes = new Map<string, WriteOutcome>(answer?.rows.map((row) => [row.externalKey, row]));
	return asMerchantPrepared(
		client,
		target.merchantId,
		async (run) => {
			const rows = (await lockSlots(run, push.slotIds)).filter(({ slot }) => slot.flight?.pushId === push.pushId);
			const results = rows.map((row) => ({
				row,
				outcome: outcomes.get(row.externalKey) ?? ({ result: "unknown" } as const),
			}));
			const toResend = results.some(
				({ row, outcome }) =>
					outcome.result === "unknown" && maySendAgain(facts, row.slot.flight?.claimedAt ?? now, now),
			);
			// A lost answer under a remembered key stays in flight: the same key again replays it, whatever became of it.
			const settled = toResend ? results.filter(({ outcome }) => outcome.result !== "unknown") : results;
			const changes = settled.map(({ row, outcome }) => ({ row, after: afterwards(row.slot, outcome, now, facts) }));
			const [conflicts] = await Promise.all([
				settleConflicts(run, target, results),
				storeSlots(
					run,
					changes.map(({ row, after }) => ({ ...row, slot: after })),
				),
				recordOutcomes(run, push.pushId, results, answer, toResend),
				recountWithOthers(run, heldOtherwise(changes)),
				appendLog(run, target.merchantId, logLines(target, push.pushId, settled, answer)),
			]);
			await appendLog(run, target.merchantId, conflicts);
			reachable("record");
			const wholeRefused =
				answer !== null &&
				answer.trouble === null &&
				results.length > 1 &&
				results.every(({ outcome }) => outcome.result === "not_sent");
			return {
				applied: results.filter(({ outcome }) => outcome.result === "applied").length,
				toSplit: wholeRefused ? results.map(({ row }) => row.id) : [],
				toResend,
				loweredSkuIds: results.flatMap(({ row, outcome }) =>
					outcome.result === "applied" && row.isEscrow && isLowering(row) ? (row.skuId ?? []) : [],
				),
			};
		},
		{ isRedone: true },
	);
}

const isLowering = ({ slot: { flight } }: SlotRow): boolean => flight !== null && flight.quantity < flight.expected;

type Result = { row: SlotRow; outcome: WriteOutcome | { result: "unknown" } };

/** What was refused since it is gone is read: its absence there tells gone from mistaken. */
function afterwards(slot: Slot, outcome: Result["outcome"], now: number, facts: PlatformFacts): Slot {
	const next = settle(slot, asOutcome(outcome), now, slotFacts(facts));
	const isGone = outcome.result === "refused" && outcome.error.reason === "gone";
	return isGone ? { ...next, readDueAt: soonest(next, now) } : next;
}

/** A refusal is one conflict, with the store's words; a number that it takes later settles it. */
async function settleConflicts(run: Statement, target: WorkTarget, results: readonly Result[]): Promise<LogLine[]> {
	const refused = results.flatMap(({ row, outcome }): RefusedRow[] =>
		outcome.result === "refused"
			? [
					{
						slotId: row.id,
						skuId: row.skuId,
						listingId: row.listingId,
						quantity: row.slot.flight?.quantity ?? 0,
						reason: outcome.error.reason,
						sentence: outcome.error.message,
					},
				]
			: [],
	);
	const applied = results.flatMap(({ row, outcome }) => (outcome.result === "applied" ? [row.id] : []));
	const lines = await Promise.all([
		openRefused(run, target.merchantId, target.channelId, refused),
		closeOfSlots(run, target.merchantId, applied, "accepted"),
	]);
	return lines.flat();
}

function asOutcome(outcome: Result["outcome"]): Outcome {
	switch (outcome.result) {
		case "refused":
			return { result: "refused", reason: outcome.error.message };
		case "not_sent":
			return { result: "not_sent", nextTryAt: null };
		case "applied":
			return { result: "applied", shown: outcome.shown };
		default:
			return { result: outcome.result };
	}
}

async function recordOutcomes(
	run: Statement,
	pushId: string,
	results: readonly Result[],
	answer: WriteResult | null,
	toResend: boolean,
): Promise<void> {
	const items = results.map(({ row, outcome }) => ({
		slot: row.id,
		outcome: outcome.result,
		reason: outcome.result === "refused" ? outcome.error.message : null,
	}));
	await Promise.all([
		run`
		update push_items p set outcome = i.outcome, reason = i.reason, settled_at = clock_timestamp()
		from jsonb_to_recordset(${JSON.stringify(items)}::text::jsonb) as i(slot bigint, outcome text, reason text)
		where p.push_id = ${pushId}::uuid and p.slot_id = i.slot`,
		run`
		update pushes set outcome = ${overall(results, answer)}, finished_at = case when ${toResend} then null else clock_timestamp() end,
			exchanges = exchanges || ${JSON.stringify(answer?.exchanges.slice(-keptExchanges) ?? [])}::text::jsonb
		where id = ${pushId}::uuid`,
	]);
}

function overall(results: readonly Result[], answer: WriteResult | null): string {
	if (answer?.trouble?.reason === "throttled") return "throttled";
	const kinds = new Set(results.map(({ outcome }) => outcome.result));
	if (kinds.has("unknown")) return "unknown";
	if (kinds.has("accepted")) return "accepted";
	if (!kinds.has("applied")) return "refused";
	return kinds.size === 1 ? "applied" : "partly";
}

function logLines(
	target: WorkTarget,
	pushId: string,
	settled: readonly Result[],
	answer: WriteResult | null,
): LogLine[] {
	const ms = answer?.exchanges.reduce((sum, exchange) => sum + exchange.ms, 0) ?? null;
	return settled.flatMap(({ row, outcome }): LogLine[] => {
		const flight = row.slot.flight;
		if (!flight) return [];
		const about = {
			channelId: target.channelId,
			skuId: row.skuId,
			listingId: row.listingId,
			skuVersion: flight.skuVersion,
			pushId,
		};
		switch (outcome.result) {
			case "applied":
				return [
					{
						...about,
						kind: "push.applied",
						state: "ok",
						data: { from: flight.expected, to: flight.quantity, kind: flight.kind, ms },
					},
				];
			case "stale":
				return [
					{ ...about, kind: "push.stale", state: "go", data: { expected: flight.expected, quantity: flight.quantity } },
				];
			case "refused":
				return [
					{
						...about,
						kind: "push.refused",
						state: "off",
						data: {
							reason: outcome.error.reason,
							sentence: outcome.error.message,
							fix: outcome.error.fix,
							quantity: flight.quantity,
						},
					},
				];
			case "accepted":
			case "unknown":
				return [{ ...about, kind: `push.${outcome.result}`, state: "go", data: { quantity: flight.quantity } }];
			case "not_sent":
				return [];
			default:
				return assertNever(outcome);
		}
	});
}
