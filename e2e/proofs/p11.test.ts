import { expect, it } from "vitest";
import { seeded } from "@/lib/simulation/random";
import { isIsolated } from "./p11";
import { inDatabase } from "./pipeline/in-database";
import { poisoned, wholeAgain } from "./poison/batch";

const size = { rows: 60, bad: 1 };

it("P11 a bad row is found, and the others of its call go through", async () => {
	const ours = await inDatabase((database) => poisoned(database, "bigcommerce", size, seeded(1)));
	expect(isIsolated(ours), JSON.stringify(ours)).toBe(true);
}, 120_000);

it("P11 a call that is sent again as a whole never goes through", async () => {
	const twin = await inDatabase((database) => wholeAgain(database, "shopify", size, seeded(1)));
	expect(twin.applied, JSON.stringify(twin)).toBe(0);
}, 60_000);
