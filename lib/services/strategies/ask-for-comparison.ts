import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { contenderNames } from "@/lib/simulation/compare";
import { type DayName, dayNames } from "@/lib/simulation/scenes";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile } from "../errors";
import { wake } from "../sync/wake";
import { abandonedAfterMs } from "./comparison";

/** More would keep a core busy for minutes and change no figure that a person reads. */
const mostSeeds = 20;

const seedWords = "Give a whole number from 0 to 2,000,000,000 as the seed, or leave it as it is.";
export const comparisonInput = z.object({
	day: z.enum(["all", ...dayNames] as ["all", ...DayName[]], "Choose one of the days, or all of them."),
	seed: z.int(seedWords).min(0, seedWords).max(2_000_000_000, seedWords),
	seeds: z
		.int("Seeds are a whole number.")
		.min(1, "At least one seed is needed.")
		.max(mostSeeds, `${mostSeeds} seeds are the most.`),
});

/**
 * Asks for the strategies to be compared on a day, or on all of them: as a row, which a function works off. Takes the last
 * one's place. Refused while one is under way.
 */
export async function askForComparison(ctx: Context, input: unknown): Promise<{ id: string }> {
	authorise(ctx, "manager");
	const { day, seed, seeds } = comparisonInput.parse(input);
	const days = day === "all" ? dayNames : [day];
	const asked = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		// Asked twice at once, the second finds the first one's row: not yet begun, and not abandoned.
		const [row] = await run<{ id: string }>`
			insert into comparisons as c (merchant_id, asked_by, days, seed, seeds, total)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, (select array_agg(value order by ordinality) from jsonb_array_elements_text(${JSON.stringify(days)}::text::jsonb) with ordinality),
				${seed}::int, ${seeds}::int, ${days.length * contenderNames.length}::int)
			on conflict (merchant_id) do update set id = gen_random_uuid(), asked_by = excluded.asked_by, days = excluded.days, seed = excluded.seed, seeds = excluded.seeds,
				total = excluded.total, state = 'waiting', cells = '{}', created_at = now(), beat_at = now(), finished_at = null
			where c.state = 'done' or c.beat_at < now() - (case c.state when 'running' then ${abandonedAfterMs.running}::int else ${abandonedAfterMs.waiting}::int end) * interval '1 ms'
			returning id`;
		if (!row) {
			const [going] = await run<{ done: number; total: number }>`
				select (select count(*)::int from jsonb_object_keys(cells)) as done, total from comparisons`;
			throw new ChangedMeanwhile(
				`A comparison is under way already: ${going?.done ?? 0} of ${going?.total ?? 0} figures are there. Wait until it is done.`,
			);
		}
		await run`insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'strategies.compared', ${row.id}, ${JSON.stringify({ days, seed, seeds })}::text::jsonb)`;
		return row;
	});
	wake("compare", [ctx.merchantId]);
	return asked;
}
