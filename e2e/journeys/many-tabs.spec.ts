import { expect, type Page } from "@playwright/test";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { appendLog } from "@/lib/services/log/append-log";
import { type Shop, test } from "../fixtures/mapping-merchant";

const lines = (page: Page) =>
	page.getByRole("listbox", { name: "Lines of the log, newest first" }).getByRole("option", { name: /order #/ });

async function sell(shop: Shop, skuId: string, number: number): Promise<void> {
	const { db } = shop.as("owner");
	await asMerchant(db, shop.merchantId, (tx) =>
		appendLog(statementsOf(tx), shop.merchantId, [
			{
				kind: "stock.changed",
				state: "ok",
				channelId: shop.shopify,
				skuId,
				orderRef: `gid-${number}`,
				data: { from: 8, to: 7, cause: "order", orderNumber: `#${number}` },
			},
		]),
	);
	await shop.sql.notify("onecount_log", JSON.stringify({ m: shop.merchantId }));
}

test("eight tabs share one stream, and when the one that holds it goes, the others miss and double nothing", async ({
	page,
	context,
	shop,
}) => {
	test.setTimeout(180_000);
	const skuId = await shop.sku("TL-400", { title: "Trail Lamp 400", onHand: 7 });
	await shop.sql`delete from sync_log where merchant_id = ${shop.merchantId}`;
	const streams = new Map<Page, number>();
	context.on("request", (request) => {
		if (!request.url().includes("/api/live?")) return;
		const from = request.frame().page();
		streams.set(from, (streams.get(from) ?? 0) + 1);
	});
	await shop.signIn(page);
	const tabs = [page];
	while (tabs.length < 8) tabs.push(await context.newPage());
	for (const tab of tabs) {
		await tab.goto("/activity");
		await expect(tab.getByRole("navigation", { name: "Main" }).getByText("Live", { exact: true })).toBeVisible();
	}
	await sell(shop, skuId, 1001);
	for (const tab of tabs) await expect(lines(tab)).toHaveCount(1);
	// Signing in led the first tab over the overview: it may have opened the stream once for each page.
	expect([...streams.keys()]).toEqual([page]);

	const others = tabs.slice(1);
	const selling = (async () => {
		for (let number = 1002; number <= 1020; number++) await sell(shop, skuId, number);
	})();
	await expect(lines(others[0] as Page)).not.toHaveCount(1);
	await page.close();
	await selling;
	for (const tab of others) {
		await expect(lines(tab)).toHaveCount(20);
		const numbers = await lines(tab).allInnerTexts();
		expect(numbers.map((text) => /#(\d+)/.exec(text)?.[1])).toEqual(
			Array.from({ length: 20 }, (_, nth) => String(1020 - nth)),
		);
	}
	expect(streams.size).toBe(2);
});
