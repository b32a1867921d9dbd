import { cron } from "inngest";
import { pruneHistory } from "@/lib/services/sync/prune-history";
import { inngest } from "../client";

/** What is left is taken by the next night. */
const mostBites = 300;

/** Lets go of history that has outlived its use; movements and audit stay. */
export const prune = inngest.createFunction(
	{ id: "prune", triggers: [cron("17 3 * * *")], retries: 1 },
	async ({ step }) => {
		let deleted = 0;
		for (let bite = 0; bite < mostBites; bite++) {
			const gone = await step.run(`bite-${bite}`, pruneHistory);
			if (gone === 0) break;
			deleted += gone;
		}
		return { deleted };
	},
);
