import { expect, type Page } from "@playwright/test";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { type Shop, test } from "../fixtures/mapping-merchant";

const grid = (page: Page) => page.getByRole("grid");
const cell = (page: Page, row: number, column: string) =>
	page.locator(`[data-index="${row}"][data-column="${column}"]`);
const segment = (page: Page, name: string) =>
	page.getByRole("navigation", { name: "Listings by state" }).getByRole("link", { name });

/** Five SKUs; Shopify calls them the same in capitals, WooCommerce in small letters with underscores. */
async function fill(shop: Shop): Promise<void> {
	for (const [code, title, onHand, shows] of [
		["CSD", "Camp Stove Duo", 21, 21],
		["DV-L", "Down Vest, L", 7, 12],
		["MC-M-INK", "Merino Crew, M, Ink", 19, 19],
		["MC-S-INK", "Merino Crew, S, Ink", 7, 12],
		["TL-400", "Trail Lamp 400", 0, 3],
	] as const) {
		await shop.sku(code, { title, onHand });
		await shop.listing(shop.shopify, { sku: code, title, shows });
		await shop.listing(shop.woo, { sku: code.toLowerCase().replaceAll("-", "_"), title, shows });
	}
	await shop.listing(shop.woo, { sku: "", title: "Gift card", shows: null });
	await shop.propose();
}

async function openMappings(page: Page, query = ""): Promise<void> {
	await page.goto(`/mappings${query}`);
	await expect(cell(page, 0, "sku").or(cell(page, 0, "listing"))).toBeVisible();
	// The keyboard's place is set once the grid is alive.
	await expect(grid(page)).toHaveAttribute("aria-activedescendant", /.+/);
}

const linkedCount = async (shop: Shop) =>
	(
		await shop.sql<
			{ n: number }[]
		>`select count(*)::int as n from mappings where merchant_id = ${shop.merchantId} and state = 'linked'`
	)[0]?.n;

test("a suggestion is read, accepted, undone and done again without the mouse", async ({ page, shop }) => {
	await fill(shop);
	await shop.signIn(page);
	await openMappings(page, "?state=suggested");
	await expect(page.getByText("SKU is the same", { exact: true })).toBeVisible();
	await page.keyboard.press("s");
	await expect(page.getByText("Shopify shows 12 → will be set to 7")).toBeVisible();
	await page.keyboard.press("k");

	await page.keyboard.press("a");
	await expect(cell(page, 0, shop.shopify)).toHaveAttribute("data-kind", "linked");
	await expect(segment(page, "Linked")).toContainText("1");
	expect(await linkedCount(shop)).toBe(1);
	// The next one that is open has the keyboard now.
	await page.keyboard.press("a");
	await expect(cell(page, 1, shop.shopify)).toHaveAttribute("data-kind", "linked");
	await expect(segment(page, "Linked")).toContainText("2");

	const undo = page.getByRole("button", { name: "Undo" });
	await expect(undo).toHaveCount(1);
	await page.keyboard.press("Control+z");
	await expect(cell(page, 1, shop.shopify)).toHaveAttribute("data-kind", "suggested");
	// The keyboard is back where the change was, and what is undone is not offered to be undone.
	await expect(grid(page)).toHaveAttribute(
		"aria-activedescendant",
		(await cell(page, 1, shop.shopify).getAttribute("id")) ?? "",
	);
	await expect(undo).toHaveCount(0);
	await expect(segment(page, "Linked")).toContainText("1");
	await page.keyboard.press("Control+Shift+z");
	await expect(cell(page, 1, shop.shopify)).toHaveAttribute("data-kind", "linked");
	await expect(segment(page, "Linked")).toContainText("2");
});

test("a selection is accepted at once, a reject and an unlink leave the cell open", async ({ page, shop }) => {
	await fill(shop);
	await shop.signIn(page);
	await openMappings(page);
	await grid(page).focus();
	await page.keyboard.press("Shift+ArrowDown");
	await page.keyboard.press("Shift+ArrowDown");
	await page.keyboard.press("Shift+ArrowRight");
	await page.keyboard.press("a");
	await expect(segment(page, "Linked")).toContainText("6");
	await expect(page.getByText("Linked 6 listings").first()).toBeVisible();

	await cell(page, 4, shop.woo).click();
	await page.keyboard.press("x");
	await expect(cell(page, 4, shop.woo)).toHaveAttribute("data-kind", "none");
	await cell(page, 0, shop.woo).click();
	await page.keyboard.press("Delete");
	await expect(segment(page, "Linked")).toContainText("5");
	await expect(cell(page, 0, shop.woo)).toHaveAttribute("data-kind", "suggested");
});

test("a listing is found by hand and linked as a six-pack", async ({ page, shop }) => {
	await fill(shop);
	const pack = await shop.listing(shop.woo, { sku: "STOVE-6", title: "Stove, box of six", shows: 9 });
	await shop.signIn(page);
	await openMappings(page);
	await cell(page, 0, shop.woo).click();
	const dialog = page.getByRole("dialog");
	await page.keyboard.press("Shift+?");
	await expect(dialog.getByRole("heading", { name: "Keys" })).toBeVisible();
	// An Enter that was pressed too often closes nothing.
	await page.keyboard.press("Enter");
	await expect(dialog).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(dialog).toHaveCount(0);
	await page.keyboard.press("Enter");
	// The search has the keyboard, or what is typed would be lost and Enter would close the dialog.
	await expect(dialog.getByRole("combobox")).toBeFocused();
	await page.keyboard.press("Control+a");
	await page.keyboard.type("stove-6");
	// Faster than the answer: what was found for another text is not what gets linked.
	await dialog.getByLabel("Units each").fill("6");
	await dialog.getByLabel("Units each").press("Enter");
	await expect(cell(page, 0, shop.woo)).toContainText("×6");
	await expect.poll(() => shop.slot(pack)).toMatchObject({ units: 6, offered: 3 });
});

test("everything certain is previewed, accepted with progress, and undone from history", async ({ page, shop }) => {
	await fill(shop);
	await shop.signIn(page);
	await openMappings(page);
	await page.getByRole("button", { name: "Accept 10 above 95 %" }).click();
	const dialog = page.getByRole("dialog");
	await expect(dialog.getByRole("radio", { checked: true })).toBeFocused();
	await expect(dialog.getByText("6 quantities would change, 2 of them to zero")).toBeVisible();
	await dialog.getByRole("radio", { name: /same SKU/ }).check();
	await dialog.getByRole("button", { name: "Link 5 listings" }).click();
	await expect(segment(page, "Linked")).toContainText("5");
	await page.getByRole("button", { name: "CSV" }).click();
	await page.getByRole("menuitem", { name: "History" }).click();
	await expect(dialog.getByText("Linked 5 listings")).toBeVisible();
	await dialog.getByRole("button", { name: "Undo" }).click();
	await expect(dialog.getByText("undone")).toBeVisible();
	expect(await linkedCount(shop)).toBe(0);
});

test("somebody else's decision is shown in the cell and not overwritten", async ({ page, shop }) => {
	await fill(shop);
	await shop.signIn(page);
	await openMappings(page);
	const [theirs] = await shop.sql<{ listing: string; sku: string }[]>`
		select l.id as listing, k.id as sku from listings l, skus k
		where l.merchant_id = ${shop.merchantId} and l.channel_id = ${shop.shopify} and l.sku = 'CSD' and k.merchant_id = l.merchant_id and k.code = 'DV-L'`;
	if (!theirs) throw new Error("the shop is filled");
	await linkListings(shop.as("manager"), { links: [{ listingId: theirs.listing, skuId: theirs.sku }] });
	await page.keyboard.press("a");
	await expect(cell(page, 0, shop.shopify)).toContainText("linked it to DV-L meanwhile");
	expect(await linkedCount(shop)).toBe(1);
});

test("cells are copied to a spreadsheet, and pasted ones are previewed before they link", async ({
	page,
	shop,
	context,
}) => {
	await fill(shop);
	await context.grantPermissions(["clipboard-read", "clipboard-write"]);
	await shop.signIn(page);
	await openMappings(page);
	await cell(page, 1, "sku").click();
	await page.keyboard.press("Shift+ArrowDown");
	await page.keyboard.press("Shift+ArrowRight");
	await page.keyboard.press("Control+c");
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("DV-L\t7\nMC-M-INK\t19");

	await page.evaluate(() => navigator.clipboard.writeText("dv_l\nno-such\n=1+1"));
	await cell(page, 1, shop.woo).click();
	await page.keyboard.press("Control+v");
	const dialog = page.getByRole("dialog");
	await expect(dialog.getByText("1 listing will be linked")).toBeVisible();
	await expect(dialog.getByText("No listing of this channel has the SKU “no-such”.")).toBeVisible();
	await dialog.getByRole("button", { name: "Link 1 listing" }).click();
	await expect(cell(page, 1, shop.woo)).toHaveAttribute("data-kind", "linked");
});

test("the address is the whole state, and a filter that finds nothing says so", async ({ page, shop }) => {
	await fill(shop);
	await shop.signIn(page);
	await openMappings(page);
	await page.keyboard.press("/");
	await page.keyboard.type("sku:mc merino ");
	await page.keyboard.press("Enter");
	await expect(grid(page)).toHaveAttribute("aria-rowcount", "3");
	// From the filter the keyboard goes on into what was found.
	await page.keyboard.press("ArrowDown");
	await expect(grid(page)).toBeFocused();
	await page.reload();
	await expect(grid(page)).toHaveAttribute("aria-rowcount", "3");
	await segment(page, "Unmatched").click();
	await expect(page).toHaveURL(/state=unmatched/);
	await expect(page.getByText("No listing fits this filter.")).toBeVisible();
	await page.getByRole("button", { name: "Clear the filter" }).click();
	await expect(grid(page)).toBeVisible();
	await page.goBack();
});

test("a gift card is left out with its reason, and taken back in", async ({ page, shop }) => {
	await fill(shop);
	await shop.signIn(page);
	await openMappings(page, "?state=unmatched&rows=listings");
	await page.keyboard.press("l");
	await page.getByRole("button", { name: "Gift card or service" }).click();
	await expect(cell(page, 0, "answer")).toContainText("left out · Gift card or service");
	await expect(segment(page, "Left out")).toContainText("1");
	await page.keyboard.press("Delete");
	await expect(segment(page, "Left out")).toContainText("0");
});

test("a viewer reads everything and changes nothing", async ({ page, shop }) => {
	await fill(shop);
	await shop.signIn(page, "viewer");
	await openMappings(page);
	await expect(page.getByText("you need the role support or above")).toBeVisible();
	await expect(page.getByRole("button", { name: /above 95/ })).toHaveCount(0);
	await page.keyboard.press("a");
	await page.keyboard.press("x");
	await page.keyboard.press("Delete");
	expect(await linkedCount(shop)).toBe(0);
});

test("a new merchant is told what comes, and starts from one store's catalogue", async ({ page, shop }) => {
	await shop.listing(shop.shopify, { sku: "A-1", title: "Lamp", shows: 7 });
	await shop.listing(shop.shopify, { sku: "", title: "Nameless", shows: 1 });
	await shop.listing(shop.woo, { sku: "a1", title: "Lamp", shows: 5 });
	await shop.signIn(page);
	await page.goto("/mappings");
	await expect(page.getByText("There is no SKU yet to link to.")).toBeVisible();
	await page.getByRole("link", { name: "Start from a store" }).click();
	const dialog = page.getByRole("dialog");
	await expect(dialog.getByText("Nameless has no SKU in the store")).toBeVisible();
	await dialog.getByRole("button", { name: "Make 1 SKU" }).click();
	await expect(page.getByRole("cell", { name: "A-1" })).toBeVisible();
	await page.goto("/mappings?state=suggested");
	await expect(cell(page, 0, shop.woo)).toContainText("a1");
});

test("a file of SKUs is shown line by line before it comes in", async ({ page, shop }) => {
	await shop.sku("A", { title: "Lamp", onHand: 7 });
	await shop.signIn(page);
	await page.goto("/inventory?start=csv");
	await page.getByLabel("CSV file").setInputFiles({
		name: "skus.csv",
		mimeType: "text/csv",
		buffer: Buffer.from("sku,title,on_hand\nA,Lamp,5\nB,Stove,12\nC,Tent,many\n"),
	});
	const dialog = page.getByRole("dialog");
	await expect(dialog.getByText("7 → 5")).toBeVisible();
	await expect(dialog.getByText("On hand is “many”")).toBeVisible();
	await dialog.getByRole("button", { name: "Bring in 2 lines" }).click();
	await expect(dialog.getByText("1 were added")).toBeVisible();
	await dialog.getByRole("button", { name: "Close" }).last().click();
	await expect(page.getByRole("row", { name: /Stove/ })).toContainText("12");
});

/** How far the column's cell reaches beyond the right edge of the grid; not positive: it is seen whole. */
const cutOff = async (page: Page, column: string) => {
	const [box, inner] = await Promise.all([grid(page).boundingBox(), cell(page, 0, column).boundingBox()]);
	if (!box || !inner) throw new Error("the grid and its cell are drawn");
	return inner.x + inner.width - (box.x + box.width);
};

test("beside the inspector four stores are seen whole, and more are counted and brought into view", async ({
	page,
	shop,
}) => {
	await fill(shop);
	await shop.channel("Outlet");
	const fourth = await shop.channel("Farm shop", { platform: "woocommerce" });
	await page.setViewportSize({ width: 1440, height: 900 });
	await shop.signIn(page);
	await openMappings(page);
	await expect(page.getByText("What linking does")).toBeVisible();
	expect(await cutOff(page, fourth)).toBeLessThanOrEqual(0);
	await expect(page.getByRole("button", { name: /more store/ })).toHaveCount(0);

	const fifth = await shop.channel("Market");
	await page.reload();
	await page.getByRole("button", { name: "1 more store to the right" }).click();
	await expect(page.getByRole("button", { name: /more store/ })).toHaveCount(0);
	await expect.poll(() => cutOff(page, fifth)).toBeLessThanOrEqual(0);
	await expect(cell(page, 0, "sku")).toBeInViewport({ ratio: 1 });
});

test("on a phone a tap opens both sides of a cell", async ({ browser, shop, baseURL }) => {
	await fill(shop);
	const context = await browser.newContext({
		baseURL,
		viewport: { width: 390, height: 844 },
		hasTouch: true,
		isMobile: true,
	});
	const page = await context.newPage();
	await shop.signIn(page);
	await openMappings(page);
	for (const column of ["sku", "available", shop.shopify])
		await expect(cell(page, 0, column)).toBeInViewport({ ratio: 1 });
	await expect(page.getByRole("button", { name: "1 more store to the right" })).toBeVisible();
	await cell(page, 1, shop.shopify).tap({ position: { x: 10, y: 10 } });
	await expect(page.getByRole("dialog").getByText("will be set to")).toBeVisible();
	await page.getByRole("dialog").getByRole("button", { name: "Accept" }).click();
	await expect.poll(() => linkedCount(shop)).toBe(1);
	await context.close();
});

test("on a phone the store that was filtered for is in view, and pushes can be paused", async ({
	browser,
	shop,
	baseURL,
}) => {
	await fill(shop);
	const pairs = await shop.sql<{ listing: string; sku: string }[]>`
		select l.id as listing, k.id as sku from listings l join skus k on k.merchant_id = l.merchant_id and k.code = l.sku
		where l.merchant_id = ${shop.merchantId} and l.channel_id = ${shop.shopify}`;
	await linkListings(shop.as("manager"), {
		links: pairs.map(({ listing, sku }) => ({ listingId: listing, skuId: sku })),
	});
	const context = await browser.newContext({
		baseURL,
		viewport: { width: 390, height: 844 },
		hasTouch: true,
		isMobile: true,
	});
	const page = await context.newPage();
	await shop.signIn(page);
	await openMappings(page, "?state=suggested");
	await expect(cell(page, 0, shop.woo)).toHaveAttribute("data-kind", "suggested");
	await expect(cell(page, 0, shop.woo)).toBeInViewport({ ratio: 0.99 });
	await page.getByRole("button", { name: "Pause pushes" }).tap();
	await expect(page.getByText("All pushes are paused")).toBeVisible();
	await context.close();
});
