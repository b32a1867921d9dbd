/**
 * Proposes which SKU each listing of one channel is. It never links: a person, or a threshold that a person sets,
 * accepts. Pure, and linear in listings + SKUs: identities go through maps, title hints through a bounded block of SKUs
 * that share a rare word.
 *
 * Rules, each held by a test in propose.test.ts:
 * M1  A GTIN counts only where it is unique on both sides; a SKU only where it is unique among the channel's listings.
 * M2  What occurs twice in a channel is ambiguous, whatever else speaks for it.
 * M3  A blank SKU matches nothing.
 * M4  One SKU, one listing of a channel: two claims for one SKU are both ambiguous, and so is a claim to one linked already.
 * M5  Titles are hints: never certain, never ambiguity for something that an identity settled.
 * M6  What contradicts an identity (another GTIN, other sizes, a pack) takes away its certainty.
 * M7  A title that is another SKU's contradicts it too. Unlike titles alone don't: they may be in two languages.
 */
import { globalGtin, normaliseCode } from "./codes";
import {
	packUnits,
	readTitle,
	type TitleWords,
	titleLikeness,
	variantsContradict,
	type WordWeights,
	weighWords,
} from "./titles";

export type MatchListing = {
	id: string;
	sku: string | null;
	gtin: string | null;
	title: string;
	options: string | null;
};

export type MatchSku = { id: string; code: string; gtin: string | null; title: string; options: string | null };

export type Tier = "gtin" | "sku" | "sku_normalised" | "title";

export type Proposal = {
	listingId: string;
	skuId: string;
	/** 0..1; at or above {@link certainScore} only where nothing speaks against it. */
	score: number;
	tier: Tier;
	/** Sentences that a merchant may read, the strongest first. */
	reasons: string[];
	/** More than one answer fits: never accepted in bulk. */
	isAmbiguous: boolean;
};

/** At or above it, a proposal that is not ambiguous may be accepted in bulk. Titles alone never reach it. */
export const certainScore = 0.95;

const tierScores = { gtin: 1, sku: 0.99, sku_normalised: 0.97 } as const;
/** An identity that something contradicts. */
const doubtfulScore = 0.9;
const tierOrder = ["gtin", "sku", "sku_normalised", "title"] as const;

/** Title hints: so alike at least, so many per listing, so far ahead of the next to be clear. */
const leastLikeness = 0.45;
const hintsPerListing = 3;
const clearMargin = 0.08;
/** The block that a hint is looked for in: a listing's rarest words, and SKUs per word. */
const blockWords = 4;
const blockSize = 40;

/** `linkedSkuIds`: SKUs that another listing of this channel has already. */
export function proposeForChannel(
	listings: readonly MatchListing[],
	skus: readonly MatchSku[],
	linkedSkuIds: ReadonlySet<string> = new Set(),
): Proposal[] {
	const catalogue = indexSkus(skus);
	const channel = countIdentities(listings);
	const found = new Map<string, Proposal[]>();
	for (const listing of listings) found.set(listing.id, identityProposals(listing, catalogue, channel));

	const claimed = new Set<string>();
	for (const proposals of found.values()) for (const { skuId } of proposals) claimed.add(skuId);
	const isFree = (skuId: string) => !claimed.has(skuId) && !linkedSkuIds.has(skuId);
	for (const listing of listings)
		if (found.get(listing.id)?.length === 0) found.set(listing.id, titleHints(listing, catalogue, isFree));

	return settleClaims([...found.values()].flat(), linkedSkuIds);
}

type Catalogue = {
	byId: Map<string, MatchSku & { words: TitleWords }>;
	byGtin: Map<string, string[]>;
	byCode: Map<string, string[]>;
	byNormalised: Map<string, string[]>;
	byWord: Map<string, string[]>;
	weight: WordWeights;
};

function indexSkus(skus: readonly MatchSku[]): Catalogue {
	const catalogue: Catalogue = {
		byId: new Map(),
		byGtin: new Map(),
		byCode: new Map(),
		byNormalised: new Map(),
		byWord: new Map(),
		weight: () => 1,
	};
	for (const sku of skus) {
		const words = readTitle(sku.title, sku.options);
		catalogue.byId.set(sku.id, { ...sku, words });
		add(catalogue.byGtin, globalGtin(sku.gtin), sku.id);
		add(catalogue.byCode, sku.code.trim() || null, sku.id);
		add(catalogue.byNormalised, normaliseCode(sku.code), sku.id);
		for (const word of words.words) add(catalogue.byWord, word, sku.id);
	}
	catalogue.weight = weighWords([...catalogue.byId.values()].map(({ words }) => words));
	return catalogue;
}

type ChannelCounts = { gtin: Map<string, string[]>; sku: Map<string, string[]> };

/** SKUs are counted by their normalised form: `ab-1` and `AB1` in one channel are the same claim. */
function countIdentities(listings: readonly MatchListing[]): ChannelCounts {
	const counts: ChannelCounts = { gtin: new Map(), sku: new Map() };
	for (const listing of listings) {
		add(counts.gtin, globalGtin(listing.gtin), listing.id);
		add(counts.sku, normaliseCode(listing.sku), listing.id);
	}
	return counts;
}

function add(index: Map<string, string[]>, key: string | null, id: string): void {
	if (key === null) return;
	const ids = index.get(key);
	if (ids) ids.push(id);
	else index.set(key, [id]);
}

function identityProposals(listing: MatchListing, catalogue: Catalogue, channel: ChannelCounts): Proposal[] {
	const gtin = globalGtin(listing.gtin);
	const normalised = normaliseCode(listing.sku);
	const tiersBySku = new Map<string, Exclude<Tier, "title">[]>();
	const note = (ids: readonly string[] | undefined, tier: Exclude<Tier, "title">) => {
		for (const id of ids ?? []) tiersBySku.set(id, [...(tiersBySku.get(id) ?? []), tier]);
	};
	note(gtin ? catalogue.byGtin.get(gtin) : undefined, "gtin");
	const exact = normalised ? catalogue.byCode.get(listing.sku?.trim() ?? "") : undefined;
	// The exact code settles what only looks alike: with AB-1 at hand, AB1 is another SKU.
	if (exact) note(exact, "sku");
	else note(normalised ? catalogue.byNormalised.get(normalised) : undefined, "sku_normalised");
	if (tiersBySku.size === 0) return [];

	const twins = Math.max(
		normalised ? (channel.sku.get(normalised)?.length ?? 0) : 0,
		gtin ? (channel.gtin.get(gtin)?.length ?? 0) : 0,
	);
	const words = readTitle(listing.title, listing.options);
	const namesakes = [...tiersBySku.keys()].map((skuId) => findNamesake(words, skuId, catalogue));
	for (const namesake of namesakes) if (namesake && !tiersBySku.has(namesake.skuId)) tiersBySku.set(namesake.skuId, []);
	return [...tiersBySku].map(([skuId, tiers]) => {
		const sku = catalogue.byId.get(skuId) as MatchSku & { words: TitleWords };
		const doubts = findDoubts(listing, gtin, words, sku);
		const [best] = tiers;
		const crowd: string[] = [];
		if (twins > 1)
			crowd.push(`${twins} listings of this channel carry the same ${sharedName(normalised, gtin, channel)}`);
		if (tiersBySku.size > 1) crowd.push(`${tiersBySku.size} SKUs fit this listing`);
		const isUnique = crowd.length === 0;
		if (!best)
			return {
				listingId: listing.id,
				skuId,
				score: hintScore(titleLikeness(words, sku.words, catalogue.weight)),
				tier: "title",
				reasons: [...crowd, "The title is this SKU's, the code is another's"],
				isAmbiguous: true,
			};
		return {
			listingId: listing.id,
			skuId,
			score: doubts.length > 0 || !isUnique ? Math.min(doubtfulScore, tierScores[best]) : tierScores[best],
			tier: best,
			reasons: [
				...crowd,
				...doubts,
				...tiers.map((tier) => identityReason(tier, isUnique)),
				...agreement(words, sku.words),
			],
			isAmbiguous: !isUnique,
		};
	});
}

const sharedName = (normalised: string | null, gtin: string | null, channel: ChannelCounts): string =>
	normalised && (channel.sku.get(normalised)?.length ?? 0) > 1 ? "SKU" : gtin ? "GTIN" : "SKU";

function identityReason(tier: Exclude<Tier, "title">, isUnique: boolean): string {
	switch (tier) {
		case "gtin":
			return isUnique ? "GTIN is the same and unique on both sides" : "GTIN is the same";
		case "sku":
			return "SKU is the same";
		case "sku_normalised":
			return "SKU is the same without case and separators";
	}
}

/** What speaks against an identity (M6). */
function findDoubts(
	listing: MatchListing,
	gtin: string | null,
	words: TitleWords,
	sku: MatchSku & { words: TitleWords },
) {
	const doubts: string[] = [];
	const skuGtin = globalGtin(sku.gtin);
	if (gtin && skuGtin && gtin !== skuGtin) doubts.push("GTINs differ");
	if (variantsContradict(words, sku.words)) doubts.push("Sizes or numbers in the titles differ");
	const units = packUnits(listing.title, listing.options);
	if (units !== packUnits(sku.title, sku.options))
		doubts.push(`One title says a pack of ${Math.max(units, packUnits(sku.title, sku.options))}: check the units`);
	return doubts;
}

/** An identity whose title is this unlike is looked at again; a title this alike is somebody's. */
const unlike = 0.5;
const alike = 0.8;

/** The SKU whose title the listing has, where that is not the SKU whose code it has (M7). */
function findNamesake(words: TitleWords, skuId: string, catalogue: Catalogue): { skuId: string } | null {
	const own = catalogue.byId.get(skuId);
	if (!own || titleLikeness(words, own.words, catalogue.weight) >= unlike) return null;
	const [closest] = alikeSkus(words, catalogue);
	return closest && closest.likeness >= alike ? closest : null;
}

function agreement(a: TitleWords, b: TitleWords): string[] {
	const shared = [...a.variants].filter((variant) => b.variants.has(variant));
	return shared.length > 0 ? [`Titles agree on ${shared.map((word) => word.toUpperCase()).join(", ")}`] : [];
}

/** SKUs that share one of the title's rarest words and are alike, the most alike first. */
function alikeSkus(words: TitleWords, catalogue: Catalogue, isWanted: (skuId: string) => boolean = () => true) {
	const rare = words.words
		.map((word) => catalogue.byWord.get(word) ?? [])
		.filter((ids) => ids.length > 0 && ids.length <= blockSize)
		.sort((a, b) => a.length - b.length)
		.slice(0, blockWords);
	const found: { skuId: string; likeness: number; words: TitleWords }[] = [];
	for (const skuId of new Set(rare.flat())) {
		const sku = catalogue.byId.get(skuId);
		if (!sku || !isWanted(skuId)) continue;
		const likeness = titleLikeness(words, sku.words, catalogue.weight);
		if (likeness >= leastLikeness) found.push({ skuId, likeness, words: sku.words });
	}
	return found.sort((a, b) => b.likeness - a.likeness || (a.skuId < b.skuId ? -1 : 1));
}

function titleHints(listing: MatchListing, catalogue: Catalogue, isFree: (skuId: string) => boolean): Proposal[] {
	const words = readTitle(listing.title, listing.options);
	const hints = alikeSkus(words, catalogue, isFree);
	const [first, second] = hints;
	const isClose = Boolean(first && second && first.likeness - second.likeness < clearMargin);
	return hints.slice(0, hintsPerListing).map((hint, rank) => ({
		listingId: listing.id,
		skuId: hint.skuId,
		score: hintScore(hint.likeness),
		tier: "title",
		reasons: [
			...(isClose && rank < 2 ? ["Two titles are about equally alike"] : []),
			`Titles are ${Math.round(hint.likeness * 100)} % alike`,
			...agreement(words, hint.words),
		],
		isAmbiguous: isClose && rank < 2,
	}));
}

/** Equal titles are a strong hint and still no identity: 0.9 at the most (M5). */
const hintScore = (likeness: number) => Math.round(likeness * doubtfulScore * 100) / 100;

/** One SKU, one listing of a channel (M4). Hints that only come second claim nothing. */
function settleClaims(proposals: Proposal[], linkedSkuIds: ReadonlySet<string>): Proposal[] {
	const best = new Map<string, Proposal>();
	for (const proposal of proposals) {
		const known = best.get(proposal.listingId);
		if (!known || compareProposals(proposal, known) < 0) best.set(proposal.listingId, proposal);
	}
	const claims = new Map<string, number>();
	for (const { skuId } of best.values()) claims.set(skuId, (claims.get(skuId) ?? 0) + 1);
	return proposals.map((proposal) => {
		const isBest = best.get(proposal.listingId) === proposal;
		const rivals = claims.get(proposal.skuId) ?? 0;
		const taken = linkedSkuIds.has(proposal.skuId)
			? "Another listing of this channel is linked to this SKU already"
			: isBest && rivals > 1
				? `${rivals} listings of this channel claim this SKU`
				: null;
		if (!taken) return proposal;
		const alreadySaid = proposal.isAmbiguous && !linkedSkuIds.has(proposal.skuId);
		return {
			...proposal,
			isAmbiguous: true,
			score: Math.min(proposal.score, doubtfulScore),
			reasons: alreadySaid ? proposal.reasons : [taken, ...proposal.reasons],
		};
	});
}

/** The better first: score, then the stronger kind of evidence, then the id, so that equal input gives equal output. */
export function compareProposals(a: Proposal, b: Proposal): number {
	return (
		b.score - a.score ||
		tierOrder.indexOf(a.tier) - tierOrder.indexOf(b.tier) ||
		(a.skuId < b.skuId ? -1 : a.skuId > b.skuId ? 1 : 0)
	);
}

/** Whether a threshold may accept it without a person looking at it. */
export const isCertain = (proposal: Pick<Proposal, "score" | "isAmbiguous">): boolean =>
	!proposal.isAmbiguous && proposal.score >= certainScore;
