import type { Platform } from "@/db/schema";
import { platformLabel } from "@/lib/format/platforms";
import { sandboxPlatforms } from "@/lib/sandbox/platforms";
import { seeded } from "@/lib/simulation/random";
import { inDatabase } from "./pipeline/in-database";
import { type Poisoned, poisoned, type Whole, wholeAgain } from "./poison/batch";
import type { Proof } from "./proof";

export const rows = 250;
/** Ten for one and 45 for five would be 250 calls of a row each, and twice as many halves of halves. */
const mostExtra: Record<number, number> = { 1: 9, 5: 45 };
/** Those whose stores can lose a product. */
const platforms: readonly Platform[] = sandboxPlatforms()
	.filter(({ remove }) => remove !== undefined)
	.map(({ platform }) => platform);

export const isIsolated = ({ bad, applied, of, extraCalls, quarantined }: Poisoned): boolean =>
	applied === of - bad && quarantined === bad && extraCalls <= (mostExtra[bad] ?? 0);

export const proof: Proof = {
	id: "P11",
	claim: "poison: a bad row is found and told of, and the others of its call go through in the same run",
	async run({ full, seed }) {
		const runs: Poisoned[] = [];
		for (const platform of platforms)
			for (const bad of [1, 5])
				for (let again = 0; again < (full ? 3 : 1); again++) {
					const one = await inDatabase((database) => poisoned(database, platform, { rows, bad }, seeded(seed + again)));
					console.log(JSON.stringify(one));
					runs.push(one);
				}
		const twin: Whole = await inDatabase((database) => wholeAgain(database, "shopify", { rows, bad: 1 }, seeded(seed)));
		console.log(`twin: the whole call again: ${JSON.stringify(twin)}`);
		const worst = (bad: number) => Math.max(...runs.filter((run) => run.bad === bad).map((run) => run.extraCalls));
		const missing = runs.reduce((sum, { of, bad, applied }) => sum + of - bad - applied, 0);
		return {
			holds: runs.every(isIsolated) && twin.applied === 0,
			verdict: `${missing} good rows missing in ${runs.length} runs of ${rows} rows on ${platforms.map(platformLabel).join(", ")} ${full ? "(full)" : "(a third)"}; 1 bad costs ${worst(1)} more calls at the most, 5 bad ${worst(5)}; the whole call again applies ${twin.applied} of ${rows - 1} in ${twin.calls} calls`,
		};
	},
};
