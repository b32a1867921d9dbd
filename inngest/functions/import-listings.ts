import { clientFor } from "@/db/client";
import { readStore } from "@/lib/services/imports/read-store";
import { findTarget } from "@/lib/services/sync/find-work";
import { inngest } from "../client";
import { importAsked, workDue } from "../events";

/** Reads a newly connected store: its webhooks, its listings, what they may be. */
export const importListings = inngest.createFunction(
	{
		id: "import-listings",
		triggers: [importAsked],
		concurrency: { limit: 1, key: "event.data.channelId" },
		retries: 4,
	},
	async ({ event, step, runId }) => {
		const { channelId } = event.data;
		const imported = await step.run("read", async () => {
			const target = await findTarget(channelId);
			return target && readStore(clientFor("app"), target);
		});
		if (imported) await step.sendEvent("work", workDue.create({ channelId }, { id: `${runId}:work` }));
		return { listings: imported?.listings ?? 0 };
	},
);
