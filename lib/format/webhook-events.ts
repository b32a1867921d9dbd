/** What another system can be told of, in words for the person who chooses. */
export const webhookEvents = ["level.changed", "reservation.expired", "conflict.opened"] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

export const webhookEventWords: Record<WebhookEvent, { label: string; detail: string }> = {
	"level.changed": { label: "Stock changed", detail: "On hand or reserved of a SKU at a location; the newest counts." },
	"reservation.expired": { label: "Reservation expired", detail: "What it held is on offer again." },
	"conflict.opened": { label: "Conflict opened", detail: "Oversold, drift: something that a person must settle." },
};
