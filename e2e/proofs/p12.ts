import { seeded } from "@/lib/simulation/random";
import { everyStoreMapped, type Mapped } from "./mapping/every-store";
import { type OneChannel, oneChannel } from "./mapping/one-channel";
import { inDatabase } from "./pipeline/in-database";
import { everyPlatform } from "./pipeline/mix";
import type { Proof } from "./proof";

const variants = 10_000;
const shortVariants = 1_400;

/** Every flaw is left to a person, nothing else is, and each line of each order moves its SKU; the naive twin fails in both. */
export const isMapped = (one: OneChannel): boolean =>
	one.wrong + one.dropped + one.skusOff === 0 &&
	one.flagged === one.flaws &&
	one.linked > 0.9 * one.variants &&
	one.naive.wrong > 0 &&
	one.naive.dropped > 0;

export const isMappedEverywhere = ({ stores, skusOff }: Mapped): boolean =>
	skusOff === 0 &&
	stores.length === everyPlatform().length &&
	stores.every(
		({ missing, wrong, dropped, uncounted, flaws, flagged, linked, listings, lines, naive }) =>
			missing + wrong + dropped + uncounted === 0 &&
			flagged === flaws.duplicate + flaws.blank + flaws.renamed &&
			linked > 0.7 * listings &&
			lines > flagged &&
			naive.dropped > 0,
	) &&
	stores.some(({ naive }) => naive.wrong > 0);

/** `count` listings in all, in a store of every platform. */
export const mapEverywhere = (seed: number, count: number): Promise<Mapped> =>
	inDatabase((database) => everyStoreMapped(database, seeded(seed), Math.ceil(count / everyPlatform().length)));

export const proof: Proof = {
	id: "P12",
	claim:
		"10,000 variants with duplicate, blank and renamed SKUs: all flagged, none linked wrongly, no order line dropped",
	async run({ full, seed }) {
		// Before anything reads the environment: the sandbox's address must be one that may be called.
		const mix = await mapEverywhere(seed, full ? variants : shortVariants);
		for (const store of mix.stores) console.log(`${store.platform}: ${JSON.stringify(store)}`);
		const one = await oneChannel(seed, variants);
		console.log(`in one channel: ${JSON.stringify(one)}`);
		const sum = (of: (store: Mapped["stores"][number]) => number) =>
			mix.stores.reduce((total, store) => total + of(store), 0);
		const flaws = sum((store) => store.flaws.duplicate + store.flaws.blank + store.flaws.renamed);
		return {
			holds: isMapped(one) && isMappedEverywhere(mix),
			verdict: [
				`${one.flagged} of ${one.flaws} flaws flagged, ${one.wrong} of ${one.linked} links wrong, ${one.dropped} of ${variants} order lines dropped, ${one.skusOff} SKUs off (seed ${seed})`,
				`naive: ${one.naive.wrong} wrong, ${one.naive.dropped} dropped`,
				`of ${sum((store) => store.listings)} listings imported over HTTP from a store of each platform ${full ? "(full)" : `(of ${variants})`} ${sum((store) => store.missing)} missing, ${sum((store) => store.flagged)} of ${flaws} flaws flagged, ${sum((store) => store.wrong)} of ${sum((store) => store.linked)} links wrong (${mix.stores.map(({ platform, linked, listings }) => `${platform} ${linked} of ${listings} linked`).join(", ")}), ${sum((store) => store.dropped)} of ${sum((store) => store.lines)} order lines dropped, ${sum((store) => store.uncounted)} units uncounted, ${mix.skusOff} SKUs off`,
				`naive: ${sum((store) => store.naive.wrong)} wrong, ${sum((store) => store.naive.dropped)} dropped`,
			].join("; "),
		};
	},
};
