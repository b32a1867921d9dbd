/**
 * How soon a sale that was heard of is off the other channels, counted alike for every strategy: from hearing of it until
 * another channel shows no more than what was then known to be left, and never again more. A channel that shows so few
 * already counts as zero; a write of one's own that lands late or out of order and raises it again counts until that is
 * mended, since buyers can buy as long as it is shown.
 */
import type { Clock } from "./clock";
import type { Hub } from "./hub";
import type { Store } from "./store";

export type LoweringWatch = { loweringMs(): number[] };

export function watchLowering(stores: readonly Store[], hub: Hub, clock: Clock, stock: number): LoweringWatch {
	const heard: { store: Store; at: number; left: number }[] = [];
	const hear = hub.hear.bind(hub);
	let left = stock;
	hub.hear = (channel, sale) => {
		if (!hub.heard[channel]?.has(sale.id)) {
			left -= sale.units;
			stores.forEach((store, other) => {
				if (other !== channel) heard.push({ store, at: clock.now, left: Math.max(0, left) });
			});
		}
		hear(channel, sale);
	};
	return {
		loweringMs: () =>
			heard.map(({ store: { history }, at, left: limit }) => {
				const lastOver = history.findLastIndex(({ shows }) => shows > limit);
				return Math.max(0, (history[lastOver + 1]?.at ?? clock.now) - at);
			}),
	};
}
