import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { type Shop, test } from "../fixtures/mapping-merchant";

/** A lamp that both stores sell, 7 on hand, and its page. */
async function lamp(shop: Shop): Promise<string> {
	const skuId = await shop.sku("TL-400", { title: "Trail Lamp 400", onHand: 7 });
	const links = [];
	for (const channelId of [shop.shopify, shop.woo])
		links.push({ listingId: await shop.listing(channelId, { sku: "TL-400", shows: 7 }), skuId, units: 1 });
	await linkListings(shop.as("owner"), { links });
	return `/inventory/${skuId}`;
}

const numberOf = (page: Page, channel: string) => page.getByRole("button", { name: new RegExp(`^${channel} shows`) });
const field = (page: Page, label: string) => page.getByRole("textbox", { name: label });

async function expectNothingForAxe(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test("a rule for every store is seen in a store's number, and one for a listing goes before it", async ({
	page,
	shop,
}) => {
	const at = await lamp(shop);
	await shop.signIn(page, "manager");
	await page.goto("/settings");
	await field(page, "Never show more than").fill("5");
	// Disabled is the button while it is still on its way, too.
	const kept = page.waitForResponse((response) => response.request().method() === "POST");
	await page.getByRole("button", { name: "Keep" }).click();
	await kept;
	await expect(page.getByRole("button", { name: "Keep" })).toBeDisabled();

	await page.goto(at);
	await numberOf(page, "Shopify").click();
	const why = page.getByRole("dialog", { name: "Why is it 5?" });
	await expect(why).toContainText("7 units on hand − 0 reserved");
	await expect(why).toContainText("Never shows more than 5, from Settings");
	await expectNothingForAxe(page);

	await why.getByRole("button", { name: "Rules for this listing" }).click();
	await expect(why).toBeHidden();
	await expect(field(page, "Never show more than")).toHaveAttribute("placeholder", "5 from Settings");
	await expectNothingForAxe(page);
	await field(page, "Never show more than").fill("2");
	await page.getByRole("button", { name: "Keep" }).click();
	await expect(numberOf(page, "Shopify")).toHaveAccessibleName("Shopify shows 7. Why is it 2?");
	await expect(numberOf(page, "WooCommerce")).toHaveAccessibleName("WooCommerce shows 7. Why is it 5?");
});

test("rules that disagree are refused beside the field, with both numbers", async ({ page, shop }) => {
	const at = await lamp(shop);
	await shop.sql`update channels set cap_units = 3 where id = ${shop.woo}`;
	await shop.signIn(page, "manager");
	await page.goto(at);
	await page.getByRole("button", { name: "Rules", exact: true }).click();
	await field(page, "Show none below").fill("4");
	await page.getByRole("button", { name: "Keep" }).click();
	await expect(page.getByRole("alert")).toContainText(
		"TL-400 on WooCommerce then shows none below 4 (from the SKU) and never shows more than 3 (from the channel)",
	);
	await expect(field(page, "Show none below")).toHaveValue("4");
});

test("a number that can't be is said at its field, and at no other", async ({ page, shop }) => {
	await shop.signIn(page, "manager");
	await page.goto("/settings");
	await field(page, "Share of what is left").fill("101");
	await page.getByRole("button", { name: "Keep" }).click();
	await expect(page.getByRole("main").getByRole("alert")).toHaveText("A share is at most 100 %.");
	await expect(field(page, "Share of what is left")).toHaveAccessibleDescription("A share is at most 100 %.");
	await expect(page.locator("[aria-invalid=true]")).toHaveCount(1);
	await expectNothingForAxe(page);
});

test("a rule that takes a store off sale is kept once somebody agrees to its numbers", async ({ page, shop }) => {
	const links = [];
	for (const code of ["A", "B", "C", "D"]) {
		const skuId = await shop.sku(code, { onHand: 7 });
		links.push({ listingId: await shop.listing(shop.shopify, { sku: code, shows: 7 }), skuId, units: 1 });
	}
	await linkListings(shop.as("owner"), { links });
	const offers = async () =>
		(await shop.sql`select offered from slots where channel_id = ${shop.shopify}`).map(({ offered }) => offered);
	await shop.signIn(page, "manager");
	await page.goto("/settings");
	await field(page, "Never show more than").fill("0");
	await page.getByRole("button", { name: "Keep" }).click();
	await expect(page.getByRole("main").getByRole("alert")).toContainText(
		"4 of 4 listings on Shopify would change, 4 of them to zero. That is an unusual share of the catalogue.",
	);
	await expectNothingForAxe(page);
	expect(await offers()).toEqual([7, 7, 7, 7]);
	// Another rule is another question.
	await field(page, "Never show more than").fill("1");
	await expect(page.getByRole("button", { name: "Keep", exact: true })).toBeEnabled();
	await field(page, "Never show more than").fill("0");
	await page.getByRole("button", { name: "Keep" }).click();
	await page.getByRole("button", { name: "Agree and keep" }).click();
	await expect.poll(offers).toEqual([0, 0, 0, 0]);
	await expect(page.getByRole("button", { name: "Keep", exact: true })).toBeDisabled();
});

test("who may not change rules sees them, and how each number came about", async ({ page, shop }) => {
	const at = await lamp(shop);
	await shop.signIn(page, "viewer");
	await page.goto(at);
	await expect(page.getByRole("button", { name: "Rules", exact: true })).toBeHidden();
	await numberOf(page, "WooCommerce").click();
	await expect(page.getByRole("dialog", { name: "Why is it 7?" })).toContainText("Ought to show");
	await expect(page.getByRole("button", { name: "Rules for this listing" })).toBeHidden();
	await page.goto("/settings");
	await expect(field(page, "Buffer, units held back")).toBeDisabled();
});
