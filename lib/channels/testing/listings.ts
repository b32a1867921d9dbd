import { expect } from "vitest";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { product, products } from "@/lib/sandbox/testing/seeds";
import type { RemoteListing } from "../listing";
import type { Suite } from "./suite";

/** More than a page of any platform that pages. */
const manyProducts = 320;
const dayMs = 86_400_000;

const variant = (sku: string, options: string, quantity: number) => ({
	sku,
	gtin: null,
	options,
	price: "20.00",
	quantity,
});
const catalogue: SeedProduct[] = [
	product("CUP", 5, "Cup"),
	product("SOLD-OUT", 0, "Vase"),
	{ title: "Tee", variants: [variant("TEE-S", "S", 3), variant("TEE-M", "M", 0), variant("TEE-L", "L", 7)] },
	{ title: "Scarf", variants: Array.from({ length: 120 }, (_, n) => variant(`SCARF-${n}`, `Colour ${n}`, n)) },
];

export function checkListings({ adapter, facts, check, open, sandbox }: Suite): void {
	check("the whole catalogue comes, each once and exact", async () => {
		const shop = await open(catalogue);
		const listings = await shop.listings();
		// A platform's parents and groups are listed as what they are: left out.
		const seen = listings
			.filter(({ leftOutReason }) => leftOutReason === null)
			.map(({ sku, quantity, isManaged }) => [sku, quantity, isManaged]);
		const there = catalogue.flatMap(({ variants }) => variants.map(({ sku, quantity }) => [sku, quantity, true]));
		expect(sorted(seen)).toEqual(sorted(there));
		for (const { title, variants } of catalogue)
			for (const { sku } of variants) expect((await shop.listing(sku)).title).toContain(title);
		expect(new Set(listings.map(({ externalKey }) => externalKey)).size).toBe(listings.length);
		// A name that an order line may give is one listing's alone.
		const refs = listings.flatMap((one) => one.refs);
		expect(new Set(refs).size).toBe(refs.length);
		expect(listings.filter((one) => one.refs.length === 0)).toEqual([]);
	});

	check("barcodes and prices come along", async () => {
		const shop = await open([
			{ title: "Cup", variants: [{ sku: "CUP", gtin: "4006381333931", options: null, price: "12.50", quantity: 5 }] },
		]);
		const { gtin, price } = await shop.listing("CUP");
		expect(gtin).toBe("04006381333931");
		expect(Number(price)).toBe(12.5);
	});

	const many = Array.from({ length: manyProducts }, (_, n) => product(`P-${n}`, n));
	const skusOf = (listings: RemoteListing[]) => listings.map(({ sku }) => sku ?? "").sort();

	check("many pages come whole, each once", async () => {
		const shop = await open(many);
		const { items, pages } = await shop.pagesOf((page) => adapter.listListings(shop.connection, null, page));
		expect(pages).toBeGreaterThan(1);
		expect(sorted(items.map(({ sku, quantity }) => [sku, quantity]))).toEqual(
			sorted(many.map((_, n) => [`P-${n}`, n])),
		);
	});

	check("what stays is neither lost nor doubled while the catalogue changes", async () => {
		const shop = await open(many);
		const seen: RemoteListing[] = [];
		const gone = new Set<string>();
		const listed = async (page: string | null) => {
			const found = await adapter.listListings(shop.connection, null, page);
			seen.push(...found.items);
			return found;
		};
		const { pages } = await shop.pagesOf(listed, async () => {
			const known = new Set(skusOf(seen));
			const unseen = many.map((_, n) => `P-${n}`).filter((sku) => !known.has(sku) && !gone.has(sku));
			const leaving = [
				...[...known].filter((sku) => sku.startsWith("P-") && !gone.has(sku)).slice(0, 3),
				unseen.at(-1) ?? "",
			];
			for (const sku of leaving.filter((one) => one !== "")) {
				await shop.remove(sku);
				gone.add(sku);
			}
			for (const sku of [[...known].at(-1), unseen[0]]) if (sku && !gone.has(sku)) await shop.setQuantity(sku, 1_000);
			await shop.seed(products({ [`NEW-${gone.size}`]: 1 }));
		});
		expect(pages).toBeGreaterThan(1);
		const stayed = many.map((_, n) => `P-${n}`).filter((sku) => !gone.has(sku));
		expect(skusOf(seen).filter((sku) => sku.startsWith("P-") && !gone.has(sku))).toEqual(stayed.sort());
	});

	check(
		"what was added since a moment is found",
		async () => {
			const shop = await open(products({ OLD: 1 }));
			await shop.pass(dayMs);
			const since = sandbox.now();
			await shop.seed(products({ NEW: 4 }));
			await shop.pass(facts.orderListLagMs);
			const changed = await shop.listings(since);
			expect(changed.map(({ sku, quantity }) => [sku, quantity])).toEqual([["NEW", 4]]);
			expect(skusOf(await shop.listings())).toEqual(["NEW", "OLD"]);
		},
		facts.coverage.listings.stamps === "none" ? "it keeps no stamps of its listings" : null,
	);

	check("one product is read by itself, and nothing when it is gone", async () => {
		const shop = await open(catalogue.slice(0, 3));
		const one = await shop.listing("TEE-S");
		const productRef = one.ids.productId ?? one.externalKey;
		const found = await shop.patiently(() => adapter.readProduct(shop.connection, productRef));
		expect(found).toContainEqual(one);
		await shop.remove("TEE-S");
		expect(
			(await shop.patiently(() => adapter.readProduct(shop.connection, productRef))).map(({ sku }) => sku),
		).not.toContain("TEE-S");
	});
}

const sorted = <Row extends readonly unknown[]>(rows: Row[]) =>
	[...rows].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
