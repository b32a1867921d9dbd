import { cron } from "inngest";
import { collectMail as collect, findQueues as find } from "@/lib/services/mail/collect-mail";
import { findTarget } from "@/lib/services/sync/find-work";
import { inngest } from "../client";
import { queueDue, started } from "../events";

/** One step's worth of waiting: short enough that many queues share the places, long enough that an empty one costs little. */
const maxMs = 10_000;
/** About five minutes; then a new run, so that no run's history grows without end. */
const stepsPerRun = 30;
/** By then this run has ended, and another may begin. */
const againAfterMs = 1_000;

/**
 * Every minute, and when a process starts: the channels whose news may lie in a queue. Those that are being read stay with
 * their run; one that has just been told to put its news there is read without waiting for the minute.
 */
export const findQueues = inngest.createFunction(
	{ id: "find-queues", triggers: [cron("* * * * *"), started], retries: 1 },
	async ({ step }) => {
		const channelIds = await step.run("find", find);
		if (channelIds.length > 0)
			await step.sendEvent(
				"collect",
				channelIds.map((channelId) => queueDue.create({ channelId })),
			);
		return { channels: channelIds.length };
	},
);

/** Reads one channel's queue, step after step; a channel without one, or with trouble, waits for the next minute. */
export const collectMail = inngest.createFunction(
	{
		id: "collect-mail",
		triggers: [queueDue],
		singleton: { key: "event.data.channelId", mode: "skip" },
		concurrency: { limit: 8 },
		retries: 2,
	},
	async ({ event, step }) => {
		const { channelId } = event.data;
		let kept = 0;
		for (let call = 0; call < stepsPerRun; call++) {
			const collected = await step.run(`fetch-${call}`, async () => {
				const target = await findTarget(channelId);
				return target ? collect(target, { maxMs }) : { state: "none" as const, kept: 0, strange: 0 };
			});
			kept += collected.kept;
			if (collected.state !== "read") return { kept, state: collected.state };
		}
		const again = queueDue.create({ channelId }, { ts: Date.now() + againAfterMs });
		await step.sendEvent("again", again);
		return { kept, state: "read" };
	},
);
