import { expect, it } from "vitest";
import { isMappedEverywhere, mapEverywhere } from "./p12";

it("P12 flawed SKUs of a store of every platform are left to a person, and no line of an order is dropped", async () => {
	const mapped = await mapEverywhere(1, 210);
	expect(isMappedEverywhere(mapped), JSON.stringify(mapped)).toBe(true);
}, 120_000);
