/** Lists of products in which one is not what its platform promises: against sandbox stores over HTTP. */
import { describe, expect, test } from "vitest";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { product, variant } from "@/lib/sandbox/testing/seeds";
import type { RemoteListing } from "../listing";
import { platformFor } from "../registry";
import { openShop } from "./shop";
import { spoiling } from "./spoiling";

const sandbox = sandboxForTests();

const tee: SeedProduct = {
	title: "Tee",
	variants: ["S", "M"].map((options) => variant(`TEE-${options}`, 5, { options })),
};
const seed = [product("CUP", 9, "Cup"), tee, product("MUG", 7, "Mug")];

/** What tells a product's variants where they come in a list of their own. Magento's are products, Square's are in their product. */
const variantIds: Record<string, string | null> = {
	api2cart: "childId",
	magento: null,
	square: null,
	woocommerce: "variationId",
};

async function open(platform: string) {
	const { adapter, pasteForm } = await platformFor(platform);
	const isPasted = platform !== "woocommerce";
	const shop = await openShop(sandbox, { adapter, ...(isPasted && { pasteForm }) }, seed);
	/** The store, in whose answers nothing that is a list in rows of this name can be read. */
	const spoilt = (ref: string) => {
		const { http } = shop.connection;
		return { ...shop.connection, http: { ...http, send: spoiling(http.send, ref) } };
	};
	async function list(ref: string, changedSince: Date | null) {
		const items: RemoteListing[] = [];
		const odd = new Set<string>();
		let page: string | null = null;
		do {
			const read = await adapter.listListings(spoilt(ref), changedSince, page);
			items.push(...read.items);
			for (const one of read.odd ?? []) odd.add(one.ref);
			page = read.next;
		} while (page);
		return { skus: items.map(({ sku }) => sku), odd: [...odd] };
	}
	return { adapter, shop, spoilt, list };
}

describe.each(Object.keys(variantIds))("of %s", (platform) => {
	test("a product that can't be read is told, and holds up no other", async () => {
		const { adapter, shop, spoilt, list } = await open(platform);
		const { productId = "" } = (await shop.listing("CUP")).ids;
		for (const since of [null, new Date(sandbox.now().getTime() - 60_000)]) {
			const { skus, odd } = await list(productId, since);
			expect(odd).toEqual([productId]);
			expect(new Set(skus)).toEqual(new Set(["TEE-S", "TEE-M", "MUG"]));
		}
		const other = (await shop.listing("MUG")).ids.productId ?? "";
		expect(await adapter.readProduct(spoilt(productId), other)).toMatchObject([{ sku: "MUG" }]);
	});

	test.runIf(variantIds[platform])("with a variant that can't be read its product can't be", async () => {
		const { adapter, shop, spoilt, list } = await open(platform);
		const { ids } = await shop.listing("TEE-M");
		const variantId = ids[variantIds[platform] ?? ""] ?? "";
		expect(await list(variantId, null)).toEqual({
			skus: ["CUP", "MUG"],
			odd: [ids.productId],
		});
		// It is there, so that asked for by itself it is not said to be gone.
		const asked = adapter.readProduct(spoilt(variantId), ids.productId ?? "");
		await expect(asked).rejects.toMatchObject({ reason: "unreadable" });
	});
});
