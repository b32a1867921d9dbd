import { expect, it } from "vitest";
import { seeded } from "@/lib/simulation/random";
import { isIsolated } from "./p10";
import { inDatabase } from "./pipeline/in-database";
import { changesInStorm } from "./storm/changes";
import { oneQueue } from "./storm/one-queue";

/** Of a few hundred changes on a busy machine the p95 says little: the twin's is many times slower. */
const slowerAtMost = 3;

it("P10 one channel's storm is its own, and every number arrives", async () => {
	const ours = await inDatabase((database) => changesInStorm(database, seeded(1), { calmMs: 2_000, stormMs: 10_000 }));
	expect(isIsolated(ours, slowerAtMost), JSON.stringify(ours)).toBe(true);
	const twin = await inDatabase((database) => oneQueue(database, seeded(1), { calmMs: 1_000, stormMs: 12_000 }));
	expect(isIsolated(twin, slowerAtMost), JSON.stringify(twin)).toBe(false);
}, 180_000);
