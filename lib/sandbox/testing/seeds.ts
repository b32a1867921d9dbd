/** For tests: products to seed sandbox stores with. */
import type { SeedProduct } from "../sandbox-platform";

export type SeedVariant = SeedProduct["variants"][number];

/** `quantity` null: not counted. */
export const variant = (sku: string, quantity: number | null, more: Partial<SeedVariant> = {}): SeedVariant => ({
	sku,
	gtin: null,
	options: null,
	price: "9.50",
	quantity,
	...more,
});

/** One product with one variant. */
export const product = (sku: string, quantity: number | null, title = `Item ${sku}`): SeedProduct => ({
	title,
	variants: [variant(sku, quantity)],
});

/** One product with a variant of each size: TEE-S and so on. */
export const sized = (title: string, stock: Record<string, number | null>): SeedProduct => ({
	title,
	variants: Object.entries(stock).map(([size, quantity]) =>
		variant(`${title.toUpperCase()}-${size}`, quantity, { options: size }),
	),
});

export const products = (stock: Record<string, number | null>): SeedProduct[] =>
	Object.entries(stock).map(([sku, quantity]) => product(sku, quantity));

/** P0, P1 and so on. */
export const many = (count: number, quantityOf: (index: number) => number = () => 1): SeedProduct[] =>
	Array.from({ length: count }, (_, index) => product(`P${index}`, quantityOf(index)));

export const skusOf = (seed: SeedProduct[]): string[] => seed.flatMap(({ variants }) => variants.map(({ sku }) => sku));

export const cup: SeedProduct = { title: "Cup", variants: [variant("CUP", 20, { gtin: "4006381333931" })] };
export const loose: SeedProduct = product("LOOSE", null, "Loose");
export const tee: SeedProduct = sized("Tee", { S: 5, M: 7 });
/** Sold from one pool of twenty where the platform has such a thing. */
export const poster: SeedProduct = {
	title: "Poster",
	sharedPool: true,
	variants: [variant("POSTER-A", 10, { options: "Matte" }), variant("POSTER-B", 10, { options: "Glossy" })],
};

/** Counted and not counted, alone and in variants. */
export const catalogue: SeedProduct[] = [cup, loose, tee];
