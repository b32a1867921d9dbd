/** R7: where nobody edits anything, nothing is ever taken for an edit, however late news, writes and lists of orders are. */
import { expect, it } from "vitest";
import { type Hub, ProductionHub } from "./hub";
import { acceptingModes, reinflationRun, reservingModes, usualModes } from "./reinflation";

/** Among so many, each mix but the accepting ones once had at least one. */
const seeds = 300;

it.each([usualModes, ...reservingModes, ...acceptingModes].map((kinds) => [kinds.join(", "), kinds] as const))(
	"nobody is said to have edited stores that are written by %s",
	(_, kinds) => {
		const accused: { seed: number; edits: ProductionHub["edits"] }[] = [];
		for (let seed = 1; seed <= seeds; seed++) {
			let hub: Hub | undefined;
			reinflationRun(seed, "ours", kinds, (_stores, ours) => {
				hub = ours;
			});
			if (!(hub instanceof ProductionHub)) throw new Error("ours runs on the production rules");
			if (hub.edits.length > 0) accused.push({ seed, edits: hub.edits });
		}
		expect(accused).toEqual([]);
	},
);
