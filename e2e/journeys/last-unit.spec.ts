import { setTimeout as sleep } from "node:timers/promises";
import { expect, type Page } from "@playwright/test";
import { connectWithKeys, makeStore, on, switchOn } from "../fixtures/connect-steps";
import { kept } from "../fixtures/kept";
import { test } from "../fixtures/newcomer";
import { orderInShopify, orderInWoo, type StoreKeys, shopifyQuantity, wooQuantity } from "../fixtures/store-apis";

const sku = "TRP-33";
const inStep = (page: Page) => expect(page.getByText("In step")).toHaveCount(2);

/** Two stores that sell the last one; each shows it only where they share. */
async function twoStores(page: Page): Promise<{ shopify: StoreKeys; woo: StoreKeys }> {
	const shopify = await makeStore(page, "shopify");
	const woo = await makeStore(page, "woocommerce");
	await connectWithKeys(page, "shopify", shopify);
	await page.getByRole("button", { name: "Start from this catalogue" }).click();
	await page.getByRole("button", { name: /^Make \d+ SKUs$/ }).click();
	await expect(page.getByText("40 linked", { exact: true })).toBeVisible();
	await switchOn(page);
	await connectWithKeys(page, "woocommerce", woo);
	await page.getByRole("button", { name: /^Accept \d+$/ }).click();
	await expect(page.getByText("0 to accept, 95 % sure or more", { exact: true })).toBeVisible();
	await on(page);
	await page.getByRole("button", { name: "Switch pushing on" }).click();
	await expect(page.getByText("Pushing is on.")).toBeVisible();
	await orderInShopify(shopify, sku, 11);
	return { shopify, woo };
}

const shown = async ({ shopify, woo }: { shopify: StoreKeys; woo: StoreKeys }) =>
	[await shopifyQuantity(shopify, sku), await wooQuantity(woo, sku)].sort();

test("the last one is shown by one store alone, as nobody has chosen otherwise", async ({ page, newcomer }) => {
	test.setTimeout(180_000);
	await newcomer.signIn(page);
	const stores = await twoStores(page);
	await expect.poll(() => shown(stores), { timeout: 20_000 }).toEqual([0, 1]);
	await page.goto(`/inventory?q=${sku}`);
	await page.getByRole("link", { name: /Tarp/ }).click();
	await expect(page.getByRole("button", { name: /^Split between the stores: next to nothing is left/ })).toBeVisible();
	// What both showed before may have been sold unheard; their orders say that it was not.
	await expect(page.getByText(/none can be sold twice/)).toBeVisible({ timeout: 90_000 });
});

test("two stores that share sell the last one in the same instant: one order stands, the other is cancelled in its store by a key", async ({
	page,
	newcomer,
}) => {
	test.setTimeout(240_000);
	await newcomer.signIn(page);
	await page.goto("/settings");
	await page.getByRole("combobox", { name: "How stores share a SKU's stock" }).click();
	await kept(page, () => page.getByRole("option", { name: /^Shared/ }).click());
	const { shopify, woo } = await twoStores(page);
	await expect.poll(() => shown({ shopify, woo }), { timeout: 20_000 }).toEqual([1, 1]);
	await page.goto("/conflicts");
	await expect(page.getByRole("heading", { name: "Nothing to decide" })).toBeVisible();
	// Whoever knows the keys is faster than the answers are loaded.
	await page.route(
		/\/api\/conflicts\/[^/?]+$/,
		async (route) => {
			await sleep(1_500);
			await route.continue();
		},
		{ times: 1 },
	);
	await Promise.all([orderInShopify(shopify, sku, 1), orderInWoo(woo, sku, 1)]);

	// The page was not loaded again: the conflict came by itself, and it is one.
	const conflicts = page.getByRole("list", { name: "Conflicts, worst first" }).getByRole("button");
	await expect(conflicts).toHaveCount(1);
	await expect(conflicts.first()).toContainText("Sold twice");
	const answers = page.getByRole("region", { name: /^Decide/ });
	await page.keyboard.press("2");
	await expect(answers.getByRole("button", { pressed: true })).toContainText("on hand");
	await page.keyboard.press("1");
	await expect(answers.getByRole("button", { pressed: true })).toContainText("the whole order, 1 unit");
	await expect(answers.locator("[data-decide]")).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(page.getByText(/^Tarp.*: the store is asked in 30 seconds$/)).toBeVisible();
	await expect(page.getByRole("heading", { name: "Nothing to decide" })).toBeVisible();

	await page.goto("/conflicts?tab=settled");
	const settled = page.getByRole("region", { name: "Settled" });
	await expect(settled.getByRole("status")).toContainText(/is asked to cancel .+ in \d+ seconds?\./);
	await expect(settled.getByRole("button", { name: "Take it back" })).toBeEnabled();
	await expect(settled).toContainText("to be cancelled");
	await expect(settled.getByRole("status")).toContainText("is cancelled in", { timeout: 60_000 });
	await expect(page.getByText("to be cancelled")).toHaveCount(0);
	await expect(settled.getByRole("button", { name: "Take it back" })).toHaveCount(0);
	// The unit that came back there belongs to the order that stands.
	await expect.poll(() => shopifyQuantity(shopify, sku), { timeout: 20_000 }).toBe(0);
	await expect.poll(() => wooQuantity(woo, sku), { timeout: 20_000 }).toBe(0);
	await page.goto("/channels");
	await inStep(page);
});
