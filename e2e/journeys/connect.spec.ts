import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator } from "@playwright/test";
import { connectWithKeys, giveKeys, makeStore, on, step, switchOn } from "../fixtures/connect-steps";
import { test } from "../fixtures/newcomer";
import { orderInShopify, orderInWoo, shopifyQuantity, wooQuantity } from "../fixtures/store-apis";

test("two stores are connected, and an order in one is the other's number within seconds", async ({
	page,
	newcomer,
}) => {
	test.setTimeout(180_000);
	await newcomer.signIn(page);
	const shopify = await makeStore(page, "shopify");
	const woo = await makeStore(page, "woocommerce");

	await connectWithKeys(page, "shopify", shopify);
	await expect(page.getByText("You can continue once there are SKUs")).toBeVisible();
	await page.getByRole("button", { name: "Start from this catalogue" }).click();
	await page.getByRole("button", { name: /^Make \d+ SKUs$/ }).click();
	await expect(page.getByText("40 linked", { exact: true })).toBeVisible();
	await switchOn(page);

	await connectWithKeys(page, "woocommerce", woo);
	await page.getByRole("button", { name: /^Accept \d+$/ }).click();
	await expect(page.getByText("0 to accept, 95 % sure or more", { exact: true })).toBeVisible();
	await on(page);
	// Somebody counted gaiters wrong in the second shop: the dry run says so before anything is written.
	const row = page.getByRole("row", { name: /GT-M/ });
	await expect(row).toContainText("61");
	await expect(row).toContainText("58");
	expect(await wooQuantity(woo, "GT-M")).toBe(61);
	await page.getByRole("button", { name: "Switch pushing on" }).click();
	await expect(page.getByText("Pushing is on.")).toBeVisible();
	await expect.poll(() => wooQuantity(woo, "GT-M"), { timeout: 20_000 }).toBe(58);

	await page.goto("/activity");
	await expect(page.getByText("Pushing is on for").first()).toBeVisible();
	const before = await wooQuantity(woo, "SOX-41");
	expect(before).toBe(510);
	await orderInShopify(shopify, "SOX-41", 2);
	await expect.poll(() => wooQuantity(woo, "SOX-41"), { timeout: 10_000, intervals: [50] }).toBe(508);
	// The page was not loaded again: the line came by itself.
	await expect(page.getByText("510 → 508 after Shopify order")).toBeVisible();

	await orderInWoo(woo, "SOX-41", 1);
	await expect.poll(() => shopifyQuantity(shopify, "SOX-41"), { timeout: 15_000, intervals: [50] }).toBe(507);
	await expect(page.getByText("508 → 507 after WooCommerce order")).toBeVisible();

	await page.goto("/channels");
	await expect(page.getByText("In step")).toHaveCount(2);
});

test("a wizard that was left goes on with the first question that nobody has answered", async ({ page, newcomer }) => {
	await newcomer.signIn(page);
	const shopify = await makeStore(page, "shopify");
	await giveKeys(page, "shopify", shopify);
	await expect
		.poll(() => newcomer.sql`select 1 from channels where merchant_id = ${newcomer.merchantId} and state = 'read_only'`)
		.not.toHaveLength(0);

	const question = page.getByText("Whose stock does this store sell?");
	await page.goto("/channels");
	await page.getByRole("link", { name: "Go on" }).click();
	await expect(question).toBeVisible();
	// Nor is it gone round by the address of a step that counts from it.
	await page.goto(page.url().replace("/location", "/match"));
	await expect(question).toBeVisible();

	await page.getByRole("button", { name: "Continue" }).click();
	await expect(step(page, "Read")).toHaveAttribute("aria-current", "step");
	await page.goto("/channels");
	await page.getByRole("link", { name: "Go on" }).click();
	await expect(step(page, "Match")).toHaveAttribute("aria-current", "step");
});

test("agreeing in the store connects it: by Shopify's OAuth, and by WooCommerce's hand-over", async ({
	page,
	newcomer,
}) => {
	await newcomer.signIn(page);
	const shopify = await makeStore(page, "shopify");
	const woo = await makeStore(page, "woocommerce");

	await page.goto(`/channels/connect/shopify?${new URLSearchParams({ address: shopify.address })}`);
	await page.getByLabel("Client id").fill(shopify.access.clientId ?? "");
	await page.getByLabel("Secret").fill(shopify.access.clientSecret ?? "");
	await page.getByRole("button", { name: "Go to Shopify" }).click();
	await page.getByRole("button", { name: "Install" }).click();
	await expect(step(page, "Check")).toHaveAttribute("aria-current", "step");
	await expect(page.getByText("Rights are granted")).toBeVisible();
	// The same way back is taken once.
	await page.goto("/api/oauth/shopify?code=abc&state=abc");
	await expect(page.getByText("used already")).toBeVisible();

	await page.goto(`/channels/connect/woocommerce?${new URLSearchParams({ way: "agree", address: woo.address })}`);
	await page.getByRole("button", { name: "Go to the shop" }).click();
	await page.getByRole("button", { name: "Log in" }).click();
	await page.getByRole("button", { name: "Approve" }).click();
	await expect(step(page, "Check")).toHaveAttribute("aria-current", "step");
	await expect(page.getByText("Keys are right")).toBeVisible();

	await page.goto("/channels");
	await page.getByRole("link", { name: "Open Toy Shopify 1" }).click();
	await page.getByRole("button", { name: "Disconnect Toy Shopify 1" }).click();
	const dialog = page.getByRole("dialog");
	await expect(dialog.getByRole("button", { name: "Disconnect" })).toBeDisabled();
	await dialog.getByLabel("Type Toy Shopify 1 to confirm").fill("Toy Shopify 1");
	await dialog.getByRole("button", { name: "Disconnect" }).click();
	await expect(page.getByRole("link", { name: "Connect again" })).toBeVisible();
	const left = await newcomer.sql`
		select 1 from credentials c join channels h on h.id = c.channel_id where h.merchant_id = ${newcomer.merchantId} and h.platform = 'shopify'
		union all select 1 from sandbox.webhooks w join sandbox.stores s on s.id = w.store_id where s.made_by = ${newcomer.merchantId} and s.platform = 'shopify'`;
	expect(left).toHaveLength(0);
});

/** As a screen reader says it on the way into the field. */
async function expectWrong(field: Locator, words: RegExp): Promise<void> {
	await expect(field).toHaveAttribute("aria-invalid", "true");
	await expect(field).toHaveAccessibleDescription(words);
}

test("what is pasted wrong is named, with what to do about it", async ({ page, newcomer }) => {
	await newcomer.signIn(page);
	const shopify = await makeStore(page, "shopify");
	const alert = page.getByRole("main").getByRole("alert");

	await page.goto("/channels/connect/shopify?way=install");
	await page.getByLabel("Store", { exact: true }).fill("evil.myshopify.com.attacker.com");
	await page.getByLabel("Client id").fill(shopify.access.clientId ?? "");
	await page.getByLabel("Secret").fill(shopify.access.clientSecret ?? "");
	await page.getByRole("button", { name: "Go to Shopify" }).click();
	await expect(alert).toContainText("evil.myshopify.com.attacker.com is no Shopify store.");
	await page.getByLabel("Store", { exact: true }).fill(shopify.address.replace(/[^/]+$/, "nobody-0"));
	await page.getByRole("button", { name: "Go to Shopify" }).click();
	await expect(alert).toContainText("No Shopify store answers at this address.");

	await page.goto("/channels/connect/shopify?way=keys");
	const store = page.getByLabel("Store", { exact: true });
	const token = page.getByLabel("Admin API access token");
	const check = page.getByRole("button", { name: /^Check/ });
	await store.fill("www.nordlicht.de");
	await token.fill(shopify.access.clientSecret ?? "");
	await check.click();
	// Two at once, each beside its own field, and nothing was tried at the store.
	await expect(alert).toHaveCount(2);
	await expectWrong(store, /ends in \.myshopify\.com/);
	await expectWrong(token, /The access token begins with shpat_/);
	await expect(store).toBeFocused();
	await expect(page.getByText("Keys are not accepted")).toHaveCount(0);
	await store.fill(shopify.address);
	await check.click();
	await expect(alert).toHaveCount(1);
	await expect(store).not.toHaveAttribute("aria-invalid");
	await expectWrong(token, /The access token begins with shpat_/);
	await expect(token).toBeFocused();
	await token.fill("shpat_00000000000000000000000000000000");
	await check.click();
	await expect(page.getByText("Keys are not accepted")).toBeVisible();
	// What nobody could look at is one line, not one for each.
	await expect(page.getByText("Not checked")).toHaveCount(1);

	await page.goto("/channels/connect/woocommerce?way=keys");
	const shop = page.getByLabel("Shop", { exact: true });
	const key = page.getByLabel("Consumer key");
	const secret = page.getByLabel("Consumer secret");
	await shop.fill("nordlicht");
	await key.fill("abc");
	await check.click();
	await expectWrong(shop, /This is no web address/);
	await expectWrong(key, /A consumer key begins with ck_/);
	await expectWrong(secret, /“Consumer secret” is empty: paste it here/);
	await expect(shop).toBeFocused();
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
	await key.fill("ck_0000000000000000000000000000000000000000");
	await secret.fill("cs_0000000000000000000000000000000000000000");
	await shop.fill("http://10.0.0.7/shop");
	await check.click();
	await expect(page.getByText("10.0.0.7 is a private address, which Onecount does not call.")).toBeVisible();
	await shop.fill(shopify.address);
	await check.click();
	await expect(alert).toContainText("Go back and choose Shopify");
});
