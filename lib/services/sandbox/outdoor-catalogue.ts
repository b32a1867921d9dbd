/**
 * What a made-up outdoor shop sells: some forty SKUs, and how each kind of store carries them. The stores disagree in the ways
 * in which real ones do, so that matching, linking and the dry run have something to show.
 */
import type { Platform } from "@/db/schema";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";

type Variant = SeedProduct["variants"][number];

/** Those that sell most come first: made-up buyers prefer the front of the shelf. */
const shelf: { title: string; price: string; variants: [sku: string, options: string | null, quantity: number][] }[] = [
	{
		title: "Hiking Socks",
		price: "18.00",
		variants: [
			["SOX-38", "Size: 36–38", 420],
			["SOX-41", "Size: 39–41", 510],
			["SOX-44", "Size: 42–44", 465],
		],
	},
	{ title: "Gas Cartridge 230", price: "7.50", variants: [["GAS-230", null, 600]] },
	{ title: "Trail Lamp 400", price: "54.00", variants: [["TL-400", null, 140]] },
	{
		title: "Merino Crew",
		price: "89.00",
		variants: [
			["MC-S-INK", "Size: S, Ink", 36],
			["MC-M-INK", "Size: M, Ink", 58],
			["MC-L-INK", "Size: L, Ink", 44],
			["MC-M-MOSS", "Size: M, Moss", 31],
		],
	},
	{ title: "Wool Cap", price: "29.00", variants: [["WCAP", null, 203]] },
	{
		title: "Dry Bag",
		price: "24.00",
		variants: [
			["DB-10", "Size: 10 l", 96],
			["DB-20", "Size: 20 l", 112],
			["DB-35", "Size: 35 l", 44],
		],
	},
	{ title: "Titanium Mug", price: "39.00", variants: [["MUG-450", null, 75]] },
	{ title: "Spork", price: "6.00", variants: [["SPK", null, 240]] },
	{ title: "Fire Steel", price: "14.00", variants: [["FS-2", null, 130]] },
	{ title: "Camp Stove Duo", price: "119.00", variants: [["CSD", null, 21]] },
	{ title: "Tarp 3×3", price: "149.00", variants: [["TRP-33", null, 12]] },
	{
		title: "Trek Poles",
		price: "79.00",
		variants: [
			["TP-110", "Length: 110 cm", 31],
			["TP-130", "Length: 130 cm", 27],
		],
	},
	{
		title: "Gaiters",
		price: "45.00",
		variants: [
			["GT-S", "Size: S", 33],
			["GT-M", "Size: M", 58],
			["GT-L", "Size: L", 29],
		],
	},
	{
		title: "Down Vest",
		price: "159.00",
		variants: [
			["DV-S", "Size: S", 11],
			["DV-M", "Size: M", 14],
			["DV-L", "Size: L", 7],
		],
	},
	{
		title: "Rain Shell",
		price: "199.00",
		variants: [
			["RS-S", "Size: S", 16],
			["RS-M", "Size: M", 24],
			["RS-L", "Size: L", 18],
		],
	},
	{
		title: "Sleeping Mat",
		price: "99.00",
		variants: [
			["MAT-R", "Width: regular", 40],
			["MAT-W", "Width: wide", 22],
		],
	},
	{
		title: "Down Quilt",
		price: "289.00",
		variants: [
			["QLT-0", "Comfort: 0 °C", 9],
			["QLT-10", "Comfort: −10 °C", 6],
		],
	},
	{
		title: "Bivy",
		price: "129.00",
		variants: [
			["BV-R", "Length: regular", 13],
			["BV-L", "Length: long", 9],
		],
	},
	{ title: "Headnet", price: "12.00", variants: [["HN-1", null, 64]] },
	{ title: "Water Filter", price: "59.00", variants: [["WF-1", null, 47]] },
	{ title: "Map Case A4", price: "22.00", variants: [["MAP-A4", null, 38]] },
	{ title: "Repair Kit", price: "16.00", variants: [["RK-1", null, 55]] },
	{ title: "Sit Pad", price: "13.00", variants: [["SIT-1", null, 84]] },
	{ title: "Guy Line 20 m", price: "11.00", variants: [["GL-20", null, 71]] },
];

/** Barcodes under one made-up company's prefix, so that renaming a SKU does not hide what it is. */
const gtinBySku = new Map(
	shelf
		.flatMap(({ variants }) => variants)
		.map(([sku], index) => [sku, withCheckDigit(`401234500${String(index + 1).padStart(3, "0")}`)]),
);

/** GS1 General Specifications, section 7.9: weights 1, 3, 1, … from the left of twelve digits. */
function withCheckDigit(twelve: string): string {
	const sum = [...twelve].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
	return `${twelve}${(10 - (sum % 10)) % 10}`;
}

function product(title: string, price: string, variants: [string, string | null, number | null][]): SeedProduct {
	return {
		title,
		variants: variants.map(
			([sku, options, quantity]): Variant => ({ sku, options, price, quantity, gtin: gtinBySku.get(sku) ?? null }),
		),
	};
}

/** The main store: every SKU, and two of the mistakes that a store lets pass. */
function mainStore(): SeedProduct[] {
	return [
		...shelf.map(({ title, price, variants }) => product(title, price, variants)),
		// An old listing that nobody removed: its SKU occurs twice.
		product("Titanium Mug (old model)", "29.00", [["MUG-450", null, 3]]),
		product("Gift Card", "50.00", [["", null, null]]),
	];
}

/** How a store that carries most of the shelf differs from the main one. */
type Habits = {
	/** By the main store's SKU; "": it has none here. */
	rename: (sku: string) => string;
	/** Neither SKU nor barcode tell what they are: for a person. */
	strangers: readonly string[];
	/** Titles that are not sold here. */
	away: readonly string[];
	/** What somebody counted here last week. */
	off: Readonly<Record<string, number>>;
	/** What it sells beside, under listings of its own. */
	more: readonly SeedProduct[];
};

const storeWith = ({ rename, strangers, away, off, more }: Habits): SeedProduct[] => [
	...shelf
		.filter(({ title }) => !away.includes(title))
		.map(({ title, price, variants }): SeedProduct => {
			const same = product(title, price, variants);
			return {
				...same,
				variants: same.variants.map((variant) => ({
					...variant,
					sku: rename(variant.sku),
					gtin: strangers.includes(variant.sku) ? null : variant.gtin,
					quantity: variant.quantity === null ? null : variant.quantity + (off[variant.sku] ?? 0),
				})),
			};
		}),
	...more,
];

const renamed =
	(names: Readonly<Record<string, string>>, otherwise = (sku: string) => sku) =>
	(sku: string) =>
		names[sku] ?? otherwise(sku);

/** The second store: most of the same, with its own numbers, names and habits. */
const secondStore = () =>
	storeWith({
		rename: renamed({
			// Written differently.
			"TL-400": "TL400",
			// A name of its own; the barcode still tells.
			CSD: "STOVE-DUO",
			"HN-1": "MOSQUITO-NET",
			"FS-2": "",
		}),
		strangers: ["HN-1", "FS-2"],
		away: ["Map Case A4", "Repair Kit", "Wool Cap"],
		off: { "GT-M": 3, "DB-20": -4, "WF-1": 2, "TP-130": -1 },
		more: [
			// Two colours that share one pool, where the main store counts one SKU: together as many as there.
			{
				...product("Wool Cap", "29.00", [
					["WCAP-INK", "Colour: Ink", 118],
					["WCAP-RUST", "Colour: Rust", 85],
				]),
				sharedPool: true,
			},
			product("Gas Cartridge 230, 6-pack", "39.00", [["GAS-230-6", null, 100]]),
			product("Waxing service", "25.00", [["WAX", null, null]]),
		],
	});

/** A shop for dealers, which writes every SKU in small letters with underscores, and sells by the carton. */
const tradeStore = () =>
	storeWith({
		rename: renamed({ "MUG-450": "cup_ti" }, (sku) => sku.toLowerCase().replaceAll("-", "_")),
		strangers: ["SPK", "MAP-A4"],
		away: ["Down Quilt", "Bivy"],
		off: { "SOX-41": 6, "MAT-R": -2 },
		more: [product("Spork, carton of 24", "120.00", [["spk_24", null, 10]])],
	});

/** A marketplace, where a seller's SKUs bear its name, and whose titles are anybody's. */
const marketplaceStore = () =>
	storeWith({
		rename: renamed({ "TRP-33": "B0-TARP-GREEN" }, (sku) => `AMZ-${sku}`),
		strangers: ["RK-1"],
		away: ["Camp Stove Duo", "Sleeping Mat", "Down Quilt", "Bivy", "Sit Pad"],
		off: { "WF-1": -3 },
		more: [product("Hiking Socks, 3 pairs, 39–41", "49.00", [["AMZ-SOX-41-3", null, 40]])],
	});

/** An old shop for companies, moved twice: SKUs with slashes, spaces and an ending, and few barcodes. */
const companyStore = () =>
	storeWith({
		rename: renamed({ "DB-10": "DB/10 EU", "DB-20": "DB/20 EU", "DB-35": "DB/35 EU" }, (sku) => `${sku}-EU`),
		strangers: ["GT-S", "GT-M", "GT-L", "SIT-1"],
		away: ["Headnet", "Map Case A4"],
		off: { "RS-M": 2, "QLT-0": 1 },
		more: [product("Down Vest, fleet order sample", "159.00", [["DV-SAMPLE", null, 1]])],
	});

/** A till in a hut: typed in by hand, half of it without a SKU. */
const tillStore = () =>
	storeWith({
		rename: renamed({ "SOX-38": "", "HN-1": "", "GL-20": "", "FS-2": "FIRE" }),
		strangers: ["HN-1", "GL-20", "FS-2"],
		away: ["Down Quilt", "Bivy", "Rain Shell", "Trek Poles", "Sleeping Mat"],
		off: { "GAS-230": -11, SPK: 4 },
		more: [product("Coffee", "3.50", [["COFFEE", null, null]])],
	});

/** A small outlet: a few of the same, counted by hand. */
function outletStore(): SeedProduct[] {
	const sold = new Set(["Hiking Socks", "Merino Crew", "Dry Bag", "Titanium Mug", "Gaiters", "Trek Poles"]);
	return shelf
		.filter(({ title }) => sold.has(title))
		.map(({ title, price, variants }) => product(title, price, variants));
}

export const outdoorCatalogues = { main: mainStore, second: secondStore, outlet: outletStore };

const catalogues: Readonly<Record<Platform, () => SeedProduct[]>> = {
	shopify: mainStore,
	woocommerce: secondStore,
	bigcommerce: tradeStore,
	amazon: marketplaceStore,
	magento: companyStore,
	api2cart: secondStore,
	square: tillStore,
};

/** What a store of a platform sells that somebody makes by one click. */
export const catalogueFor = (platform: Platform): SeedProduct[] => catalogues[platform]();
