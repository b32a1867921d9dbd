import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { item, order } from "./api-types";
import { listingOf, snapshotOf, untouchable } from "./mapper";

const usa = "ATVPDKIKX0DER";
const asItem = (given: z.input<typeof item>) => item.parse(given);

describe("items", () => {
	const whole = {
		sku: "GM-ZDPI-9B4E",
		summaries: [
			{
				marketplaceId: usa,
				asin: "B071VG5N9D",
				productType: "LUGGAGE",
				conditionType: "new_new",
				status: ["BUYABLE", "DISCOVERABLE"],
				itemName: "Hardside Carry-On",
				createdDate: "2021-02-01T00:00:00Z",
				lastUpdatedDate: "2021-03-01T00:00:00Z",
				mainImage: { link: "https://m.media-amazon.com/i.jpg", height: 500, width: 500 },
			},
		],
		attributes: {
			fulfillment_availability: [{ fulfillment_channel_code: "DEFAULT", quantity: 100, marketplace_id: usa }],
			externally_assigned_product_identifier: [{ type: "ean", value: "4006381333931", marketplace_id: usa }],
			size: [{ value: "Large", marketplace_id: usa }],
			color: [{ value: "Blue", language_tag: "en_US", marketplace_id: usa }],
		},
		offers: [
			{ marketplaceId: usa, offerType: "B2B", price: { currencyCode: "USD", amount: "90.00" } },
			{ marketplaceId: usa, offerType: "B2C", price: { currencyCode: "USD", amount: "99.00" } },
		],
		fulfillmentAvailability: [{ fulfillmentChannelCode: "DEFAULT", quantity: 97 }],
		relationships: [
			{
				marketplaceId: usa,
				relationships: [
					{
						type: "VARIATION",
						parentSkus: ["P-1"],
						variationTheme: { attributes: ["size", "color"], theme: "SIZE/COLOR" },
					},
				],
			},
		],
	};

	test("the quantity is the one that is available, not the one that was last submitted", () => {
		expect(listingOf(asItem(whole), usa)).toEqual({
			externalKey: "GM-ZDPI-9B4E",
			ids: { productId: "GM-ZDPI-9B4E", asin: "B071VG5N9D" },
			refs: ["GM-ZDPI-9B4E"],
			sku: "GM-ZDPI-9B4E",
			gtin: "04006381333931",
			title: "Hardside Carry-On",
			options: "Large / Blue",
			price: "99.00",
			imageUrl: "https://m.media-amazon.com/i.jpg",
			url: "https://www.amazon.com/dp/B071VG5N9D",
			isManaged: true,
			quantity: 97,
			leftOutReason: null,
		});
	});

	test.each<[string, { fulfillmentChannelCode: string; quantity?: number }[], RegExp]>([
		["Amazon's", [{ fulfillmentChannelCode: "AMAZON_EU" }], /fulfilled by Amazon, which counts/],
		[
			"half converted",
			[
				{ fulfillmentChannelCode: "DEFAULT", quantity: 3 },
				{ fulfillmentChannelCode: "AMAZON_NA", quantity: 9 },
			],
			/conversion that was not finished/,
		],
		[
			"split over locations",
			[
				{ fulfillmentChannelCode: "DEFAULT", quantity: 0 },
				{ fulfillmentChannelCode: "d7679e14-031b", quantity: 4 },
			],
			/several locations/,
		],
	])("what is %s is left out with its reason, and has no count", (_, fulfillmentAvailability, reason) => {
		const listing = listingOf(asItem({ ...whole, fulfillmentAvailability }), usa);
		expect(listing).toMatchObject({ isManaged: false, quantity: null, leftOutReason: expect.stringMatching(reason) });
	});

	test("what is always in stock is not counted and not left out", () => {
		const fulfillmentAvailability = [{ fulfillmentChannelCode: "DEFAULT" }];
		expect(listingOf(asItem({ ...whole, fulfillmentAvailability }), usa)).toMatchObject({
			isManaged: false,
			quantity: null,
			leftOutReason: null,
		});
	});

	test("what has no row of the merchant's own is left out: Amazon's where its warehouses have a number for it, else nobody's yet", () => {
		const stored = whole.summaries.map((summary) => ({ ...summary, fnSku: "X001ABCDEF" }));
		for (const fulfillmentAvailability of [[], null, undefined]) {
			const item = asItem({ ...whole, fulfillmentAvailability });
			expect(untouchable(item)).toMatch(/first quantity in Seller Central/);
			expect(untouchable({ ...item, summaries: asItem({ ...whole, summaries: stored }).summaries })).toMatch(
				/fulfilled by Amazon, which counts/,
			);
			expect(listingOf(item, usa)).toMatchObject({
				isManaged: false,
				quantity: null,
				leftOutReason: untouchable(item),
			});
		}
	});

	test("what has left Amazon's warehouses keeps its number there and is the merchant's own", () => {
		const summaries = whole.summaries.map((summary) => ({ ...summary, fnSku: "X001ABCDEF" }));
		expect(listingOf(asItem({ ...whole, summaries }), usa)).toMatchObject({ quantity: 97, leftOutReason: null });
	});

	test("a parent is left out, its children are not", () => {
		const parent = {
			sku: "P-1",
			relationships: [{ marketplaceId: usa, relationships: [{ type: "VARIATION", childSkus: ["A"] }] }],
		};
		expect(untouchable(asItem(parent))).toMatch(/groups its variations/);
		expect(untouchable(asItem(whole))).toBeNull();
	});

	test("an item of which Amazon says nothing but its SKU is still listed", () => {
		expect(listingOf(asItem({ sku: " Ü/1 #,✓ " }), "UNKNOWN")).toMatchObject({
			externalKey: " Ü/1 #,✓ ",
			title: " Ü/1 #,✓ ",
			url: null,
			gtin: null,
			price: null,
		});
	});
});

describe("orders", () => {
	type Given = z.input<typeof order>;
	const given: Given = {
		orderId: "123-4567890-1234567",
		createdTime: "2024-12-25T10:30:00Z",
		lastUpdatedTime: "2024-12-25T14:45:00.250Z",
		fulfillment: { fulfillmentStatus: "UNSHIPPED", fulfilledBy: "MERCHANT" },
		orderItems: [
			{
				orderItemId: "12345678901234",
				quantityOrdered: 2,
				product: { sellerSku: "ECHO-4", title: "Echo" },
				fulfillment: { quantityFulfilled: 0, quantityUnfulfilled: 2 },
			},
		],
	};
	const at = (fulfillmentStatus: string, item: Partial<Given["orderItems"][number]> = {}, fulfilledBy = "MERCHANT") =>
		snapshotOf(
			order.parse({
				...given,
				fulfillment: { fulfillmentStatus, fulfilledBy },
				orderItems: given.orderItems.map((one) => ({ ...one, ...item })),
			}),
		);
	const executed = (cancelReason: string, cancelledBy = "MERCHANT") => ({
		cancellation: { cancellationExecution: { cancelledBy, cancelReason } },
	});

	test("an order is told in our words, to the millisecond", () => {
		expect(at("UNSHIPPED")).toEqual({
			orderRef: "123-4567890-1234567",
			number: "123-4567890-1234567",
			status: "open",
			placedAt: "2024-12-25T10:30:00.000Z",
			version: { at: Date.parse("2024-12-25T14:45:00.250Z"), step: 3_000 },
			lines: [{ lineRef: "12345678901234", listingRef: "ECHO-4", sku: "ECHO-4", title: "Echo", taken: 2 }],
		});
	});

	test.each<[string, string, number]>([
		["PENDING", "open", 2],
		["PENDING_AVAILABILITY", "open", 2],
		["UNSHIPPED", "open", 2],
		["PARTIALLY_SHIPPED", "open", 2],
		["SHIPPED", "closed", 2],
		["UNFULFILLABLE", "open", 2],
		["SOMETHING_NEW", "open", 2],
		["CANCELLED", "cancelled", 0],
		["CANCELED", "cancelled", 0],
	])("%s is %s and holds %i", (status, ours, taken) => {
		const snapshot = at(status);
		expect([snapshot.status, snapshot.lines[0]?.taken]).toEqual([ours, taken]);
	});

	test.each([
		["No inventory", 2],
		["NO_INVENTORY", 2],
		["Buyer requested cancellation", 0],
		["", 0],
	])("cancelled for %j, Amazon keeps %i", (reason, taken) => {
		expect(at("CANCELLED", executed(reason)).lines[0]?.taken).toBe(taken);
	});

	test("while a payment is checked, nothing being unshipped yet does not make it less", () => {
		expect(at("PENDING", { fulfillment: { quantityFulfilled: 0, quantityUnfulfilled: 0 } }).lines[0]?.taken).toBe(2);
	});

	test("a buyer's wish to cancel changes nothing", () => {
		const cancellation = { cancellationExecution: null };
		expect(at("UNSHIPPED", { cancellation }).lines[0]?.taken).toBe(2);
	});

	test("of an item that was cancelled in part, what is shipped or still to ship stays sold", () => {
		const fulfillment = { quantityFulfilled: 1, quantityUnfulfilled: 1 };
		expect(at("PARTIALLY_SHIPPED", { quantityOrdered: 4, fulfillment, ...executed("Other") }).lines[0]?.taken).toBe(2);
	});

	test("what Amazon ships from its own warehouses is none of the merchant's stock", () => {
		expect(at("SHIPPED", {}, "AMAZON").lines[0]?.taken).toBe(0);
	});

	test("later steps of a life are newer under one stamp", () => {
		const steps = ["PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED"].map(
			(status) => at(status).version.step,
		);
		expect([...steps].sort((a, b) => a - b)).toEqual(steps);
		expect(new Set(steps).size).toBe(steps.length);
		expect(at("UNSHIPPED", executed("Other")).version.step).toBeGreaterThan(at("UNSHIPPED").version.step);
	});

	test("a line without a SKU is kept without a listing", () => {
		expect(at("UNSHIPPED", { product: {} }).lines[0]).toMatchObject({ listingRef: null, sku: null, taken: 2 });
	});
});
