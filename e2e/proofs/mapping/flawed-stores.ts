/** The same SKUs in a store of every platform, each store with flaws of its own, as far as its platform can have them. */
import type { Platform } from "@/db/schema";
import type { MatchSku } from "@/lib/matching/propose";
import type { Flaw } from "@/lib/matching/testing/flawed-catalogue";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import type { Random } from "@/lib/simulation/random";
import { uuidOf } from "./master-skus";

/** `tag`: what it is known by, whatever it is called. `sku`: as it is typed in the store; of a blank one see `blank-skus.ts`. */
export type FlawedListing = { tag: number; skuId: string; code: string; sku: string; flaw: Flaw; product: SeedProduct };

/** Listings know each other by their SKU: none is blank, and one that is there twice is spelled in two ways. */
const namedBySku: readonly Platform[] = ["amazon", "magento"];

/** What a blank SKU is called while hands that know things by their SKU reach for it. */
export const lentPrefix = "LENT-";

/** Of every hundred, and one of each at least. */
const shares: Record<Exclude<Flaw, "none">, number> = { duplicate: 3, blank: 2, renamed: 1 };

export function flawedListings(platform: Platform, skus: readonly MatchSku[], random: Random): FlawedListing[] {
	const flaws = drawFlaws(platform, skus.length, random);
	const borrowed = new Set<string>();
	return skus.map((own, tag) => {
		const flaw = flaws.get(tag) ?? "none";
		const sku = typed(platform, flaw, own, random, skus, borrowed);
		return { tag, skuId: uuidOf(own.id), code: own.code, sku, flaw, product: productOf(own, sku, tag) };
	});
}

function drawFlaws(platform: Platform, count: number, random: Random): Map<number, Flaw> {
	const flaws = new Map<number, Flaw>();
	for (const [flaw, share] of Object.entries(shares) as [Exclude<Flaw, "none">, number][])
		for (let left = Math.max(1, Math.round((count * share) / 100)); left > 0; ) {
			const tag = random.int(0, count - 1);
			if (flaws.has(tag)) continue;
			flaws.set(tag, flaw === "blank" && namedBySku.includes(platform) ? "renamed" : flaw);
			left--;
		}
	return flaws;
}

function typed(
	platform: Platform,
	flaw: Flaw,
	own: MatchSku,
	random: Random,
	skus: readonly MatchSku[],
	borrowed: Set<string>,
): string {
	switch (flaw) {
		case "none":
			return random.chance(0.5) ? own.code : own.code.toLowerCase().replaceAll("-", "_");
		case "blank":
			return `${lentPrefix}${own.id}`;
		case "renamed":
			return `NEW-${random.int(100_000, 999_999)}-${own.id}`;
		case "duplicate": {
			const others = skus.filter(({ code }) => code !== own.code && !borrowed.has(code));
			const { code } = random.pick(others);
			borrowed.add(code);
			return namedBySku.includes(platform) ? code.replaceAll("-", ".") : code;
		}
	}
}

/** Units by which one listing's number tells it from the next; more than an order takes. */
const unitsApart = 100;
const quantityOf = (tag: number) => unitsApart * (tag + 1) - 1;

export const tagOf = (quantity: number): number => Math.floor(quantity / unitsApart);
export const soldOf = (quantity: number): number => quantityOf(tagOf(quantity)) - quantity;

/** As shops have them in turn: all in the title, or a product with options. */
function productOf({ title }: MatchSku, sku: string, tag: number): SeedProduct {
	const [name = title, ...options] = title.split(", ");
	const isWhole = tag % 2 === 0;
	const variant = { sku, gtin: null, price: "12.00", quantity: quantityOf(tag) };
	return {
		title: isWhole ? `${name} – ${options.join(" / ")}` : name,
		variants: [{ ...variant, options: isWhole ? null : options.join(" / ") }],
	};
}
