import { describe, expect, it } from "vitest";
import { seeded } from "@/lib/simulation/random";
import { inShop, isStopped, stopsWithinMs } from "./p13";
import { isSafe, ours, syncAtOnce, troubles } from "./safe-start/newcomer";
import { pauseAmidChanges, pauseOfQueue } from "./safe-start/pause";

describe("P13", () => {
	it.each(troubles)(
		"nothing is written to a new store that is %s before a person agreed to it",
		async (trouble) => {
			const one = await inShop((database) => ours(database, trouble, "shopify"));
			expect(isSafe(one), JSON.stringify(one)).toBe(true);
		},
		180_000,
	);

	it.each(["empty", "half-loaded"] as const)(
		"what brings a new store in step at once writes to one that is %s",
		async (trouble) => {
			const twin = await inShop((database) => syncAtOnce(database, trouble, "shopify"));
			expect(twin.writes).toBeGreaterThan(0);
			expect(twin.changed).toBeGreaterThan(0);
			// Nobody has said that they are gone: it only knew nothing of them.
			if (trouble === "empty") expect(twin.zeroed).toBeGreaterThan(0);
		},
		180_000,
	);

	it("a pause stops writes within two seconds, and nothing is lost by it", async () => {
		const paused = await inShop((database) => pauseAmidChanges(database, seeded(1), 1_500));
		expect(isStopped(paused), JSON.stringify(paused)).toBe(true);
	}, 180_000);

	it("writes that are messages go on after a pause", async () => {
		const queue = await inShop((database) => pauseOfQueue(database, seeded(1), 1_500));
		expect(queue.lastMs).toBeGreaterThan(stopsWithinMs);
	}, 180_000);
});
