import { cancelDueOrders } from "@/lib/services/orders/cancel-orders";
import { findTarget } from "@/lib/services/sync/find-work";
import { inngest } from "../client";
import { cancelDue } from "../events";

const maxMs = 20_000;

/** Asks a channel to cancel the orders that were decided about; asks to be called again when one is due. */
export const cancelOrders = inngest.createFunction(
	{ id: "cancel-orders", triggers: [cancelDue], concurrency: { limit: 1, key: "event.data.channelId" }, retries: 3 },
	async ({ event, step }) => {
		const { channelId } = event.data;
		const asked = await step.run("ask", async () => {
			const target = await findTarget(channelId);
			return target ? cancelDueOrders(target, { maxMs }) : { asked: 0, nextDueAt: null };
		});
		if (asked.nextDueAt !== null) {
			// One call per channel and moment, however many runs ask for it.
			const ts = Math.ceil(Math.max(asked.nextDueAt, Date.now()) / 100) * 100;
			await step.sendEvent("again", cancelDue.create({ channelId }, { ts, id: `cancel:${channelId}:${ts}` }));
		}
		return asked;
	},
);
