/** Every route of the public API. */
import { z } from "zod";
import { releaseExpiredFirst } from "../reservations/release-expired";
import { changeOnHand } from "./change-on-hand";
import { readLocations, readSkuByCode, readSkus } from "./read-skus";
import { confirmOne, readOne, releaseOne, reserveLines } from "./reservations";
import { type ApiRoute, reading, writing } from "./route";
import {
	adjustOnHandBody,
	changedLevelSchema,
	componentsSchema,
	levelParams,
	locationsSchema,
	reservationParams,
	reservationSchema,
	reserveBody,
	setComponentsBody,
	setOnHandBody,
	skuPageQuery,
	skuPageSchema,
	skuParams,
	skuSchema,
} from "./schemas";
import { setComponentsByCode } from "./set-components";

const nothing = z.object({});
const unknownReservation = "No such reservation, or it is another merchant's.";
const unknownSku = "No such SKU, or it is another merchant's.";

export const routes: readonly ApiRoute[] = [
	reading({
		method: "GET",
		path: "/locations",
		operationId: "listLocations",
		summary: "Where stock lies",
		scope: "levels:read",
		params: nothing,
		query: nothing,
		body: null,
		answer: { status: 200, description: "All locations, oldest first.", schema: locationsSchema },
		refusals: {},
		read: (ctx) => readLocations(ctx),
	}),
	reading({
		method: "GET",
		path: "/skus",
		operationId: "listSkus",
		summary: "SKUs with their levels and offers",
		scope: "levels:read",
		params: nothing,
		query: skuPageQuery,
		body: null,
		answer: { status: 200, description: "A page, in the order of the codes.", schema: skuPageSchema },
		refusals: { 422: "A limit or a cursor that can't be." },
		read: async (ctx, { query }) => {
			await releaseExpiredFirst(ctx.merchantId);
			return readSkus(ctx, query);
		},
	}),
	reading({
		method: "GET",
		path: "/skus/{code}",
		operationId: "readSku",
		summary: "One SKU with its levels and offers",
		scope: "levels:read",
		params: skuParams,
		query: nothing,
		body: null,
		answer: { status: 200, description: "The SKU.", schema: skuSchema },
		refusals: { 404: unknownSku, 422: "A code that can't be." },
		read: async (ctx, { params }) => {
			await releaseExpiredFirst(ctx.merchantId);
			return readSkuByCode(ctx, params.code);
		},
	}),
	writing({
		method: "PUT",
		path: "/skus/{code}/levels/{locationId}",
		operationId: "setOnHand",
		summary: "Set what is on hand",
		description:
			"A count: it carries what you saw, and is refused if anything was sold or counted since. Offers and channels follow at once.",
		scope: "levels:write",
		params: levelParams,
		query: nothing,
		body: setOnHandBody,
		answer: { status: 200, description: "The level after it.", schema: changedLevelSchema },
		refusals: {
			404: "No such SKU or location.",
			409: "`stale_level`: the level has changed since you saw it; `onHand` and `version` say what it is.",
			422: "`below_zero`, `is_bundle`, or a body that does not fit.",
		},
		write: (tx, ctx, { params, body: { onHand, seen, reason } }, requestId) =>
			changeOnHand(tx, ctx, params, { mode: "set", value: onHand, seen, note: reason || null }, requestId),
	}),
	writing({
		method: "POST",
		path: "/skus/{code}/levels/{locationId}/adjustments",
		operationId: "adjustOnHand",
		summary: "Change on hand by so many units",
		description:
			"For goods received, damaged or found: it needs no look before, since it holds whatever was sold meanwhile. Below zero it goes where more was sold than there was.",
		scope: "levels:write",
		params: levelParams,
		query: nothing,
		body: adjustOnHandBody,
		answer: { status: 200, description: "The level after it.", schema: changedLevelSchema },
		refusals: { 404: "No such SKU or location.", 422: "`is_bundle`, `too_many`, or a body that does not fit." },
		write: (tx, ctx, { params, body: { delta, reason } }, requestId) =>
			changeOnHand(tx, ctx, params, { mode: "change", value: delta, seen: null, note: reason }, requestId),
	}),
	writing({
		method: "PUT",
		path: "/skus/{code}/components",
		operationId: "setComponents",
		summary: "Say what a bundle is made of",
		description:
			"A bundle has no stock of its own: every channel is offered as many as can be made of what is there. Offers follow at once.",
		scope: "skus:write",
		params: skuParams,
		query: nothing,
		body: setComponentsBody,
		answer: { status: 200, description: "What it is made of by now.", schema: componentsSchema },
		refusals: {
			404: unknownSku,
			422: "`no_such_sku`, `component_loop`, `bundle_in_bundle`, `component_twice`, `bad_components`, `has_stock`, or a body that does not fit.",
		},
		write: (tx, ctx, { params, body }) => setComponentsByCode(tx, ctx, params.code, body.components),
	}),
	writing({
		method: "POST",
		path: "/reservations",
		operationId: "reserve",
		summary: "Hold stock for a cart",
		description:
			"All lines or none. A line that names no location is taken from the first that has enough of it, else from several, oldest first. What is held leaves every channel's offer at once, and is given back when its time is over.",
		scope: "reservations:write",
		params: nothing,
		query: nothing,
		body: reserveBody,
		answer: { status: 201, description: "The reservation.", schema: reservationSchema },
		refusals: {
			409: "`short`: some of it is not available; `short` says what. Nothing is held. With `retryAfter`, stores that split the stock are asked to give it up: ask again after so many seconds.",
			422: "`no_such_sku`, `no_such_location`, or a body that does not fit.",
		},
		write: (tx, ctx, { body: { reference, ...rest } }, requestId) =>
			reserveLines(tx, ctx, { ...rest, reference: reference || null }, requestId),
	}),
	reading({
		method: "GET",
		path: "/reservations/{id}",
		operationId: "readReservation",
		summary: "One reservation",
		scope: "reservations:write",
		params: reservationParams,
		query: nothing,
		body: null,
		answer: { status: 200, description: "The reservation.", schema: reservationSchema },
		refusals: { 404: unknownReservation },
		read: (ctx, { params }) => readOne(ctx, params.id),
	}),
	writing({
		method: "POST",
		path: "/reservations/{id}/confirm",
		operationId: "confirmReservation",
		summary: "Sell what is held",
		description:
			"Until its time is over; a cart whose money came later reserves anew. Confirmed again, it answers as it did.",
		scope: "reservations:write",
		params: reservationParams,
		query: nothing,
		body: null,
		answer: { status: 200, description: "The reservation, confirmed.", schema: reservationSchema },
		refusals: {
			404: unknownReservation,
			409: "`expired`: it was past its time, `expiresAt`, at `askedAt`. `released`: it was let go.",
		},
		write: (tx, ctx, { params }) => confirmOne(tx, ctx, params.id),
	}),
	writing({
		method: "POST",
		path: "/reservations/{id}/release",
		operationId: "releaseReservation",
		summary: "Let go of what is held",
		description: "It is on offer again at once. Released again, or after its time, it answers as it is.",
		scope: "reservations:write",
		params: reservationParams,
		query: nothing,
		body: null,
		answer: { status: 200, description: "The reservation, which holds nothing.", schema: reservationSchema },
		refusals: { 404: unknownReservation, 409: "`confirmed`: what it held is sold." },
		write: (tx, ctx, { params }) => releaseOne(tx, ctx, params.id),
	}),
];
