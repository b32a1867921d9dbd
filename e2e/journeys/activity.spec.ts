import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { appendLog, type LogLine } from "@/lib/services/log/append-log";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { type Shop, test } from "../fixtures/mapping-merchant";

const log = (page: Page) => page.getByRole("listbox", { name: "Lines of the log, newest first" });
const lines = (page: Page) => log(page).getByRole("option");
const panel = (page: Page) => page.getByRole("complementary", { name: "The chosen line" });

/** Lines as the pipeline writes them: in one transaction, and told after it. */
async function happen(shop: Shop, ...happened: LogLine[]): Promise<void> {
	const { db } = shop.as("owner");
	await asMerchant(db, shop.merchantId, (tx) => appendLog(statementsOf(tx), shop.merchantId, happened));
	await shop.sql.notify("onecount_log", JSON.stringify({ m: shop.merchantId }));
}

const sale = (shop: Shop, skuId: string, number: number, version = 1): LogLine => ({
	kind: "stock.changed",
	state: "ok",
	channelId: shop.shopify,
	skuId,
	skuVersion: version,
	orderRef: `gid-${number}`,
	data: { from: 8, to: 7, cause: "order", orderNumber: `#${number}` },
});

/** A lamp that both stores sell, 7 on hand. */
async function lamp(shop: Shop): Promise<{ skuId: string; woo: string }> {
	const skuId = await shop.sku("TL-400", { title: "Trail Lamp 400", onHand: 7 });
	const onShopify = await shop.listing(shop.shopify, { sku: "TL-400", title: "Trail Lamp 400", shows: 7 });
	const onWoo = await shop.listing(shop.woo, { sku: "tl_400", title: "Trail Lamp 400", shows: 7 });
	await linkListings(shop.as("owner"), {
		links: [onShopify, onWoo].map((listingId) => ({ listingId, skuId, units: 1 })),
	});
	// What linking itself wrote is of no interest here.
	await shop.sql`delete from sync_log where merchant_id = ${shop.merchantId}`;
	return { skuId, woo: onWoo };
}

/** The page is alive, and keys do something. */
const alive = (page: Page) =>
	expect(page.getByRole("navigation", { name: "Main" }).getByText("Live", { exact: true })).toBeVisible();

async function openLog(page: Page, query = ""): Promise<void> {
	await page.goto(`/activity${query}`);
	await alive(page);
}

test("a sale appears as it happens, is on its way, and has arrived once every store shows it", async ({
	page,
	shop,
}) => {
	const { skuId, woo } = await lamp(shop);
	await shop.signIn(page);
	await openLog(page, "?q=sku:TL-400");
	await shop.sql`update slots set offered = 6, sku_version = 2, confirmed_sku_version = 1 where listing_id = ${woo}`;
	await happen(shop, sale(shop, skuId, 1042, 2));
	const line = (state: string) =>
		log(page).getByRole("option", {
			name: new RegExp(`${state} Shopify Trail Lamp 400 8 → 7 after Shopify order #1042`),
		});
	await expect(line("on its way")).toHaveCount(1);
	await expect(line("on its way")).toContainText("1 of 2");
	const outcomes = page
		.getByRole("complementary", { name: "The lines in view" })
		.getByRole("region", { name: "Outcome" });
	await expect(outcomes.getByRole("button", { name: "On its way 1" })).toBeVisible();

	await shop.sql`update slots set expected = 6, confirmed_sku_version = 2 where listing_id = ${woo}`;
	await expect(line("in step")).toHaveCount(1);
	await expect(outcomes.getByRole("button", { name: "In step 1" })).toBeVisible();

	await line("in step").click();
	await expect(panel(page)).toContainText("its own sale, nothing to send");
	await expect(panel(page).getByRole("link", { name: "Why is it 7?" })).toHaveAttribute("href", `/inventory/${skuId}`);
	await expect(page).toHaveURL(/line=\d+/);
});

test("a call is readable: its masks stay masks, a long reply is folded, and all of it is copied", async ({
	page,
	shop,
	context,
}) => {
	const { skuId, woo } = await lamp(shop);
	await happen(shop, sale(shop, skuId, 1042, 2));
	const reply = {
		id: 8812,
		stock_quantity: 7,
		meta_data: Array.from({ length: 60 }, (_, id) => ({ id, key: `k${id}` })),
	};
	const exchange = {
		at: "2026-11-24T14:02:31.900Z",
		method: "PUT",
		url: "https://shop.example/wp-json/wc/v3/products/8812?consumer_key=•••&search=%231042&oauth_nonce=7b",
		status: 200,
		request: '{"stock_quantity":7}',
		response: JSON.stringify(reply),
		ms: 311,
	};
	const [push] = await shop.sql<{ id: string }[]>`
		insert into pushes (merchant_id, channel_id, items, outcome, claimed_at, sent_at, finished_at, exchanges)
		values (${shop.merchantId}, ${shop.woo}, 1, 'applied', now(), now(), now(), ${shop.sql.json([exchange])}) returning id`;
	await shop.sql`
		insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
		select ${push?.id ?? ""}, id, merchant_id, channel_id, sku_id, 'set', 7, 8, 2, 'applied', now() from slots where listing_id = ${woo}`;
	await context.grantPermissions(["clipboard-read", "clipboard-write"]);
	await shop.signIn(page);
	await openLog(page, "?q=sku:TL-400");
	await lines(page).first().click();

	await expect(panel(page).getByText("PUT /wp-json/wc/v3/products/8812?consumer_key=•••&search=#1042")).toBeVisible();
	await expect(panel(page)).not.toContainText("oauth");
	await expect(panel(page)).not.toContainText("k59");
	await panel(page).getByRole("button", { name: "Show all 66 lines" }).click();
	await expect(panel(page)).toContainText("k59");
	await panel(page).getByRole("button", { name: "Copy this call and its answer" }).click();
	await expect(panel(page).getByRole("button", { name: "Copied" })).toBeVisible();
	const copied = await page.evaluate(() => navigator.clipboard.readText());
	expect(copied).toContain('{"stock_quantity":7}');
	expect(copied).toContain("k59");
});

test("while somebody reads, new lines wait and nothing moves; then they are shown, each once", async ({
	page,
	shop,
}) => {
	const { skuId } = await lamp(shop);
	await happen(shop, ...[1, 2, 3].map((number) => sale(shop, skuId, 1000 + number)));
	await shop.signIn(page);
	await openLog(page, "?q=sku:TL-400");
	await expect(lines(page)).toHaveCount(3);
	await page.keyboard.press("j");
	await page.keyboard.press("j");
	await expect(lines(page).nth(1)).toHaveAttribute("aria-selected", "true");
	await expect(panel(page)).toContainText("order #1002");

	await happen(shop, ...[4, 5].map((number) => sale(shop, skuId, 1000 + number)));
	const held = page.getByRole("button", { name: "2 new lines, held while you read" });
	await expect(held).toBeVisible();
	await expect(lines(page)).toHaveCount(3);
	await expect(lines(page).first()).toContainText("#1003");
	const follow = page.getByRole("button", { name: /^Follow/ });
	await expect(follow).toHaveAttribute("aria-pressed", "false");

	await follow.click();
	await expect(follow).toHaveText(/^Following/);
	await expect(lines(page)).toHaveCount(5);
	for (const [at, number] of [1005, 1004, 1003, 1002, 1001].entries())
		await expect(lines(page).nth(at)).toContainText(`#${number}`);
});

test("a connection that breaks is said, and what happened meanwhile is there afterwards, once", async ({
	page,
	shop,
}) => {
	const { skuId } = await lamp(shop);
	await shop.signIn(page);
	await openLog(page, "?q=sku:TL-400");
	await happen(shop, sale(shop, skuId, 1));
	await expect(lines(page)).toHaveCount(1);
	// The stream breaks under the browser's hands, and its first tries to come again fail.
	await page.route("**/api/live*", (route) => route.abort());
	await page.evaluate(() => window.dispatchEvent(new Event("offline")));
	await expect(
		page.getByText(/^(Reconnecting…|Looks every few seconds|Onecount does not answer since .*)$/),
	).toBeVisible();
	await happen(shop, sale(shop, skuId, 2));
	await page.unroute("**/api/live*");
	await expect(lines(page)).toHaveCount(2);
	await expect(page.getByRole("navigation", { name: "Main" }).getByText("Live", { exact: true })).toBeVisible();
	await expect(lines(page)).toHaveCount(2);
	await expect(lines(page).first()).toContainText("#2");
});

test("what repeats is one line with a count", async ({ page, shop }) => {
	await shop.signIn(page);
	await openLog(page, "?q=outcome:refused");
	await happen(
		shop,
		...Array.from(
			{ length: 5 },
			(): LogLine => ({
				kind: "channel.unreachable",
				state: "off",
				channelId: shop.woo,
				data: { sentence: "No answer." },
			}),
		),
	);
	const line = lines(page).filter({ hasText: "WooCommerce does not answer" });
	await expect(line).toHaveCount(1);
	await expect(line).toContainText(/×\d/);
});

test("chips are the address: a filter is shared by its link, and exported as it is shown", async ({ page, shop }) => {
	const { skuId } = await lamp(shop);
	await happen(
		shop,
		sale(shop, skuId, 1042),
		{ ...sale(shop, skuId, 2087), channelId: shop.woo },
		{ kind: "level.drift", state: "warn", channelId: shop.woo, skuId, data: { shown: 12, expected: 7 } },
	);
	await shop.signIn(page);
	await openLog(page, "?q=sku:TL-400");
	await expect(lines(page)).toHaveCount(3);
	await page.keyboard.press("/");
	await page.keyboard.type("outcome:drift ");
	await expect(lines(page)).toHaveCount(1);
	await expect(page).toHaveURL(/outcome:drift/);
	await page.reload();
	await expect(lines(page)).toHaveCount(1);
	await expect(lines(page).first()).toContainText("WooCommerce shows 12, expected 7");

	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("link", { name: "Export" }).click(),
	]);
	const csv = await readFile(await download.path(), "utf8");
	const [head, ...rows] = csv.trim().split("\r\n");
	expect(head).toContain("at,outcome,cause,sentence");
	expect(rows).toHaveLength(1);
	expect(rows[0]).toContain("Trail Lamp 400: WooCommerce shows 12, expected 7");

	await page.getByRole("button", { name: "Remove outcome: drift" }).click();
	await expect(lines(page)).toHaveCount(3);
	await page.getByRole("combobox", { name: "Filter the log" }).fill("order:gid-2087");
	await page.keyboard.press("Enter");
	await expect(lines(page)).toHaveCount(1);
});

test("the answer needs no scrolling, and a key that is none is named", async ({ page, shop }) => {
	const { skuId } = await lamp(shop);
	for (let number = 1; number <= 40; number++) await happen(shop, sale(shop, skuId, 1000 + number, number));
	await shop.signIn(page);
	await openLog(page);
	await expect(lines(page).first()).toBeVisible();
	const pageScrolls = () =>
		page.evaluate(() => document.documentElement.scrollHeight > document.documentElement.clientHeight);
	expect(await pageScrolls()).toBe(false);
	await lines(page).first().click();
	await expect(panel(page)).toContainText("Why is it 7?");
	expect(await pageScrolls()).toBe(false);

	await page.keyboard.press("Escape");
	await page.keyboard.press("/");
	await page.keyboard.type("foo:bar");
	await page.keyboard.press("Enter");
	await expect(page.getByText("“foo:” is no key here, so it is searched for as text.")).toBeVisible();
});

test("the overview says what needs somebody, and a SKU is adjusted against the number that was seen", async ({
	page,
	shop,
}) => {
	const { skuId } = await lamp(shop);
	await shop.listing(shop.woo, { sku: "new", title: "Not linked yet", shows: 1 });
	await shop.signIn(page);
	await page.goto("/overview");
	const needs = page.getByRole("region", { name: "Needs you" });
	await expect(needs).toContainText("1 listing is not linked yet");
	const outlet = await shop.channel("Outlet", { state: "read_only" });
	await page.reload();
	await expect(needs.getByRole("link", { name: "Go on: Outlet is not switched on yet" })).toHaveAttribute(
		"href",
		`/channels/${outlet}/setup/match`,
	);

	await page.goto(`/inventory/${skuId}`);
	await expect(page.getByRole("region", { name: "Why is it 7?" })).toBeVisible();
	const dialog = page.getByRole("dialog", { name: "Adjust stock" });
	// Until the page is alive its keys do nothing.
	await expect(async () => {
		await page.keyboard.press("a");
		await expect(dialog).toBeVisible({ timeout: 1_000 });
	}).toPass();
	await dialog.getByLabel("Units on hand").fill("5");
	// A unit is sold while the dialog is open.
	await shop.sql`update levels set on_hand = 6 where sku_id = ${skuId}`;
	await dialog.getByRole("button", { name: "Set the count" }).click();
	await expect(dialog.getByRole("alert")).toContainText("you saw 7, now there are 6");
	expect(await shop.onHand(skuId)).toBe(6);
	await dialog.getByRole("button", { name: "Set the count" }).click();
	await expect(dialog).toBeHidden();
	expect(await shop.onHand(skuId)).toBe(5);
	await expect(page.getByRole("region", { name: "Why is it 5?" })).toBeVisible();
	await expect(page.getByRole("list", { name: "Movements, newest first" })).toContainText("Counted by Lena Nord");
});
