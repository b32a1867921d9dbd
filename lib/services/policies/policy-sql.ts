import { type SQL, sql } from "drizzle-orm";
import { assertNever } from "@/lib/assert-never";
import type { PolicyField, PolicyLevel } from "@/lib/stock/offer-policy";
import type { PolicyTarget } from "./policy-target";

/** Where each level keeps its fields. A listing's slots all say the same. */
export const policyTables = {
	listing: { table: sql.identifier("slots"), key: sql.identifier("listing_id"), what: "listing" },
	sku: { table: sql.identifier("skus"), key: sql.identifier("id"), what: "SKU" },
	channel: { table: sql.identifier("channels"), key: sql.identifier("id"), what: "channel" },
	merchant: { table: sql.identifier("merchants"), key: sql.identifier("id"), what: "merchant" },
} satisfies Record<PolicyLevel, object>;

export const policyColumns: Record<PolicyField, string> = {
	bufferUnits: "buffer_units",
	bufferSeconds: "buffer_seconds",
	sharePercent: "share_percent",
	minUnits: "min_units",
	capUnits: "cap_units",
	outOfStockBelow: "out_of_stock_below",
};

/** What one level says, as `PolicyFields`. */
export const policyOf = (alias: string): SQL =>
	sql`jsonb_build_object(${sql.join(
		Object.entries(policyColumns).flatMap(([field, column]) => [
			sql`${sql.raw(`'${field}'`)}`,
			sql`${sql.identifier(alias)}.${sql.identifier(column)}`,
		]),
		sql`, `,
	)})`;

/** The condition on `slots` for those that a level's policy reaches. */
export function slotsOf(target: PolicyTarget): SQL {
	switch (target.level) {
		case "merchant":
			return sql`true`;
		case "channel":
			return sql`slots.channel_id = ${target.id}::uuid`;
		case "sku":
			return sql`slots.sku_id = ${target.id}::uuid`;
		case "listing":
			return sql`slots.listing_id = ${target.id}::uuid`;
		default:
			return assertNever(target);
	}
}
