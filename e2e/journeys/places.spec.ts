import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { adjustStock } from "@/lib/services/skus/adjust-stock";
import { test } from "../fixtures/mapping-merchant";

test("a store sells from a second location, and the SKU's page says what lies where", async ({ page, shop }) => {
	const skuId = await shop.sku("TL-400", { title: "Trail Lamp 400", onHand: 2 });
	const listingId = await shop.listing(shop.shopify, { sku: "TL-400", title: "Trail Lamp 400", shows: 2 });
	await linkListings(shop.as("owner"), { links: [{ listingId, skuId, units: 1 }] });
	await shop.signIn(page);
	await page.goto(`/channels/${shop.shopify}`);
	const panel = page.getByRole("region", { name: "Whose stock it sells" });
	await panel.getByLabel("Another location").fill("Yard");
	await panel.getByRole("button", { name: "Add" }).click();
	await panel.getByRole("checkbox", { name: "Yard" }).click();
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
	await panel.getByRole("button", { name: "Take first from Yard" }).click();
	await panel.getByRole("button", { name: "Sell from there" }).click();
	await expect(panel.getByRole("listitem").first()).toContainText("Yard");
	await expect(panel.getByRole("listitem").first()).toContainText("first");

	const [yard] = await shop.sql<
		{ id: string }[]
	>`select id from locations where merchant_id = ${shop.merchantId} and name = 'Yard'`;
	await adjustStock(shop.as("owner"), {
		skuId,
		locationId: yard?.id ?? "",
		mode: "set",
		value: 5,
		seen: null,
		key: "count of the yard",
	});
	await page.goto(`/inventory/${skuId}`);
	await expect(page.getByRole("heading", { name: "Why is it 7?" })).toBeVisible();
	await page.getByRole("button", { name: /^On hand 7: 2 locations/ }).click();
	await expect(page.getByRole("dialog")).toContainText("Yard");
});
