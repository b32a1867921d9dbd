import { expect, type Page } from "@playwright/test";
import type { Platform } from "@/db/schema";
import { type ConnectablePlatform, isConnectable } from "@/lib/channels/registry";
import { platformLabel } from "@/lib/format/platforms";
import { sandboxPlatforms } from "@/lib/sandbox/platforms";
import { catalogueFor } from "@/lib/services/sandbox/outdoor-catalogue";
import {
	acceptSure,
	agreeInShop,
	giveKeys,
	makeStore,
	readListings,
	startFromCatalogue,
	switchOn,
} from "../fixtures/connect-steps";
import { type Newcomer, test } from "../fixtures/newcomer";
import { type StoreKeys, shownQuantity } from "../fixtures/store-apis";

type Store = StoreKeys & { storeId: string; platform: ConnectablePlatform; sku: string };

const product = "Gas Cartridge 230";
/**
 * So many that Amazon, whose writes take minutes to be sure of, need not be closed for a sale after each, and that seven
 * sales in a few seconds don't split them among the stores.
 */
const units = 6_000;

/** The first has the catalogue that the others are matched with. */
const platforms = sandboxPlatforms()
	.map(({ platform }) => platform)
	.filter(isConnectable)
	.sort((a, b) => Number(b === "shopify") - Number(a === "shopify"));

/** Waits that a platform has in the real world, and which a person at this page has no time for. Nothing is left to chance. */
const prompt: Partial<Record<Platform, object>> = {
	amazon: {
		effectMedianMs: 500,
		effectLongestMs: 2_000,
		neverAppliedRate: 0,
		pendingMs: 0,
		newsMedianMs: 300,
		newsLongestMs: 2_000,
		newsLossRate: 0,
	},
	bigcommerce: { adjustmentDelayMs: 200, adjustmentJitterMs: 400, hookStartsAfterMs: 0 },
};

/** Until every store shows a sale at this one: its news, or the pace at which it is asked, and the slowest to apply. */
const withinMs = 30_000;

/**
 * Amazon only says that it has accepted a number. Before the next one goes there, that it landed is proven by orders read so
 * late that its list, three minutes behind, can have left none out.
 */
const provenWithinMs = 300_000;
const provesLate = (platform: Platform) => platform === "amazon";

test("one SKU is sold once at a store of every platform, and every other store's own API shows what is left", async ({
	page,
	newcomer,
}) => {
	// On busy cores slow is not wrong.
	test.setTimeout(900_000);
	page.setDefaultTimeout(60_000);
	await newcomer.signIn(page);
	const stores: Store[] = [];
	for (const platform of platforms) stores.push(await connect(page, newcomer, platform));
	await expect.poll(() => shown(stores), { timeout: withinMs }).toEqual(all(stores, units));

	let left = units;
	for (const store of stores) {
		await page.goto(`/sandbox?store=${store.storeId}`);
		await page.getByRole("button", { name: `Buy one ${store.sku}`, exact: true }).click();
		left -= 1;
		const isFirst = left === units - 1;
		const soon = stores.filter(({ platform }) => isFirst || !provesLate(platform));
		await expect
			.poll(() => shown(soon), { timeout: withinMs, intervals: [500], message: `after a sale at ${store.platform}` })
			.toEqual(all(soon, left));
	}
	await expect
		.poll(() => shown(stores), { timeout: provenWithinMs, intervals: [2_000], message: "in the end" })
		.toEqual(all(stores, left));

	await page.goto("/channels");
	await expect(page.getByText(/^(In step|1 on the way)$/)).toHaveCount(stores.length);
});

async function connect(page: Page, newcomer: Newcomer, platform: ConnectablePlatform): Promise<Store> {
	const keys = await makeStore(page, platform);
	await stock(page, skuAt(platform), units);
	const settings = JSON.stringify(prompt[platform] ?? {});
	await newcomer.sql`
		update sandbox.stores set settings = settings || ${settings}::text::jsonb where id = ${keys.storeId}`;
	if (platform === "woocommerce") await agreeInShop(page, keys);
	else await giveKeys(page, platform, keys);
	await readListings(page);
	if (platform === platforms[0]) await startFromCatalogue(page);
	else await acceptSure(page);
	await switchOn(page);
	return { ...keys, platform, sku: skuAt(platform) };
}

/** On the open page of a store that nobody has connected yet. */
async function stock(page: Page, sku: string, quantity: number): Promise<void> {
	await page.getByRole("button", { name: `Change the quantity of ${sku}`, exact: true }).click();
	const field = page.getByRole("textbox", { name: `Quantity of ${sku}`, exact: true });
	await field.fill(String(quantity));
	await field.press("Enter");
	const row = page.getByRole("row").filter({ has: page.getByRole("cell", { name: sku, exact: true }) });
	await expect(row).toContainText(quantity.toLocaleString("en"));
}

/** As a store of this platform writes it. */
const skuAt = (platform: Platform) =>
	catalogueFor(platform).find(({ title }) => title === product)?.variants[0]?.sku ?? "";

/** By each store's own API, under its platform's name. */
const shown = async (stores: readonly Store[]) =>
	Object.fromEntries(
		await Promise.all(
			stores.map(async (store) => [
				platformLabel(store.platform),
				await shownQuantity(store.platform, store, store.sku),
			]),
		),
	);

const all = (stores: readonly Store[], quantity: number) =>
	Object.fromEntries(stores.map(({ platform }) => [platformLabel(platform), quantity]));
