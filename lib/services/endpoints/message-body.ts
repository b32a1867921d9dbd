/** What a message says. Facts are kept by id, as of the change; names are put to them when it is first sent. */
import { z } from "zod";
import type { WebhookEvent } from "@/lib/format/webhook-events";
import { reservationSchema } from "../api/schemas";

const instant = z.iso.datetime({ offset: true });
const sku = z.object({ id: z.guid(), code: z.string() });

const levelChanged = z.object({
	sku,
	location: z.object({ id: z.guid(), name: z.string() }),
	onHand: z.int(),
	reserved: z.int(),
	available: z.int(),
	version: z.int().describe("The level's version, as a set by the API is held against it."),
});

const conflictOpened = z.object({
	id: z.guid(),
	kind: z.string(),
	sku: sku.nullable(),
	channel: z.object({ id: z.guid(), name: z.string() }).nullable(),
	units: z.int().nullable(),
	orderNumber: z.string().nullable(),
});

const message = <D extends z.ZodType>(type: string, data: D) =>
	z.object({
		type: z.literal(type),
		timestamp: instant.describe("When it happened."),
		sequence: z.int().describe("Of two about the same thing the higher is the newer, whichever arrives last."),
		data,
	});

export const messageSchemas = {
	"level.changed": message("level.changed", levelChanged),
	"reservation.expired": message("reservation.expired", reservationSchema),
	"conflict.opened": message("conflict.opened", conflictOpened),
} satisfies Record<WebhookEvent, z.ZodType>;

/** Sent by a person, to see whether anything arrives. */
export const testEvent = "endpoint.tested";

export type KeptMessage = { event: string; sequence: number; createdAt: string; data: Record<string, unknown> };
/** Null: what the id names has been removed meanwhile. */
export type Names = { sku: string | null; location: string | null; channel: string | null };

export function bodyOf({ event, sequence, createdAt, data }: KeptMessage, names: Names): string {
	return JSON.stringify({ type: event, timestamp: createdAt, sequence, data: dataOf(event, data, names) });
}

function dataOf(event: string, data: Record<string, unknown>, names: Names): unknown {
	const { skuId, locationId, channelId, ...rest } = data;
	switch (event) {
		case "level.changed":
			return {
				sku: { id: skuId, code: names.sku ?? "" },
				location: { id: locationId, name: names.location ?? "" },
				onHand: rest.onHand,
				reserved: rest.reserved,
				available: Number(rest.onHand) - Number(rest.reserved),
				version: rest.version,
			};
		case "conflict.opened":
			return {
				...rest,
				sku: skuId ? { id: skuId, code: names.sku ?? "" } : null,
				channel: channelId ? { id: channelId, name: names.channel ?? "" } : null,
			};
		default:
			return data;
	}
}
