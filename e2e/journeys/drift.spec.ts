import { expect, type Page } from "@playwright/test";
import type { Role } from "@/db/schema/identity";
import { type Shop, test } from "../fixtures/mapping-merchant";

/** WooCommerce's page, as a member of that role sees it. */
async function openStore(page: Page, shop: Shop, role: Role): Promise<void> {
	await shop.signIn(page, role);
	await page.goto(`/channels/${shop.woo}`);
}

test("a manager chooses for one class of drift, and the others stay as they are", async ({ page, shop }) => {
	await openStore(page, shop, "manager");
	const panel = page.getByRole("region", { name: "When it shows another number" });
	await panel.getByRole("combobox", { name: "Edited, and it is a bundle" }).click();
	await page.getByRole("option", { name: "Ask a person" }).click();
	await expect(panel.getByRole("combobox", { name: "Edited, and it is a bundle" })).toContainText("Ask a person");
	await page.reload();
	await expect(panel.getByRole("combobox", { name: "Edited, and it is a bundle" })).toContainText("Ask a person");
	await expect(panel.getByRole("combobox", { name: "Edited in the store" })).toContainText("Our number wins");

	// Our own old number never counts; what was sold always does.
	await panel.getByRole("combobox", { name: "Our own write was lost or late" }).click();
	await expect(page.getByRole("option")).toHaveCount(2);
	await page.keyboard.press("Escape");
	await expect(panel.getByRole("combobox")).toHaveCount(4);
});

test("who may not change rules sees them", async ({ page, shop }) => {
	await openStore(page, shop, "viewer");
	await expect(page.getByRole("combobox", { name: "Edited in the store" })).toBeDisabled();
	await expect(page.getByRole("button", { name: "Verify now" })).toBeHidden();
});

test("a store's page says when its numbers were last verified, and begins anew when asked", async ({ page, shop }) => {
	const skuId = await shop.sku("TL-400", { title: "Trail Lamp 400", onHand: 7 });
	const listingId = await shop.listing(shop.woo, { sku: "TL-400", shows: 7 });
	await shop.sql`update slots set sku_id = ${skuId}, offered = 7, verified_at = now() - interval '8 min' where listing_id = ${listingId}`;
	await openStore(page, shop, "support");
	const panel = page.getByRole("region", { name: "Verified in the store" });
	await expect(panel).toContainText("within the last 8 min");
	// The store of this journey answers nobody, so the one listing stays to be verified.
	await panel.getByRole("button", { name: "Verify now" }).click();
	await expect(panel.getByRole("button", { name: "Verifying, 0 of 1" })).toBeVisible();

	await page.goto(`/inventory/${skuId}`);
	await page.getByRole("button", { name: /^WooCommerce shows 7/ }).click();
	await expect(page.getByRole("dialog")).toContainText("Verified in the store 8 min ago.");
});
