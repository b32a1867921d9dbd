import { deliverMessages } from "@/lib/services/endpoints/deliver-messages";
import { findEndpoint } from "@/lib/services/endpoints/find-endpoint";
import { inngest } from "../client";
import { deliveryDue } from "../events";

const maxMs = 20_000;
const lingerMs = 400;

/** Tells an endpoint what waits for it; asks to be called again when something is due. Each message's own tries are in its row. */
export const deliverWebhooks = inngest.createFunction(
	{
		id: "deliver-webhooks",
		triggers: [deliveryDue],
		concurrency: { limit: 1, key: "event.data.endpointId" },
		retries: 3,
	},
	async ({ event, step }) => {
		const { endpointId } = event.data;
		const delivered = await step.run("deliver", async () => {
			const target = await findEndpoint(endpointId);
			return target ? deliverMessages(target, { maxMs, lingerMs }) : { tried: 0, nextDueAt: null };
		});
		if (delivered.nextDueAt !== null) {
			// One call per endpoint and moment, however many runs ask for it.
			const ts = Math.ceil(Math.max(delivered.nextDueAt, Date.now()) / 100) * 100;
			await step.sendEvent("again", deliveryDue.create({ endpointId }, { ts, id: `deliver:${endpointId}:${ts}` }));
		}
		return delivered;
	},
);
