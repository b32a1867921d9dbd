/** News from Amazon: what a notification says. Pure; how it is fetched is in queue.ts. */
import { z } from "zod";
import { type Signal, UnreadableMail } from "../news";
import { readMailBody } from "../read-mail-body";
import { ownChannel } from "./mapper";

/** Topics are Amazon's types; of a deletion, with its word behind it, since that is asked for by itself. */
export const deletedTopic = "LISTINGS_ITEM_STATUS_CHANGE.deleted";
/** A body that is no notification at all. */
export const unknownTopic = "unknown";

const orderChange = z.object({
	Payload: z.object({
		OrderChangeNotification: z.object({
			AmazonOrderId: z.string().min(1),
			Summary: z.object({ FulfillmentType: z.string().nullish() }).nullish(),
		}),
	}),
});
const quantityChange = z.object({
	Payload: z.object({
		FulfillmentChannelCode: z.string(),
		Sku: z.string().min(1),
		Quantity: z.number().int().nullish(),
	}),
});
const itemChange = z.object({ Payload: z.object({ Sku: z.string().min(1) }) });

/** An order is named, to be read by its id: the notification spells its status in another interface's words. */
export function parseWebhook(topic: string, rawBody: Buffer): Signal[] {
	switch (topic) {
		case "ORDER_CHANGE": {
			const { AmazonOrderId, Summary } = readMailBody(orderChange, topic, rawBody).Payload.OrderChangeNotification;
			return Summary?.FulfillmentType === "AFN" ? [] : [{ kind: "order_changed", orderRef: AmazonOrderId }];
		}
		case "LISTINGS_ITEM_MFN_QUANTITY_CHANGE": {
			const { FulfillmentChannelCode, Sku, Quantity } = readMailBody(quantityChange, topic, rawBody).Payload;
			return FulfillmentChannelCode === ownChannel
				? [{ kind: "level_reported", externalKey: Sku, hint: Quantity ?? null }]
				: [{ kind: "listing_changed", productRef: Sku }];
		}
		case "LISTINGS_ITEM_STATUS_CHANGE":
		case "LISTINGS_ITEM_ISSUES_CHANGE":
			return [{ kind: "listing_changed", productRef: readMailBody(itemChange, topic, rawBody).Payload.Sku }];
		case deletedTopic:
			return [{ kind: "listing_gone", productRef: readMailBody(itemChange, topic, rawBody).Payload.Sku }];
		case unknownTopic:
			throw new UnreadableMail("The queue held something that is no notification of Amazon's.");
		default:
			return [];
	}
}
