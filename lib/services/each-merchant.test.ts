import { expect, it } from "vitest";
import { eachMerchant } from "./each-merchant";

it("what fails for one merchant keeps no other from its turn, and is told afterwards", async () => {
	const done: string[] = [];
	const rows = ["a", "b", "c"].map((merchant_id) => ({ merchant_id }));
	const all = eachMerchant(rows, async ({ merchant_id }) => {
		if (merchant_id === "b") throw new Error("b's stock is beyond us");
		done.push(merchant_id);
	});
	await expect(all).rejects.toThrow("b's stock is beyond us");
	expect(done).toEqual(["a", "c"]);
});
