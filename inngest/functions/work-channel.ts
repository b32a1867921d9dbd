import { workChannel } from "@/lib/services/channels/work-channel";
import { findTarget } from "@/lib/services/sync/find-work";
import { inngest } from "../client";
import { workDue } from "../events";

const maxMs = 20_000;
const lingerMs = 400;

/** Pushes, reads and polls one channel. Exclusive by the channel's lease; asks to be called again when something is due. */
export const workOnChannel = inngest.createFunction(
	{ id: "work-channel", triggers: [workDue], concurrency: { limit: 1, key: "event.data.channelId" }, retries: 3 },
	async ({ event, step }) => {
		const { channelId } = event.data;
		const worked = await step.run("work", async () => {
			const target = await findTarget(channelId);
			return target ? workChannel(target, { maxMs, lingerMs }) : { nextDueAt: null, calls: 0 };
		});
		if (worked.nextDueAt !== null) {
			// One call per channel and moment, however many runs ask for it.
			const ts = Math.ceil(Math.max(worked.nextDueAt, Date.now()) / 100) * 100;
			await step.sendEvent("again", workDue.create({ channelId }, { ts, id: `work:${channelId}:${ts}` }));
		}
		return worked;
	},
);
