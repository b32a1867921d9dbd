import { cron } from "inngest";
import { checkWebhooks as check, findUncheckedWebhooks } from "@/lib/services/channels/check-webhooks";
import { inngest } from "../client";
import { webhooksDue } from "../events";

/** Hourly: every channel's webhooks, each by itself, so that a slow store keeps nobody waiting. */
export const findWebhooks = inngest.createFunction(
	{ id: "find-webhooks", triggers: [cron("23 * * * *")], retries: 1 },
	async ({ step, runId }) => {
		const channelIds = await step.run("find", findUncheckedWebhooks);
		if (channelIds.length > 0)
			await step.sendEvent(
				"check",
				channelIds.map((channelId) => webhooksDue.create({ channelId }, { id: `${runId}:${channelId}` })),
			);
		return { channels: channelIds.length };
	},
);

/** Makes again what the store dropped; what was missed meanwhile is read by the next poll. */
export const checkWebhooks = inngest.createFunction(
	{
		id: "check-webhooks",
		triggers: [webhooksDue],
		concurrency: [{ limit: 1, key: "event.data.channelId" }, { limit: 4 }],
		retries: 2,
	},
	async ({ event, step }) => step.run("ensure", () => check(event.data.channelId)),
);
