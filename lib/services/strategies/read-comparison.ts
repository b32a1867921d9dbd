import { asMerchant } from "@/db/client";
import type { ComparisonState } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { type Cell, type ContenderName, contenderNames, seedsOf } from "@/lib/simulation/compare";
import { type DayName, dayNames } from "@/lib/simulation/scenes";
import { authorise, type Context } from "../context";
import { abandonedAfterMs, cellKey } from "./comparison";

/** A day's figures by strategy, in the order of the table; null: not there yet. */
export type ComparedDay = {
	day: DayName;
	/** How many seeds this day has. */
	seeds: number;
	rows: { contender: ContenderName; cell: Cell | null }[];
};

export type Comparison = {
	id: string;
	/** `interrupted`: nobody works on it any more, and it can be asked for again. */
	state: ComparisonState | "interrupted";
	/** The first of the seeds. */
	seed: number;
	seeds: number;
	/** What was chosen. */
	day: DayName | "all";
	done: number;
	total: number;
	/** ISO 8601; null until it is over. */
	finishedAt: string | null;
	days: ComparedDay[];
};

type Row = {
	id: string;
	state: ComparisonState;
	is_abandoned: boolean;
	days: string[];
	seed: number;
	seeds: number;
	total: number;
	cells: Record<string, Cell>;
	finished_at: number | null;
};

/** The merchant's last comparison of strategies, as far as it is; null: there was none. */
export async function readComparison(ctx: Context): Promise<Comparison | null> {
	authorise(ctx, "viewer");
	const row = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [found] = await statementsOf(tx)<Row>`
			select id, state, days, seed, seeds, total, cells, extract(epoch from finished_at)::float8 * 1000 as finished_at,
				beat_at < now() - (case state when 'running' then ${abandonedAfterMs.running}::int else ${abandonedAfterMs.waiting}::int end) * interval '1 ms' as is_abandoned
			from comparisons`;
		return found ?? null;
	});
	if (!row) return null;
	const days = row.days.flatMap((name) => dayNames.find((day) => day === name) ?? []);
	return {
		id: row.id,
		state: row.state !== "done" && row.is_abandoned ? "interrupted" : row.state,
		seed: row.seed,
		seeds: row.seeds,
		day: days.length === 1 && days[0] ? days[0] : "all",
		done: Object.keys(row.cells).length,
		total: row.total,
		finishedAt: row.finished_at === null ? null : new Date(row.finished_at).toISOString(),
		days: days.map((day) => ({
			day,
			seeds: seedsOf(day, row.seeds),
			rows: contenderNames.map((contender) => ({ contender, cell: row.cells[cellKey(day, contender)] ?? null })),
		})),
	};
}
