import { cron } from "inngest";
import { clientFor } from "@/db/client";
import { callsPerRun, findStaleLevels, verifyStalest } from "@/lib/services/levels/verify-levels";
import { findTarget } from "@/lib/services/sync/find-work";
import { inngest } from "../client";
import { levelsDue } from "../events";

/** Every minute: the channels with levels that nobody has read for a while. */
export const findLevels = inngest.createFunction(
	{ id: "find-levels", triggers: [cron("* * * * *")], retries: 1 },
	async ({ step }) => {
		const channelIds = await step.run("find", findStaleLevels);
		if (channelIds.length > 0)
			await step.sendEvent(
				"verify",
				channelIds.map((channelId) => levelsDue.create({ channelId })),
			);
		return { channels: channelIds.length };
	},
);

/** Reads a channel's levels anew, a call every few seconds until none is stale. One run per channel, whoever asks. */
export const verifyLevels = inngest.createFunction(
	{
		id: "verify-levels",
		triggers: [levelsDue],
		singleton: { key: "event.data.channelId", mode: "skip" },
		concurrency: { limit: 8 },
		retries: 2,
	},
	async ({ event, step }) => {
		const { channelId } = event.data;
		let read = 0;
		for (let call = 0; call < callsPerRun; call++) {
			const verified = await step.run(`read-${call}`, async () => {
				const target = await findTarget(channelId);
				return target ? verifyStalest(clientFor("app"), target) : { read: 0, nextInMs: null };
			});
			read += verified.read;
			if (verified.nextInMs === null) break;
			await step.sleep(`pause-${call}`, verified.nextInMs);
		}
		return { read };
	},
);
