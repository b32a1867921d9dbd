/** R5 in the simulator, over reservations: when news stops, every store shows the offer and nothing is written any more. */
import { expect, it } from "vitest";
import { Clock } from "@/lib/simulation/clock";
import { ProductionHub } from "@/lib/simulation/hub";
import { drawnLuck } from "@/lib/simulation/luck";
import { seeded } from "@/lib/simulation/random";
import { openStore } from "@/lib/simulation/reserving-store";
import type { Store } from "@/lib/simulation/store";
import { slotDefaults } from "@/lib/stock/slot-defaults";

const minute = 60_000;

function settledWorld(seed: number) {
	const random = seeded(seed);
	const clock = new Clock();
	const stock = random.int(5, 60);
	let writes = 0;
	let hub: ProductionHub;
	const stores = (["over_reservations", "over_reservations", "compare"] as const).map((mode, channel): Store => {
		const habits = {
			mode,
			latencyMs: 50 + random.next() * 450,
			newsDelayMs: random.pick([2_000, 30_000]),
			newsLossRate: 0.05,
			lostAnswerRate: 0.07,
			lateWriteMs: 30_000,
			orderListLagMs: random.next() * 10_000,
			ships: { atOnceRate: 0.1, meanMs: random.pick([minute, 10 * minute]) },
		};
		const onLanding = () => {
			writes++;
		};
		return openStore(habits, stock, clock, drawnLuck(habits, random), (sale) => hub.hear(channel, sale), onLanding);
	});
	hub = new ProductionHub(stores, stock, clock, slotDefaults);
	hub.start();
	const meanGapMs = random.pick([5_000, 30_000]);
	const happen = () => {
		if (clock.now > 20 * minute) return;
		if (random.chance(0.9)) random.pick(stores).sell(random.chance(0.8) ? 1 : 2);
		else hub.adjust(random.int(-2, 6));
		clock.after(random.exponential(meanGapMs), happen);
	};
	clock.after(0, happen);
	clock.runUntil(50 * minute);
	const before = writes;
	clock.runUntil(80 * minute);
	return { shown: stores.map(({ shows }) => Math.max(0, shows)), offer: hub.offer, writesWhenQuiet: writes - before };
}

it("R5 every store shows the offer in the end, however many shipments crossed its writes", () => {
	for (let seed = 1; seed <= 60; seed++) {
		const { shown, offer, writesWhenQuiet } = settledWorld(seed);
		expect([shown, writesWhenQuiet], `seed ${seed}`).toEqual([shown.map(() => offer), 0]);
	}
});
