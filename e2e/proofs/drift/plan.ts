/** Which listings of a store change silently, into what, and what the merchant has chosen to become of each kind of change. */
import type { Platform } from "@/db/schema";
import { type DriftClass, type DriftPolicies, driftClasses } from "@/lib/stock/drift";

/** As the merchant of each store has chosen; together every class meets every policy that it can have. */
export const policiesOf: Record<Platform, DriftPolicies> = {
	shopify: policies("master_wins", "master_wins", "ask", "channel_counts"),
	woocommerce: policies("channel_counts", "master_wins", "master_wins", "ask"),
	bigcommerce: policies("ask", "master_wins", "channel_counts", "master_wins"),
	amazon: policies("channel_counts", "ask", "ask", "master_wins"),
	magento: policies("master_wins", "master_wins", "channel_counts", "channel_counts"),
	api2cart: policies("channel_counts", "master_wins", "ask", "ask"),
	square: policies("ask", "master_wins", "master_wins", "channel_counts"),
};

function policies(
	manual_edit: DriftPolicies["manual_edit"],
	lost_write: DriftPolicies["lost_write"],
	rounding: DriftPolicies["rounding"],
	bundle: DriftPolicies["bundle"],
): DriftPolicies {
	return { unseen_sale: "channel_counts", manual_edit, lost_write, rounding, bundle };
}

/** Of a hundred changes. Only a write that a store takes without a compare or a difference can be lost without anybody knowing. */
const surely = { unseen_sale: 20, lost_write: 0, rounding: 12, bundle: 12 };
const blindly = { ...surely, lost_write: 16 };
const shares: Partial<Record<Platform, typeof surely>> = { woocommerce: blindly, amazon: blindly, magento: blindly };

export const codeOf = (n: number) => `SKU-${String(n).padStart(5, "0")}`;

export type Plan = ReadonlyMap<string, DriftClass>;

/** The first listings, since order is nothing to anybody. */
export function planOf(platform: Platform, changes: number): Plan {
	const plan = new Map<string, DriftClass>();
	const add = (driftClass: DriftClass, count: number) => {
		for (let left = count; left > 0; left--) plan.set(codeOf(plan.size), driftClass);
	};
	for (const driftClass of driftClasses)
		if (driftClass !== "manual_edit")
			add(driftClass, Math.floor((changes * (shares[platform] ?? surely)[driftClass]) / 100));
	add("manual_edit", changes - plan.size);
	return plan;
}

export const skusOf = (plan: Plan, driftClass: DriftClass): string[] =>
	[...plan].flatMap(([sku, its]) => (its === driftClass ? [sku] : []));
