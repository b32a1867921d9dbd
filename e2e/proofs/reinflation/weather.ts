/** P1's storms over HTTP on Postgres: stores of three kinds at their own pace, and one of every platform in haste. */

import { inDatabase } from "../pipeline/in-database";
import { isNeverReinflated, type Landings } from "../pipeline/landings";
import { everyPlatform } from "../pipeline/mix";
import { type Storm, type StormOptions, storm } from "./storm";

/** In a database of its own: a judge listens there to every change of a level. */
export const stormOf = (options: StormOptions): Promise<Storm> => inDatabase((database) => storm(database, options));

/** In a store of every platform. */
export const stormOfAll = (options: Omit<StormOptions, "platforms" | "isInHaste">): Promise<Storm> =>
	stormOf({ ...options, platforms: everyPlatform(), isInHaste: true });

export const isWeathered = async ({ landings, wrong }: Storm): Promise<boolean> =>
	wrong.length === 0 && (await isNeverReinflated(landings));

export const sumOf = (storms: readonly Storm[], key: Exclude<keyof Landings, "platform">): number =>
	storms.flatMap(({ landings }) => landings).reduce((sum, one) => sum + one[key], 0);

export type Weathered = { holds: boolean; verdict: string };

export async function weather(full: boolean, seed: number): Promise<Weathered> {
	const seeds = Array.from({ length: full ? 3 : 1 }, (_, run) => seed + run);
	const few: Storm[] = [];
	for (const one of seeds)
		few.push(await stormOf({ platforms: ["shopify", "shopify", "woocommerce"], orders: full ? 200 : 80, seed: one }));
	const twin = await stormOf({ platforms: ["shopify", "shopify"], orders: 60, seed, readsFirst: true });
	const all: Storm[] = [];
	for (const one of seeds) all.push(await stormOfAll({ orders: full ? 300 : 150, seed: one }));
	const twinOfAll = await stormOfAll({ orders: 100, seed, readsFirst: true });

	for (const one of few) console.log(`over HTTP on Postgres: ${JSON.stringify(one)}`);
	console.log(`twin: read, then compare: ${JSON.stringify(twin)}`);
	for (const one of all) console.log(`a store of every platform: ${JSON.stringify(one)}`);
	console.log(`twin in a store of every platform: ${JSON.stringify(twinOfAll)}`);
	const verdicts = await Promise.all([...few, ...all].map(isWeathered));
	return {
		holds:
			verdicts.every((isRight) => isRight) &&
			sumOf([twin], "reinflations") > 0 &&
			sumOf([twinOfAll], "reinflations") > 0 &&
			!(await isWeathered(twinOfAll)),
		verdict: [
			`over HTTP on Postgres ${figures(few)}; the twin ${sumOf([twin], "reinflations")} in ${sumOf([twin], "writes")}`,
			`in a store of every platform ${figures(all)}: ${byPlatform(all)}; the twin ${sumOf([twinOfAll], "reinflations")} in ${sumOf([twinOfAll], "writes")}`,
		].join("; "),
	};
}

function figures(storms: readonly Storm[]): string {
	const sum = (of: (one: Storm) => number) => storms.reduce((total, one) => total + of(one), 0);
	return `${sumOf(storms, "reinflations")} in ${sumOf(storms, "writes")} writes (${sumOf(storms, "crossings")} crossed a sale), ${sumOf(storms, "uncovered")} units sold by them that did not exist, ${sum((one) => one.placed)} orders, ${sum((one) => one.wrong.length)} numbers wrong in the end`;
}

/** `shopify 0 of 41`, and where there were some how long they stood. */
const byPlatform = (storms: readonly Storm[]): string =>
	everyPlatform()
		.map((platform) => {
			const own = storms.map((one) => ({
				...one,
				landings: one.landings.filter((landings) => landings.platform === platform),
			}));
			const count = sumOf(own, "reinflations");
			const wrong = count > 0 ? ` (${sumOf(own, "wrongSeconds").toFixed(1)} s shown wrong)` : "";
			return `${platform} ${count} of ${sumOf(own, "writes")}${wrong}`;
		})
		.join(", ");
