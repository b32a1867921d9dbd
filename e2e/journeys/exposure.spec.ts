import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { test } from "../fixtures/mapping-merchant";

test("what stores can sell beyond what is there is on the overview and on the SKU's page, with the way out", async ({
	page,
	shop,
}) => {
	const skuId = await shop.sku("TL-400", { title: "Trail Lamp 400", onHand: 7 });
	const listings = [
		await shop.listing(shop.shopify, { sku: "TL-400", title: "Trail Lamp 400", shows: 7 }),
		await shop.listing(shop.woo, { sku: "tl_400", title: "Trail Lamp 400", shows: 7 }),
	];
	await shop.sql`update channels set state = 'live', pushing_since = now(), paused_at = now() where merchant_id = ${shop.merchantId}`;
	await linkListings(shop.as("owner"), { links: listings.map((listingId) => ({ listingId, skuId, units: 1 })) });
	await shop.signIn(page);
	await page.goto("/overview");
	const panel = page.getByRole("region", { name: "Exposure" });
	await expect(panel).toContainText("7 units now");
	await expect(panel).toContainText("Stores can sell 7 more between them than there are");
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

	await page.setViewportSize({ width: 1440, height: 900 });
	const isWhole = () => document.documentElement.scrollHeight <= window.innerHeight;
	await expect.poll(() => page.evaluate(isWhole)).toBe(true);
	await panel.getByRole("button", { name: "30 days" }).click();
	await expect(panel.getByRole("table")).toContainText("today so far");

	await panel.getByRole("button", { name: "Which SKUs" }).click();
	await page.getByRole("link", { name: "Trail Lamp 400", exact: true }).click();
	await expect(page.getByText(/^Exposure 7 now/)).toBeVisible();
	await page.getByRole("button", { name: "Split it" }).click();
	await expect(page.getByRole("dialog", { name: "How stores share it" })).toBeVisible();
	await page.setViewportSize({ width: 390, height: 844 });
	await page.keyboard.press("Escape");
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
