import { randomUUID } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { adjustStock } from "@/lib/services/skus/adjust-stock";
import { type Shop, test } from "../fixtures/mapping-merchant";

const list = (page: Page) => page.getByRole("list", { name: "Conflicts, worst first" }).getByRole("button");
const decide = (page: Page) => page.getByRole("region", { name: /^Decide/ });
const tab = (page: Page, name: string) =>
	page.getByRole("navigation", { name: "Conflicts" }).getByRole("link", { name });

/** Somebody typed 12 into WooCommerce, where 7 ought to be. */
async function drift(shop: Shop): Promise<{ skuId: string; listingId: string }> {
	const skuId = await shop.sku("MC-S-INK", { title: "Merino Crew, S, Ink", onHand: 7 });
	const listingId = await shop.listing(shop.woo, { sku: "mc", title: "Merino Crew", shows: 7 });
	await linkListings(shop.as("owner"), { links: [{ listingId, skuId, units: 1 }] });
	await shop.sql`update slots set unexplained = 5, unexplained_since = now(), shown = 12, read_due_at = null where listing_id = ${listingId}`;
	await shop.sql`
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, listing_id, slot_id, units, facts)
		select merchant_id, 'drift', 'drift:' || id, sku_id, channel_id, listing_id, id, 5, '{"base": 7, "ours": 7, "channel": 12}'
		from slots where listing_id = ${listingId}`;
	return { skuId, listingId };
}

async function oversold(shop: Shop): Promise<string> {
	const skuId = await shop.sku("TL-400", { title: "Trail Lamp 400", onHand: 0 });
	await shop.sql`update levels set on_hand = -1 where sku_id = ${skuId}`;
	const facts = JSON.stringify({
		orderNumber: "#2087",
		balance: -1,
		version: 2,
		locationId: shop.locationId,
		winner: { orderNumber: "#1042", channelId: shop.shopify, at: new Date(Date.now() - 800).toISOString() },
	});
	await shop.sql`
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, order_ref, units, facts)
		values (${shop.merchantId}, 'oversold', 'oversold:1', ${skuId}, ${shop.woo}, 'o2087', 1, ${facts}::text::jsonb)`;
	return skuId;
}

async function openConflicts(page: Page): Promise<void> {
	await page.goto("/conflicts");
	await expect(decide(page)).toBeVisible();
	// Keys count from here on: the page is alive.
	await expect(page.getByRole("navigation", { name: "Main" }).getByText("Live", { exact: true })).toBeVisible();
}

async function expectAccessible(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test("the worst comes first, is settled by keys, and the next one is there at once", async ({ page, shop }) => {
	await drift(shop);
	const lamp = await oversold(shop);
	await shop.signIn(page);
	await openConflicts(page);
	await expect(list(page)).toHaveCount(2);
	await expect(list(page).first()).toContainText("Sold twice: Trail Lamp 400");
	await expect(page.getByRole("region", { name: "The last Trail Lamp 400 was sold twice" })).toContainText(
		"Order #1042",
	);

	const found = decide(page).getByLabel("Units found");
	await page.keyboard.press("3");
	await expect(found).toBeFocused();
	// Out of the field the page's keys work, and the digit leads back.
	await page.keyboard.press("Escape");
	await page.keyboard.press("3");
	await expect(found).toBeFocused();
	await page.keyboard.press("Control+a");
	await page.keyboard.press("Backspace");
	await page.keyboard.type("one");
	await expect(found).toHaveValue("");
	await expect(decide(page)).toContainText("Write how many: a whole number, 1 or more.");
	await page.keyboard.type("1");
	await page.keyboard.press("Enter");
	await expect(decide(page)).toContainText("Say why, in a few words.");
	await expect(decide(page).getByLabel("Reason")).toBeFocused();
	await page.keyboard.type("behind the shelf");
	await page.keyboard.press("Enter");
	await expect(list(page)).toHaveCount(1);
	await expect(page.getByRole("region", { name: /WooCommerce shows 12 of Merino Crew/ })).toBeVisible();
	expect(await shop.onHand(lamp)).toBe(0);
	await expect(tab(page, "Settled today")).toContainText("1");
});

test("a decision is shown with what follows, done, and taken back", async ({ page, shop }) => {
	const { skuId, listingId } = await drift(shop);
	await shop.signIn(page);
	await openConflicts(page);
	await page.keyboard.press("2");
	await expect(decide(page)).toContainText("on hand 7 → 12");
	await page.keyboard.press("Enter");
	await expect(page.getByRole("heading", { name: "Nothing to decide" })).toBeVisible();
	expect(await shop.onHand(skuId)).toBe(12);
	expect(await shop.slot(listingId)).toMatchObject({ offered: 12, expected: 12 });
	await expectAccessible(page);

	await page.getByRole("button", { name: "Undo" }).click();
	await expect(list(page)).toHaveCount(1);
	expect(await shop.onHand(skuId)).toBe(7);
	expect(await shop.slot(listingId)).toMatchObject({ offered: 7, expected: 7 });
});

test("what is taken back by key is not offered to be taken back again", async ({ page, shop }) => {
	await drift(shop);
	await shop.signIn(page);
	await openConflicts(page);
	await page.keyboard.press("1");
	await page.keyboard.press("Enter");
	await expect(page.getByText("Merino Crew, S, Ink: our number kept")).toBeVisible();
	await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
	await page.keyboard.press("z");
	await expect(list(page)).toHaveCount(1);
	await expect(page.getByText("Merino Crew, S, Ink: taken back, to be decided again")).toBeVisible();
	await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
});

test("what is taken back is selected, and the next keys settle it and nothing else", async ({ page, shop }) => {
	await drift(shop);
	await oversold(shop);
	await shop.signIn(page);
	await openConflicts(page);
	await expect(list(page)).toHaveCount(2);
	const drifted = page.getByRole("region", { name: /of Merino Crew/ });
	await page.keyboard.press("j");
	await expect(drifted).toBeVisible();
	await page.keyboard.press("2");
	await page.keyboard.press("Enter");
	await expect(page.getByText("Merino Crew, S, Ink: the store's number taken")).toBeVisible();
	await expect(page.getByRole("region", { name: "The last Trail Lamp 400 was sold twice" })).toBeVisible();
	await page.keyboard.press("z");
	await expect(list(page).nth(1)).toHaveAttribute("aria-current", "true");
	await expect(drifted).toBeVisible();
	await page.keyboard.press("1");
	await expect(decide(page).locator("[data-decide]")).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(page.getByText("Merino Crew, S, Ink: our number kept")).toBeVisible();
	await expect(list(page)).toHaveCount(1);
	await expect(list(page).first()).toContainText("Sold twice: Trail Lamp 400");
	await tab(page, "Settled today").click();
	await expect(list(page).first()).toContainText("7 kept, WooCommerce 12 → 7");
	await expect(list(page).first()).toContainText("Merino Crew, S, Ink · 12 shown, 7 expected on WooCommerce");
	await expectAccessible(page);
});

test("keys that are faster than what is taken back are kept for it, and settle nothing else", async ({
	page,
	shop,
}) => {
	await drift(shop);
	await oversold(shop);
	await shop.signIn(page);
	await openConflicts(page);
	await page.keyboard.press("j");
	await expect(page.getByRole("region", { name: /of Merino Crew/ })).toBeVisible();
	await page.keyboard.press("2");
	await page.keyboard.press("Enter");
	await page.keyboard.press("z");
	await page.keyboard.press("1");
	await page.keyboard.press("Enter");
	await expect(page.getByText("Merino Crew, S, Ink: taken back, to be decided again")).toBeVisible();
	await expect(decide(page).locator('[data-option="0"] [data-decide]')).toBeFocused();
	await expect(decide(page)).toContainText("Keep our number");
	await expect(list(page)).toHaveCount(2);
	await page.keyboard.press("Enter");
	await expect(list(page)).toHaveCount(1);
	await expect(list(page).first()).toContainText("Sold twice: Trail Lamp 400");
});

test("an order that a person will cancel is not called settled", async ({ page, shop }) => {
	await oversold(shop);
	await shop.signIn(page);
	await openConflicts(page);
	await page.keyboard.press("1");
	await page.keyboard.press("Enter");
	await expect(page.getByText("Trail Lamp 400: now cancel the order in its store")).toBeVisible();
});

test("an oversale whose unit turns up leaves the list by itself, and says why where it is open", async ({
	page,
	shop,
}) => {
	await drift(shop);
	const skuId = await oversold(shop);
	await shop.signIn(page);
	await openConflicts(page);
	await list(page).first().click();
	await expect(page).toHaveURL(/id=/);
	await adjustStock(shop.as("owner"), {
		skuId,
		locationId: shop.locationId,
		mode: "change",
		value: 1,
		seen: -1,
		key: randomUUID(),
		note: "behind the shelf",
	});
	await expect(list(page)).toHaveCount(1);
	const settled = page.getByRole("region", { name: "Settled" });
	await expect(settled).toContainText(
		"Nothing is short any more: 1 unit more was entered: “behind the shelf”. Onecount",
	);
	await expect(settled.getByRole("button")).toHaveCount(0);
	await expectAccessible(page);
	await tab(page, "Settled today").click();
	await expect(list(page).first()).toContainText("Nothing is short any more");
	await expect(list(page).first()).toContainText("Trail Lamp 400 · sold twice, 1 unit");
	await page.goto("/activity");
	await expect(page.getByText("No longer oversold: Trail Lamp 400")).toBeVisible();
});

test("snoozed is out of the way and comes back when it is woken; an owner can be asked", async ({ page, shop }) => {
	await drift(shop);
	await shop.signIn(page, "support");
	await openConflicts(page);
	await expect(list(page)).toHaveCount(1);
	await page.keyboard.press("e");
	await expect(list(page).first()).toContainText("owner asked");
	await page.keyboard.press("h");
	await expect(page.getByRole("heading", { name: "Nothing to decide" })).toBeVisible();
	await tab(page, "Snoozed").click();
	await expect(list(page)).toHaveCount(1);
	await decide(page).getByRole("button", { name: "Wake" }).click();
	await expect(tab(page, "Open")).toContainText("1");
});

test("a viewer sees the evidence and can't decide", async ({ page, shop }) => {
	await drift(shop);
	await shop.signIn(page, "viewer");
	await openConflicts(page);
	await expect(decide(page).getByRole("button", { name: "Keep ours" })).toBeDisabled();
	await expect(decide(page)).toContainText("this needs the role support or above");
});

test("which order loses and whose number stands are a manager's to choose, and stay chosen", async ({ page, shop }) => {
	await shop.signIn(page, "manager");
	await page.goto("/settings");
	const races = page.getByRole("region", { name: "Races" });
	await races.getByRole("combobox", { name: "More was sold than there is: who loses" }).click();
	await page.getByRole("option", { name: /^Orders of WooCommerce/ }).click();
	await races.getByRole("combobox", { name: "A number was changed here and in a store" }).click();
	await page.getByRole("option", { name: /^The first to change it wins/ }).click();
	const rules = () => shop.sql`
		select losing_rule, losing_channel_id, race_rule from merchants where id = ${shop.merchantId}`;
	await expect
		.poll(async () => [...(await rules())])
		.toEqual([{ losing_rule: "lowest_channel", losing_channel_id: shop.woo, race_rule: "first_write_wins" }]);
	await page.reload();
	await expect(races).toContainText("Orders of WooCommerce");
	await expect(races).toContainText("The first to change it wins");
	await expectAccessible(page);
});

test("two edits at once are shown beside what both last agreed on, and one of them is taken", async ({
	page,
	shop,
}) => {
	const { skuId, listingId } = await drift(shop);
	const facts = JSON.stringify({
		base: 7,
		ours: 9,
		channel: 12,
		oursAt: Date.now() - 60_000,
		channelAt: Date.now() - 30_000,
		oursUnits: 2,
		channelUnits: 5,
	});
	await shop.sql`update levels set on_hand = 9 where sku_id = ${skuId}`;
	await shop.sql`update slots set offered = 9 where listing_id = ${listingId}`;
	await shop.sql`
		update conflicts set kind = 'competing_edits', units = 3, facts = ${facts}::text::jsonb where merchant_id = ${shop.merchantId}`;
	await shop.signIn(page);
	await openConflicts(page);
	const evidence = page.getByRole("region", { name: /was edited in two places, neither knowing of the other/ });
	await expect(evidence).toContainText("3 units apart");
	await expect(evidence).toContainText("what both sides knew");
	await expect(evidence).toContainText("changed there, not knowing of ours");
	await expectAccessible(page);
	await page.keyboard.press("2");
	await expect(decide(page)).toContainText("on hand 9 → 12");
	await page.keyboard.press("Enter");
	await expect(page.getByRole("heading", { name: "Nothing to decide" })).toBeVisible();
	expect(await shop.onHand(skuId)).toBe(12);
});
