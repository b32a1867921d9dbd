import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { kept } from "../fixtures/kept";
import { type Shop, test } from "../fixtures/mapping-merchant";

/** Seven lamps, which both stores show whole. */
async function lamp(shop: Shop): Promise<string> {
	const skuId = await shop.sku("TL-400", { title: "Trail Lamp 400", onHand: 7 });
	const listings = [
		await shop.listing(shop.shopify, { sku: "TL-400", title: "Trail Lamp 400", shows: 7 }),
		await shop.listing(shop.woo, { sku: "tl_400", title: "Trail Lamp 400", shows: 7 }),
	];
	await linkListings(shop.as("owner"), { links: listings.map((listingId) => ({ listingId, skuId, units: 1 })) });
	// They are pushed to, if only nobody held the pushes: there is no store behind them.
	await shop.sql`update channels set state = 'live', pushing_since = now(), paused_at = now() where merchant_id = ${shop.merchantId}`;
	return skuId;
}

const choose = async (page: Page, strategy: RegExp) => {
	await page.getByRole("button", { name: /Change how stores share it/ }).click();
	await page.getByRole("combobox", { name: "Strategy" }).click();
	await page.getByRole("option", { name: strategy }).click();
};

test("the stores split a SKU where that is chosen, say why, and share it again", async ({ page, shop }) => {
	const skuId = await lamp(shop);
	await shop.signIn(page);
	await page.goto(`/inventory/${skuId}`);
	await choose(page, /^Escrow/);
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
	await page.getByRole("button", { name: "Keep" }).click();
	await expect(page.getByRole("button", { name: /^Split between the stores, as was chosen/ })).toBeVisible();
	const offered = async () =>
		(
			await shop.sql<{ offered: number }[]>`select offered from slots where sku_id = ${skuId} order by offered desc`
		).map((slot) => slot.offered);
	expect(await offered()).toEqual([4, 3]);

	await choose(page, /^Adaptive/);
	await page.getByLabel("A launch begins").fill("2030-11-29T08:00");
	await page.getByRole("button", { name: "Keep" }).click();
	await expect(page.getByRole("alert")).toHaveText("A launch has a begin and an end: set both, or clear both.");
	await page.getByLabel("and ends").fill("2030-11-29T12:00");
	await page.getByRole("button", { name: "Keep" }).click();
	await expect(page.getByRole("button", { name: /^Shared: at the pace of now it lasts/ })).toBeVisible();
	expect(await offered()).toEqual([7, 7]);
});

test("the rule for all is in Settings, and who may not change it sees it", async ({ page, shop }) => {
	const skuId = await lamp(shop);
	await shop.signIn(page);
	await page.goto("/settings");
	await page.getByRole("combobox", { name: "How stores share a SKU's stock" }).click();
	await kept(page, () => page.getByRole("option", { name: /^Escrow/ }).click());
	await page.goto(`/inventory/${skuId}`);
	await expect(page.getByRole("button", { name: /^Split between the stores, as was chosen/ })).toBeVisible();
	// Where a launch can't be marked its button says why, beside what to choose instead.
	await page.getByRole("button", { name: "Launch", exact: true }).click();
	const launch = page.getByRole("dialog", { name: "A launch" });
	await expect(launch).toContainText("A launch needs no mark here");
	await launch.getByRole("combobox", { name: "Strategy" }).click();
	await page.getByRole("option", { name: /^Shared/ }).click();
	await expect(launch).toContainText("A launch can't be marked where every store shows all of it");
	await launch.getByRole("combobox", { name: "Strategy" }).click();
	await page.getByRole("option", { name: /^Adaptive/ }).click();
	await expect(launch.getByLabel("A launch begins")).toBeVisible();
});
