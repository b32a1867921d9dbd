/** What the public API takes and gives, as schemas: they check requests, and its description is made from them. */
import { z } from "zod";
import { reservationStates } from "@/db/schema";
import { largestChange } from "../skus/change-level";
import { text } from "../text";

const units = z
	.int("Units are whole.")
	.min(-largestChange, "That is fewer than any shop has.")
	.max(largestChange, "That is more than any shop has.");
const instant = z.iso.datetime({ offset: true });

export const locationSchema = z.object({ id: z.guid(), name: z.string() });

export const levelSchema = z.object({
	location: locationSchema,
	onHand: z.int().describe("Units there. Negative: more was sold than there was."),
	reserved: z.int().describe("Units held for carts."),
	available: z.int().describe("On hand less reserved."),
	version: z.int().describe("Rises by one with every change of on hand: what a set is held against."),
	countedAt: instant.nullable().describe("When somebody first counted; null: not yet, and nothing is offered."),
});

export const offerSchema = z.object({
	channel: z.object({ id: z.guid(), name: z.string(), platform: z.string() }),
	listing: z.object({ id: z.guid(), title: z.string() }),
	units: z.int().describe("Units of the SKU in one of the listing."),
	offered: z.int().nullable().describe("What the listing ought to show; null: not counted yet."),
	shows: z.int().nullable().describe("What it shows as far as is known; null: not read yet."),
});

export const skuSchema = z.object({
	id: z.guid(),
	code: z.string(),
	title: z.string(),
	gtin: z.string().nullable(),
	isBundle: z.boolean().describe("A bundle has no levels: it is sold out of what it is made of."),
	available: z.int().nullable().describe("Over all locations, a bundle's by its components; null: not counted yet."),
	levels: z.array(levelSchema),
	offers: z.array(offerSchema),
});

export const componentSchema = z.object({
	sku: text().min(1).describe("The component, as the merchant writes it."),
	units: z.number().describe("Units of it in one bundle: a whole number, one or more."),
});

export const setComponentsBody = z.strictObject({
	components: z
		.array(z.strictObject(componentSchema.shape))
		.describe("All that it is made of; none: it is a plain SKU again, which is offered once it is counted."),
});

export const componentsSchema = z.object({
	sku: z.string(),
	isBundle: z.boolean(),
	components: z.array(componentSchema).describe("In the order of their codes."),
});

export const skuPageSchema = z.object({
	data: z.array(skuSchema),
	nextCursor: z.string().nullable().describe("Pass it as `cursor` for the next page; null: this was the last."),
});

export const skuPageQuery = z.object({
	limit: z.coerce.number().int().min(1, "Ask for at least one.").max(200, "A page has up to 200 SKUs.").default(100),
	cursor: text().min(1).optional(),
});

export const locationsSchema = z.object({ data: z.array(locationSchema) });

export const skuParams = z.object({ code: text().describe("The SKU as the merchant writes it, percent-encoded.") });
export const levelParams = skuParams.extend({ locationId: z.string().describe("A location's id.") });

export const setOnHandBody = z.strictObject({
	onHand: units.describe("How many are there."),
	seen: z
		.union(
			[z.strictObject({ version: z.int().min(0) }), z.strictObject({ onHand: z.int().nullable() })],
			'Say what you saw: { "version": … } or { "onHand": … } of the level as you read it.',
		)
		.describe("The level as you read it: its version, or its number (null: nobody had counted)."),
	reason: text().trim().max(500, "A reason has up to 500 characters.").optional(),
});

export const adjustOnHandBody = z.strictObject({
	delta: units.refine((delta) => delta !== 0, "Say by how many units it changes.").describe("Units more, or fewer."),
	reason: text().trim().min(1, "Say why.").max(500, "A reason has up to 500 characters."),
});

export const changedLevelSchema = levelSchema.extend({
	sku: z.string(),
	from: z.int().describe("On hand before it."),
});

const largestQuantity = 10_000;
const day = 24 * 60 * 60;

export const reserveBody = z.strictObject({
	lines: z
		.array(
			z.strictObject({
				sku: text().min(1),
				quantity: z
					.int("Units are whole.")
					.min(1, "Reserve at least one.")
					.max(largestQuantity, "A line has up to 10,000 units."),
				locationId: z.guid().optional().describe("Where it is taken from; left out: wherever it lies."),
			}),
		)
		.min(1, "Reserve at least one line.")
		.max(100, "A reservation has up to 100 lines."),
	ttlSeconds: z
		.int("A time to live is in whole seconds.")
		.min(5, "A time to live is at least 5 seconds.")
		.max(7 * day, "A time to live is at most a week.")
		.default(15 * 60)
		.describe("How long it is held."),
	reference: text()
		.trim()
		.max(200, "A reference has up to 200 characters.")
		.optional()
		.describe("What you call it: a cart, an order. Shown to people."),
});

export const reservationParams = z.object({ id: z.string() });

export const reservationSchema = z.object({
	id: z.guid(),
	state: z.enum(reservationStates).describe("Past its time it is `expired`."),
	reference: z.string().nullable(),
	lines: z.array(
		z.object({
			sku: z.string(),
			quantity: z.int(),
			locationId: z.guid().nullable().describe("Null: wherever it lay."),
		}),
	),
	held: z
		.array(z.object({ sku: z.string(), locationId: z.guid(), units: z.int() }))
		.describe("Where it holds what the lines come to, or held it: a bundle's by its components."),
	createdAt: instant,
	expiresAt: instant,
	endedAt: instant.nullable().describe("When it was confirmed, released or given back; null: not yet."),
});
