import type { Statement } from "@/db/statement";
import { type DriftPolicies, type DriftPolicy, driftChoices } from "@/lib/stock/drift";

/** The columns of `channels` that hold them. What is sold is sold: there is nothing to keep for an unseen sale. */
export type PolicyColumns = {
	drift_policy: DriftPolicy;
	drift_lost_write: DriftPolicy;
	drift_rounding: DriftPolicy;
	drift_bundle: DriftPolicy;
};

export const driftPoliciesOf = (row: PolicyColumns): DriftPolicies => ({
	unseen_sale: driftChoices.unseen_sale[0],
	manual_edit: row.drift_policy,
	lost_write: row.drift_lost_write,
	rounding: row.drift_rounding,
	bundle: row.drift_bundle,
});

/** The channel's policies, and the locations at which an edit that counts is booked (none: nowhere). */
export async function readDriftPolicies(
	run: Statement,
	channelId: string,
): Promise<{ policies: DriftPolicies; locationIds: string[] }> {
	const [row] = await run<PolicyColumns & { location_ids: string[] }>`
		select drift_policy, drift_lost_write, drift_rounding, drift_bundle, location_ids from channels where id = ${channelId}::uuid`;
	if (!row) throw new Error(`channel ${channelId} is not there`);
	return { policies: driftPoliciesOf(row), locationIds: row.location_ids };
}
