/**
 * Every step that can be taken in a world; what a planner would choose is left open. A store that takes below zero is
 * followed as far down as there are units: further down it sells no more.
 */
import { inFlight, planned } from "./our-steps";
import type { Rules } from "./rules";
import { buyersAndNews, landed } from "./store-steps";
import { name, type Step, type Store, type World } from "./world";

export function steps(world: World, rules: Rules): Step[] {
	const found: Step[] = [];
	for (const [index, store] of world.stores.entries()) {
		const who = `${name(index)} (${store.mode})`;
		const put = (story: string, next: Partial<Store>, rest: Partial<World> = {}) =>
			found.push({
				story: `${who} ${story}`,
				world: { ...world, ...rest, stores: world.stores.with(index, { ...store, ...next }) },
			});
		buyersAndNews(world, store, put);
		if (store.flight) inFlight(store, store.flight, put, rules);
		else planned(world, store, put, rules);
		if (store.lost) {
			put(`: the lost write of ${store.lost.quantity} lands after all`, {
				...landed(store, store.lost).store,
				lost: null,
			});
			put(": the lost write never lands", { lost: null });
		}
	}
	return found.filter(({ world: { units, stores } }) => stores.every(({ shows }) => shows >= -units));
}
