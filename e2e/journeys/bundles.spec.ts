import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { test } from "../fixtures/mapping-merchant";

test("a bundle is made of SKUs on its page, says what limits it, and is taken apart again", async ({ page, shop }) => {
	await shop.sku("TARP-1", { title: "Tarp", onHand: 7 });
	await shop.sku("ROPE-1", { title: "Rope", onHand: 20 });
	const kit = await shop.sku("KIT-1", { title: "Shelter kit" });
	await shop.signIn(page);
	await page.goto(`/inventory/${kit}`);
	await page.getByRole("button", { name: "Make a bundle" }).click();
	for (const [code, units] of [
		["TARP-1", "2"],
		["ROPE-1", "0"],
	] as const) {
		await page.getByRole("combobox", { name: "Add a SKU" }).fill(code);
		await page.getByRole("option", { name: new RegExp(code) }).click();
		await page.getByLabel(`Units of ${code}`).fill(units);
	}
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
	await page.getByRole("button", { name: "Keep the bundle" }).click();
	await expect(page.getByRole("alert")).toHaveText("How many of ROPE-1? Type a whole number, one or more.");
	await page.getByLabel("Units of ROPE-1").fill("3");
	await expect(page.getByText("Can be made 3 times, limited by TARP-1.")).toBeVisible();
	await page.getByRole("button", { name: "Keep the bundle" }).click();
	const made = page.getByRole("region", { name: "Made of" });
	await expect(made).toContainText("Can be made 3 times, limited by TARP-1.");

	await made.getByRole("link", { name: "Tarp" }).click();
	await page.getByRole("region", { name: "Part of" }).getByRole("link", { name: "Shelter kit" }).click();
	await page.getByRole("region", { name: "Made of" }).getByRole("button", { name: "Change" }).click();
	await page.getByRole("button", { name: "Remove TARP-1" }).click();
	await page.getByRole("button", { name: "Remove ROPE-1" }).click();
	await page.getByRole("button", { name: "Take it apart" }).click();
	await expect(page.getByRole("button", { name: "Make a bundle" })).toBeVisible();
});
