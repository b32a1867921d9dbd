import type { FeedIssue, Issue } from "./api-types";
import { AmazonError } from "./client";
import { ownChannel } from "./mapper";

/** The general one, which takes what all product types have. */
export const productType = "PRODUCT";

/**
 * Merged into the row of the merchant's own stock: a replacement would take its handling time and restock date away. Never
 * another row, and never the whole listing.
 */
export const patchesFor = (quantity: number) => [
	{
		op: "merge" as const,
		path: "/attributes/fulfillment_availability",
		value: [{ fulfillment_channel_code: ownChannel, quantity }],
	},
];

/** In Amazon's own words. */
export function invalid(issues: readonly (Issue | FeedIssue)[]): AmazonError {
	const errors = issues.filter(({ severity }) => severity === "ERROR");
	const words = [...new Set(errors.map(({ message }) => message))].join(" ").slice(0, 500);
	return new AmazonError("refused", words ? `Amazon refused the quantity: ${words}` : "Amazon refused the quantity.", {
		fix: "Open the item in Seller Central under Inventory, correct what Amazon names, then try again.",
		code: errors[0]?.code ?? "INVALID",
	});
}
