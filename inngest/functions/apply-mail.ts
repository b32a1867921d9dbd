import { drainMail } from "@/lib/services/mail/drain-mail";
import { findTarget } from "@/lib/services/sync/find-work";
import { inngest } from "../client";
import { mailArrived } from "../events";

/** Long enough that one call serves many sales, short of every server's limit for a step. */
const maxMs = 20_000;
const lingerMs = 400;

/** Turns a channel's mail into movements and offers. Exclusive by the lock of each batch, not by the concurrency limit. */
export const applyMail = inngest.createFunction(
	{ id: "apply-mail", triggers: [mailArrived], concurrency: { limit: 1, key: "event.data.channelId" }, retries: 3 },
	async ({ event, step, runId }) => {
		const { channelId } = event.data;
		const drained = await step.run("drain", async () => {
			const target = await findTarget(channelId);
			return target ? drainMail(target, { maxMs, lingerMs }) : { rows: 0, hasMore: false };
		});
		if (drained.hasMore) await step.sendEvent("go-on", mailArrived.create({ channelId }, { id: `${runId}:go-on` }));
		return drained;
	},
);
