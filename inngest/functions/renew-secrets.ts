import { cron } from "inngest";
import { findEndingSecrets, renewSecret as renew } from "@/lib/services/secrets/renew-secret";
import { inngest } from "../client";
import { secretDue } from "../events";

/** Daily: the channels whose app's client secret ends within a month. */
export const findSecrets = inngest.createFunction(
	{ id: "find-secrets", triggers: [cron("41 4 * * *")], retries: 1 },
	async ({ step, runId }) => {
		const channelIds = await step.run("find", findEndingSecrets);
		if (channelIds.length > 0)
			await step.sendEvent(
				"renew",
				channelIds.map((channelId) => secretDue.create({ channelId }, { id: `${runId}:${channelId}` })),
			);
		return { channels: channelIds.length };
	},
);

/** Asks for a new one, once for all channels of an app; it comes by the queue. */
export const renewSecret = inngest.createFunction(
	{
		id: "renew-secret",
		triggers: [secretDue],
		concurrency: [{ limit: 1, key: "event.data.channelId" }, { limit: 4 }],
		retries: 2,
	},
	async ({ event, step }) => step.run("ask", () => renew(event.data.channelId)),
);
