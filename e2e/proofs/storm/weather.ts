/** A store's bad half hour: phases of outage, of errors, of refusals for haste, and of all of them in turn. */
import { calmKnobs, type Knobs } from "@/db/schema";
import { setKnobs } from "@/lib/sandbox/stores";
import type { Random } from "@/lib/simulation/random";
import type { LiveShop, LiveStore } from "../pipeline/live-shop";

const phases: Partial<Knobs>[] = [
	{ outage: true },
	{ throttleRate: 1 },
	{ errorRate: 1 },
	{ throttleRate: 0.5, errorRate: 0.5 },
	{ throttleRate: 0.9, errorRate: 0.05 },
];

/** Each way of a call and back, so that two calls at once can be told from two in turn. */
export const latencyMs = 100;

/** Phase after phase until `ms` are over; the store is well again when it resolves. */
export async function storm(shop: LiveShop, { storeId }: LiveStore, ms: number, random: Random): Promise<void> {
	const end = performance.now() + ms;
	const phaseMs = Math.min(30_000, ms / phases.length);
	for (let n = 0; performance.now() < end; n++) {
		const phase = n < phases.length ? phases[n] : random.pick(phases);
		await setKnobs(shop.sandbox.ctx, storeId, { ...calmKnobs, latencyMs, ...phase });
		await new Promise((resolve) => setTimeout(resolve, Math.min(phaseMs, end - performance.now())));
	}
	await setKnobs(shop.sandbox.ctx, storeId, { ...calmKnobs, latencyMs });
}

/** The same minutes without a storm. */
export const fairWeather: typeof storm = (_shop, _store, ms) => new Promise((resolve) => setTimeout(resolve, ms));
