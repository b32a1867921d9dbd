import { systemContext } from "@/lib/services/context";
import { advanceComparison, beginComparison, endComparison } from "@/lib/services/strategies/advance-comparison";
import { inngest } from "../client";
import { comparisonAsked } from "../events";

/** Works off a merchant's comparison of strategies, a cell a step. It needs a core, so there is one at a time. */
export const compareStrategies = inngest.createFunction(
	{ id: "compare-strategies", triggers: [comparisonAsked], concurrency: { limit: 1 }, retries: 2 },
	async ({ event, step }) => {
		const ctx = systemContext(event.data.merchantId);
		const begun = await step.run("begin", () => beginComparison(ctx));
		if (!begun) return { cells: 0 };
		for (let cell = 0; cell < begun.total; cell++)
			if (!(await step.run(`cell-${cell}`, () => advanceComparison(ctx, begun.id, cell)))) return { cells: cell };
		await step.run("end", () => endComparison(ctx, begun.id));
		return { cells: begun.total };
	},
);
