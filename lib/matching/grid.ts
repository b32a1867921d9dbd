/** The mapping grid in plain values: what the server answers and the browser draws. Pure. */
import type { Tier } from "./propose";

/** `skus`: a row per SKU, a column per channel. `listings`: a row per listing, for what no SKU has. */
export const gridModes = ["skus", "listings"] as const;
export type GridMode = (typeof gridModes)[number];

/** Every listing is in exactly one of them. */
export const listingStates = ["linked", "suggested", "ambiguous", "unmatched", "left_out"] as const;
export type ListingState = (typeof listingStates)[number];

export type GridFilter = {
	mode: GridMode;
	state: ListingState | null;
	/** Empty: all. */
	channelIds: string[];
	/** Parts of SKU codes and of titles; all must be found. */
	skus: string[];
	titles: string[];
	/** Free words: code or title. */
	text: string;
};

/** How many rows are asked for at once. */
export const gridPageSize = 200;

/** A filter's rows in outline: how many, and where each page begins. A page costs the same wherever it is. */
export type GridOutline = { total: number; fences: string[] };

export type GridChannel = {
	id: string;
	name: string;
	platform: "shopify" | "woocommerce" | "bigcommerce" | "amazon" | "magento" | "api2cart" | "square";
	/** A push may leave: live, and neither it nor the merchant paused. */
	isPushing: boolean;
};

/** How a linked listing stands, in the seven shapes. */
export type LinkedState = "ok" | "go" | "warn" | "off" | "hold";

export type LinkedListing = {
	listingId: string;
	sku: string | null;
	title: string;
	units: number;
	/** What the channel shows; null: never read. */
	shows: number | null;
	/** What it ought to show; null: the SKU is not counted yet. */
	offered: number | null;
	state: LinkedState;
	/** The word for the state. */
	word: string;
	version: number;
};

export type Candidate = {
	listingId: string;
	sku: string | null;
	title: string;
	score: number;
	tier: Tier;
	/** The mapping's version as seen; 0: nobody has decided. */
	version: number;
};

export type GridCell =
	| { kind: "linked"; listings: LinkedListing[] }
	| { kind: "suggested"; candidate: Candidate }
	| { kind: "ambiguous"; candidates: Candidate[] }
	| { kind: "left_out"; candidate: Candidate; reason: string };

export type SkuRow = {
	id: string;
	code: string;
	title: string;
	options: string | null;
	imageUrl: string | null;
	/** Null: not counted yet. */
	available: number | null;
	/** By channel id; absent: no listing is known for it there. */
	cells: Record<string, GridCell>;
};

export type SkuCandidate = { skuId: string; code: string; title: string; score: number; tier: Tier };

export type ListingRow = {
	id: string;
	channelId: string;
	sku: string | null;
	title: string;
	options: string | null;
	imageUrl: string | null;
	price: string | null;
	shows: number | null;
	state: ListingState;
	version: number;
	/** Linked only. */
	link: {
		skuId: string;
		code: string;
		title: string;
		units: number;
		offered: number | null;
		state: LinkedState;
		word: string;
	} | null;
	/** Best first; not linked only. */
	candidates: SkuCandidate[];
	reason: string | null;
	/** Order lines that wait for it to be linked. */
	parkedLines: number;
};

export type StateCounts = Record<ListingState, number> & {
	/** Suggestions at or above 0.95 that nothing speaks against, by score as a whole percentage. */
	certain: Record<string, number>;
};

/** What a tier is called where there is little room. */
export const tierWords: Record<Tier, string> = {
	gtin: "same GTIN",
	sku: "same SKU",
	sku_normalised: "SKU ≈",
	title: "title",
};

export const asPercent = (score: number): number => Math.round(score * 100);

/** Units that a channel would show after linking, as the preview tells it. */
export type LinkPreview = {
	listingId: string;
	channelId: string;
	listing: string;
	sku: string;
	units: number;
	shows: number | null;
	/** Null: the SKU is not counted there yet, so nothing is written. */
	willShow: number | null;
	/** Order lines that waited for it, and the units that they take. */
	parkedLines: number;
	parkedUnits: number;
};

export type PeekSku = {
	id: string;
	code: string;
	gtin: string | null;
	title: string;
	options: string | null;
	imageUrl: string | null;
};

export type PeekListing = {
	id: string;
	channelId: string;
	sku: string | null;
	gtin: string | null;
	title: string;
	options: string | null;
	price: string | null;
	imageUrl: string | null;
	url: string | null;
	/** False: the platform keeps no count for it. */
	isManaged: boolean;
	leftOutReason: string | null;
	/** ISO 8601 */
	seenAt: string;
	shows: number | null;
	offered: number | null;
	link: {
		state: "linked" | "left_out";
		skuId: string | null;
		units: number;
		version: number;
		reason: string | null;
		by: string;
		at: string;
	} | null;
};

/** Another answer: the pair that would be linked, and the name of its changing side. */
export type PeekOther = {
	listingId: string;
	skuId: string;
	name: string;
	title: string;
	score: number;
	version: number;
};

/** Both sides of one cell. */
export type Peek = {
	listing: PeekListing | null;
	sku: PeekSku | null;
	proposal: { score: number; tier: Tier; reasons: string[]; isAmbiguous: boolean } | null;
	/** What linking the two would do; null where they are linked, or one is missing. */
	preview: LinkPreview | null;
	/** At most five, the likeliest first. */
	others: PeekOther[];
};

/** An answer of the search in a cell. */
export type FoundListing = {
	listingId: string;
	sku: string | null;
	title: string;
	shows: number | null;
	version: number;
	/** Code of the SKU that it is linked to. */
	linkedTo: string | null;
};
export type FoundSku = { skuId: string; code: string; title: string; available: number | null };

/** A pasted cell or a line of a file, understood or refused. */
export type ResolvedLink = {
	line: number;
	outcome: "link" | "same" | "refused";
	/** As it was written. */
	name: string;
	sku: string;
	sentence: string;
	link: { listingId: string; skuId: string; units: number; seenVersion: number } | null;
	preview: LinkPreview | null;
};
