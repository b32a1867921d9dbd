import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Platform } from "@/db/schema";
import { wordList } from "@/lib/format/list";
import { countOf } from "@/lib/format/number";
import { reservationName } from "@/lib/format/reservation";
import { duration } from "@/lib/format/time";
import type { Situation } from "./choices";
import { raceOf } from "./edit-delta";
import type { RaceFacts } from "./find-races";
import { type ConflictRow, subjectOf } from "./list-conflicts";
import { winnerOf } from "./winner";
import { losesBecause, losingRuleName, orderName, unreadOrders } from "./words";

/** One of the three columns. For drift they are numbers, for an oversale orders. */
export type ConflictColumn = {
	label: string;
	/** Big, for numbers; null: `title` says it. */
	value: number | null;
	title: string | null;
	note: string;
	platform: Platform | null;
	/** This side moved. */
	hasMoved: boolean;
};

/** What stands against each other, side by side. */
export async function readColumns(
	tx: Transaction,
	merchantId: string,
	row: ConflictRow,
	situation: Situation,
): Promise<ConflictColumn[]> {
	return row.kind === "oversold" ? oversoldColumns(tx, merchantId, row) : columnsOf(row, situation);
}

function columnsOf(row: ConflictRow, situation: Situation): ConflictColumn[] {
	const race = row.kind === "competing_edits" ? raceOf(row.facts) : null;
	return race ? raceColumns(row, race) : numberColumns(row, situation);
}

/** As they were found: by now the store may show either. */
function raceColumns({ channel_name: name, platform }: ConflictRow, race: RaceFacts): ConflictColumn[] {
	const apart = Math.abs(race.channelAt - race.oursAt);
	const later = apart < 1_000 ? "in the same second" : `${duration(apart)} later`;
	const note = (whose: "ours" | "channel") => {
		if (race.stands) return race.stands === whose ? "stands: it was first" : `not applied: ${later}`;
		return whose === "ours" ? "changed here, not knowing of theirs" : "changed there, not knowing of ours";
	};
	const blank = { title: null, hasMoved: true };
	return [
		{ ...blank, label: "Last agreed", value: race.base, note: "what both sides knew", platform: null, hasMoved: false },
		{ ...blank, label: "Ours", value: race.ours, note: note("ours"), platform: null },
		{ ...blank, label: name ?? "The channel", value: race.channel, note: note("channel"), platform },
	];
}

function numberColumns(row: ConflictRow, { slot, onHand, locations }: Situation): ConflictColumn[] {
	const number = (value: unknown) => (typeof value === "number" ? value : null);
	const { facts, channel_name: channel, platform } = row;
	// By then the store shows what was decided.
	const isSettled = row.state === "decided";
	const blank = { title: null, platform: null, hasMoved: false };
	if (row.kind === "push_refused" || row.kind === "ambiguous_mapping") return [];
	// Set back meanwhile: what it shows now is ours, and what was found is only in the facts.
	const setBackTo = number(facts.setBackTo);
	const now = setBackTo === null && !isSettled ? slot : null;
	const shown = now?.shown ?? number(facts.channel);
	const base = now?.expected ?? number(facts.base);
	const offered = (isSettled ? null : slot?.offered) ?? number(facts.ours);
	return [
		{ ...blank, label: "Last agreed", value: base, note: "what both sides knew" },
		{
			...blank,
			label: "Ours",
			value: offered,
			note: isSettled
				? "what it ought to have shown"
				: onHand === null
					? "what it ought to show"
					: `${onHand} on hand${locations.length > 0 ? ` at ${wordList(locations)}` : ""}`,
			hasMoved: offered !== base,
		},
		{
			...blank,
			label: channel ?? "The channel",
			value: shown,
			platform,
			note:
				setBackTo === null
					? unreadOrders(facts).length > 0
						? "it may have been sold"
						: `no order ${isSettled ? "explained" : "explains"} it`
					: `set back to ${setBackTo} meanwhile`,
			hasMoved: shown !== base,
		},
	];
}

async function oversoldColumns(tx: Transaction, merchantId: string, row: ConflictRow): Promise<ConflictColumn[]> {
	const winner = winnerOf(row.facts);
	const isReservation = row.facts.isReservation === true;
	const isSettled = row.state === "decided";
	const [rule] = (await tx.execute(sql`
		select
			(select count(*)::int from conflicts c where c.merchant_id = ${merchantId}::uuid and c.kind = 'oversold' and c.created_at > now() - interval '30 days') as times,
			(select platform from channels c where c.id = ${winner?.channelId ?? null}::uuid) as winner_platform`)) as unknown as {
		times: number;
		winner_platform: Platform | null;
	}[];
	const blank = { value: null, hasMoved: false };
	const laterMs = winner?.at && !winner.isReservation ? row.opened_ms - Date.parse(winner.at) : null;
	return [
		{
			...blank,
			label: isSettled ? "Had the unit" : "Stands",
			title: winner?.isReservation
				? reservationName(winner.orderNumber)
				: winner?.orderNumber
					? `Order ${winner.orderNumber}`
					: isReservation
						? "What was counted"
						: "The orders before it",
			platform: rule?.winner_platform ?? null,
			note: winner?.isReservation
				? "was reserved before the sale"
				: isReservation && !winner?.orderNumber
					? "while it was held"
					: row.facts.rule === undefined || row.facts.rule === "last_in_ledger"
						? "first in the ledger"
						: `${isSettled ? "kept" : "keeps"} its unit`,
		},
		{
			...blank,
			label: isSettled ? "Had no unit" : "Has no unit",
			title: isReservation ? orderName(subjectOf(row)) : orderName(subjectOf(row)).replace(/^.* (?=\S+$)/, "Order "),
			platform: row.platform,
			note: isReservation ? "fewer were there than it held" : losesBecause(row.facts, heardLater(laterMs)),
		},
		{
			...blank,
			label: "The rule",
			title: losingRuleName(row.facts),
			platform: null,
			note: `oversold ${countOf(rule?.times ?? 0, "time")} in 30 days`,
		},
	];
}

function heardLater(laterMs: number | null): string {
	if (laterMs === null || laterMs < 0) return "came when nothing was left";
	return `heard of ${laterMs < 60_000 ? `${(laterMs / 1000).toFixed(1)} s` : `${Math.round(laterMs / 60_000)} min`} later`;
}
