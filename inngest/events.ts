/** Every event, with its schema. An event only says "look"; what is to be done stands in the rows. */
import { eventType } from "inngest";
import { z } from "zod";

const channel = z.object({ channelId: z.uuid() });

/** A channel has mail in its inbox. */
export const mailArrived = eventType("channel/mail.arrived", { schema: channel });
/** A channel has offers, reads or polls that are due. */
export const workDue = eventType("channel/work.due", { schema: channel });
/** A channel was connected: its listings are to be read. */
export const importAsked = eventType("channel/import.asked", { schema: channel });
/** A channel's webhooks are to be looked after. */
export const webhooksDue = eventType("channel/webhooks.due", { schema: channel });
/** A channel's news may lie in a queue: it is to be fetched. */
export const queueDue = eventType("channel/queue.due", { schema: channel });
/** A channel's levels were not read for a while: they are to be verified. */
export const levelsDue = eventType("channel/levels.due", { schema: channel });
/** The client secret of the app that a channel logs in as ends: another is to be asked for. */
export const secretDue = eventType("channel/secret.due", { schema: channel });
/** A channel has orders that it is to be asked to cancel. */
export const cancelDue = eventType("channel/cancel.due", { schema: channel });
/** A webhook endpoint has messages that are due. */
export const deliveryDue = eventType("endpoint/delivery.due", { schema: z.object({ endpointId: z.uuid() }) });
/** A merchant wants strategies compared. */
export const comparisonAsked = eventType("strategies/comparison.asked", {
	schema: z.object({ merchantId: z.uuid() }),
});
/** The process has started: whatever was left when the last one ended is to be found now. */
export const started = eventType("onecount/started", { schema: z.object({ at: z.string() }) });
