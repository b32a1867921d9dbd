/** Seeded randomness (mulberry32): small, fast, and the same everywhere. */
export type Random = {
	/** [0, 1) */
	next(): number;
	/** Integer in [min, max]. */
	int(min: number, max: number): number;
	chance(probability: number): boolean;
	/** Exponential with this mean. */
	exponential(mean: number): number;
	pick<T>(items: readonly T[]): T;
};

export function seeded(seed: number): Random {
	let state = (seed ^ 0x9e3779b9) >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	return {
		next,
		int: (min, max) => min + Math.floor(next() * (max - min + 1)),
		chance: (probability) => next() < probability,
		exponential: (mean) => -Math.log(1 - next()) * mean,
		pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
	};
}
