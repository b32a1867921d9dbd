import { certainScore } from "@/lib/matching/propose";
import type { Context } from "@/lib/services/context";
import { acceptProposals } from "@/lib/services/mappings/accept-proposals";

/** All that may be linked without a look, step by step. */
export async function acceptCertain(ctx: Context): Promise<void> {
	let batchId: string | undefined;
	for (let isDone = false; !isDone; ) {
		const step = await acceptProposals(ctx, { threshold: certainScore, filter: {}, batchId });
		[isDone, batchId] = [step.isDone, step.batchId];
	}
}
