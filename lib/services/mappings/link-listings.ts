import { z } from "zod";
import { authorise, type Context } from "../context";
import { changeMappings } from "./change-mappings";
import type { ChangedMappings } from "./mapping-change";

const seenVersion = z.int().min(0).nullable().default(null);
const listingId = z.uuid("This is no listing of yours. Reload the page.");
/** More than a screen holds; whole catalogues go through accept-proposals in steps. */
const atMost = 2_000;

export const linkInput = z.object({
	links: z
		.array(
			z.object({
				listingId,
				skuId: z.uuid("This is no SKU of yours. Choose another."),
				units: z.int("Units are a whole number.").min(1, "A listing takes at least one unit.").max(10_000).default(1),
				seenVersion,
			}),
		)
		.max(atMost, "Link up to 2,000 listings at once."),
});

/** Links listings to SKUs, as a person chose them. What somebody else changed meanwhile is refused, listing by listing. */
export async function linkListings(ctx: Context, input: unknown): Promise<ChangedMappings> {
	authorise(ctx, "support");
	const { links } = linkInput.parse(input);
	return changeMappings(
		ctx,
		{ action: "mapping.linked" },
		links.map(({ listingId, skuId, units, seenVersion }) => ({
			listingId,
			seenVersion,
			next: { state: "linked", skuId, units },
		})),
	);
}

export const unlinkInput = z.object({
	listings: z.array(z.object({ listingId, seenVersion })).max(atMost, "Unlink up to 2,000 listings at once."),
});

/**
 * Takes links (and left-outs) away. Units that orders consumed stay counted on their SKU: they were sold. Nothing is
 * written to the channel any more; it keeps showing its last number.
 */
export async function unlinkListings(ctx: Context, input: unknown): Promise<ChangedMappings> {
	authorise(ctx, "manager");
	const { listings } = unlinkInput.parse(input);
	return changeMappings(
		ctx,
		{ action: "mapping.unlinked" },
		listings.map(({ listingId, seenVersion }) => ({ listingId, seenVersion, next: null })),
	);
}

export const leaveOutInput = unlinkInput.extend({
	reason: z
		.string()
		.trim()
		.min(1, "Say why it is left out, in a word or two.")
		.max(120)
		.default("not sold from our stock"),
});

/** Leaves listings alone on purpose, with the reason: they are no work any more, and nothing is written to them. */
export async function leaveOut(ctx: Context, input: unknown): Promise<ChangedMappings> {
	authorise(ctx, "manager");
	const { listings, reason } = leaveOutInput.parse(input);
	return changeMappings(
		ctx,
		{ action: "mapping.left_out" },
		listings.map(({ listingId, seenVersion }) => ({ listingId, seenVersion, next: { state: "left_out", reason } })),
	);
}
