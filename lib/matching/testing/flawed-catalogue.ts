/** Catalogues as shops have them, flaws and truth included. For tests and proofs. */
import type { MatchListing, MatchSku } from "../propose";

/** Small, seeded, good enough to shuffle a catalogue. */
function random(seed: number) {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

export type Flaw = "none" | "duplicate" | "blank" | "renamed";

/** Variants of a shop: of every hundred 3 share another's SKU, 2 have none, 1 has a name of its own. */
export function flawedCatalogue(count: number, seed: number) {
	const next = random(seed);
	const pick = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)] as T;
	const names = ["Merino Crew", "Down Vest", "Trail Lamp", "Tarp", "Camp Stove", "Gaiters", "Trek Poles", "Dry Bag"];
	const colours = ["Ink", "Moss", "Sand", "Rust", "Ice", "Clay"];
	const sizes = ["S", "M", "L", "XL"];
	const skus: MatchSku[] = [];
	const listings: MatchListing[] = [];
	const truth = new Map<string, string>();
	const flaws = new Map<string, Flaw>();
	for (let at = 0; at < count; at++) {
		const [name, colour, size] = [pick(names), pick(colours), pick(sizes)];
		const code = `${name.slice(0, 2).toUpperCase()}-${at.toString(36).toUpperCase().padStart(4, "0")}-${size}`;
		skus.push({ id: `s${at}`, code, gtin: null, title: `${name} ${at % 700}, ${size}, ${colour}`, options: null });
		const id = `l${at}`;
		const roll = next();
		const flaw: Flaw = roll < 0.03 ? "duplicate" : roll < 0.05 ? "blank" : roll < 0.06 ? "renamed" : "none";
		const sku = {
			none: next() < 0.5 ? code : code.toLowerCase().replaceAll("-", "_"),
			duplicate: skus[Math.floor(next() * at)]?.code ?? code,
			blank: "",
			renamed: `NEW-${Math.floor(next() * 1e9).toString(36)}-${at}`,
		}[flaw];
		listings.push({ id, sku, gtin: null, title: `${name} ${at % 700} – ${size} / ${colour}`, options: null });
		truth.set(id, `s${at}`);
		flaws.set(id, flaw);
	}
	return { skus, listings, truth, flaws };
}
