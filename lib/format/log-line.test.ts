import { describe, expect, test } from "vitest";
import { driftPolicyLabel } from "./drift";
import { type LogEntry, logDetail, logSentence, logState, plainSentence } from "./log-line";

const entry = (over: Partial<LogEntry>): LogEntry => ({
	at: Date.UTC(2026, 10, 24, 14, 2),
	kind: "stock.changed",
	state: "ok",
	data: {},
	sku: "Trail Lamp 400",
	listing: null,
	channel: { name: "nordlicht.myshopify.com", platform: "shopify" },
	person: null,
	bundles: 0,
	progress: null,
	...over,
});
const said = (over: Partial<LogEntry>) => plainSentence(logSentence(entry(over)));

describe("a row of the log, as a merchant would say it", () => {
	test("a sale names the SKU first, then what moved and why", () => {
		expect(said({ data: { from: 1, to: 0, cause: "order", orderNumber: "#1042" } })).toBe(
			"Trail Lamp 400 1 → 0 after Shopify order #1042",
		);
		expect(said({ data: { from: 1, to: 0, cause: "order" } })).toBe(
			"Trail Lamp 400 1 → 0 after an order of nordlicht.myshopify.com",
		);
	});

	test("bundles that move with a component are counted", () => {
		expect(said({ data: { from: 22, to: 21, cause: "order", orderNumber: "#7" }, bundles: 2 })).toMatch(
			/, and 2 bundles with it$/,
		);
	});

	test("an oversold SKU that is there after all says what brought it, and what is still short", () => {
		const because = { cause: "order_returned", units: 1, orderNumber: "#9", channelId: null, note: null };
		const settled = { kind: "oversold", choice: "came_back", because };
		expect(said({ kind: "conflict.decided", data: settled })).toBe(
			"No longer oversold: Trail Lamp 400, order #9 gave 1 unit back",
		);
		const counted = { ...because, cause: "count", units: 2, orderNumber: null, note: "stocktake" };
		expect(
			said({ kind: "conflict.lowered", state: "bad", data: { units: 3, orderNumber: "#10", because: counted } }),
		).toBe("Trail Lamp 400: Shopify order #10 is short of 3 units now, a count found 2 units more: “stocktake”");
	});

	test("what a person decided comes before who that was, whose name may be long", () => {
		const settled = { kind: "conflict.decided", person: "jana.lindqvist@nordlicht.example" } as const;
		expect(said({ ...settled, data: { kind: "drift", choice: "keep_ours" } })).toBe(
			"Trail Lamp 400: our number was kept, by jana.lindqvist@nordlicht.example",
		);
		expect(said({ ...settled, person: null, data: { kind: "oversold", choice: "cancel" } })).toBe(
			"Trail Lamp 400: the store is to cancel the order",
		);
	});

	test("a return says where it was restocked, and what the store deleted what becomes of its units", () => {
		const returned = { from: 3, to: 4, cause: "order_returned", orderNumber: "#9" };
		expect(said({ data: returned })).toBe("Returned: Trail Lamp 400 3 → 4, Shopify order #9");
		expect(said({ data: { ...returned, note: "restocked at Depot" } })).toBe(
			"Returned: Trail Lamp 400 3 → 4, restocked at Depot, Shopify order #9",
		);
		expect(said({ kind: "order.elsewhere", data: { orderNumber: "#9", units: 2, location: "Depot" } })).toBe(
			"Returned: 2 units of Trail Lamp 400, restocked at Depot in the store, where Onecount keeps no count; Shopify order #9",
		);
		const deleted = { kind: "order.deleted", sku: null } as const;
		expect(said({ ...deleted, data: { orderNumber: "#9", units: 0 } })).toBe(
			"Shopify order #9 was deleted in the store",
		);
		expect(said({ ...deleted, data: { orderNumber: "#9", units: 1 } })).toBe(
			"Shopify order #9 was deleted in the store; the unit that it took stays taken",
		);
		expect(said({ ...deleted, data: { orderNumber: "#9", units: 3 } })).toBe(
			"Shopify order #9 was deleted in the store; the 3 units that it took stay taken",
		);
		expect(said({ kind: "order.held", data: { orderNumber: "#9", units: 2, heldMs: 3_600_000 } })).toBe(
			"Trail Lamp 400: for 1 h the store keeps 2 units for Shopify order #9, which is not paid yet, and no number shows it",
		);
	});

	test("a person's correction carries name and reason", () => {
		const data = { from: 9, to: 8, cause: "adjustment", note: "found torn" };
		expect(said({ data, person: "Jana" })).toBe("Trail Lamp 400 9 → 8, corrected by Jana: “found torn”");
	});

	test("drift says what is shown, what was expected, and the class", () => {
		const data = { shown: 12, expected: 7, class: "manual_edit" };
		expect(said({ kind: "level.drift", state: "warn", data })).toBe(
			"Trail Lamp 400: nordlicht.myshopify.com shows 12, expected 7; edited in the store",
		);
	});

	test("what was done about drift is said with its class", () => {
		const data = { shown: 12, offered: 7, expected: 7 };
		const healed = { kind: "level.healed", state: "ok" } as const;
		expect(said({ ...healed, data: { ...data, class: "lost_write", policy: "master_wins" } })).toBe(
			"Trail Lamp 400 set back from 12 to 7 in nordlicht.myshopify.com; our own write was lost or late",
		);
		expect(said({ ...healed, data: { ...data, class: "bundle", policy: "channel_counts" } })).toBe(
			"Trail Lamp 400 counts 12 now, as nordlicht.myshopify.com shows; edited, and it is a bundle",
		);
		expect(said({ kind: "level.drift", state: "warn", data: { ...data, class: "unseen_sale" } })).toBe(
			"Trail Lamp 400: nordlicht.myshopify.com shows 12, expected 7; sold, and the store never told",
		);
	});

	test("what a store makes of a number begins with the SKU and the number, which a narrow line keeps", () => {
		const data = { quantity: 598, expected: 600 };
		const ways = ["push.accepted", "push.unapplied", "push.unknown", "push.refused", "push.stale"] as const;
		expect(ways.map((kind) => said({ kind, state: "go", data }))).toEqual([
			"Trail Lamp 400 → 598: nordlicht.myshopify.com has accepted it, not applied it yet",
			"Trail Lamp 400 → 598: nordlicht.myshopify.com accepted it and never applied it, it is sent again",
			"Trail Lamp 400 → 598: nordlicht.myshopify.com gave no answer, it is read back first",
			"Trail Lamp 400 → 598 refused by nordlicht.myshopify.com",
			"Trail Lamp 400: nordlicht.myshopify.com no longer showed 600, its orders are read first",
		]);
	});

	test("a class of drift is called what the settings call it, and one that a newer version wrote what it says", () => {
		const of = (driftClass: string) =>
			said({ kind: "level.drift", state: "warn", data: { shown: 2, expected: 1, class: driftClass } }).split("; ")[1];
		expect(of("rounding")).toBe("a pack rounded up");
		expect(of("hidden_return")).toBe("our own write crossed a return");
		expect(of("gone astray")).toBe("gone astray");
		expect(driftPolicyLabel("master_wins")).toBe("Our number wins");
	});

	test("a trouble of a channel says when it is tried again, or how long it is left alone", () => {
		const down = { kind: "channel.unreachable", state: "off" } as const;
		expect(said({ ...down, data: { until: entry({}).at + 16_000 } })).toBe(
			"nordlicht.myshopify.com does not answer; the next try alone in 16 s",
		);
		expect(said({ ...down, data: {} })).toBe("nordlicht.myshopify.com does not answer");
		expect(said({ kind: "channel.throttled", state: "go", data: { waitMs: 3_000 } })).toMatch(/slowed for 3.0 s$/);
		expect(said({ kind: "channel.throttled", state: "go", data: { waitMs: 180_000, lane: "orders" } })).toBe(
			"nordlicht.myshopify.com lists no orders for 3 min",
		);
	});

	test("what a reservation does is told apart: held, sold, given back", () => {
		const held = { from: 5, to: 3, cause: "reserved", note: "CART-7" };
		expect(said({ data: held, person: "Shop" })).toBe("Trail Lamp 400 5 → 3, reserved by Shop: “CART-7”");
		expect(said({ data: { from: 3, to: 3, cause: "reservation", units: 1 } })).toBe(
			"Sold: Trail Lamp 400, 1 reserved unit",
		);
		expect(said({ data: { from: 3, to: 5, cause: "unreserved" } })).toBe("Trail Lamp 400 3 → 5, no longer reserved");
		expect(said({ data: { from: 3, to: 5, cause: "unreserved", isExpired: true } })).toBe(
			"Trail Lamp 400 3 → 5, a reservation expired",
		);
	});

	test("an endpoint that was switched off says why", () => {
		const off = { kind: "endpoint.disabled", state: "off" } as const;
		expect(said({ ...off, data: { host: "erp.example.com", why: "failing" } })).toBe(
			"Webhooks to erp.example.com are switched off: nothing got through for days",
		);
		expect(said({ ...off, data: { host: "erp.example.com", why: "gone" } })).toMatch(/: it is gone$/);
	});

	test("negative numbers have a true minus", () => {
		expect(said({ data: { from: 0, to: -1, cause: "order", orderNumber: "#2" } })).toContain("0 → −1");
	});

	test("a row that points at removed things still reads as a sentence", () => {
		expect(said({ sku: null, channel: null, kind: "push.applied", data: { from: 3, to: 2 } })).toBe(
			"A SKU that was removed 3 → 2 written to A channel that was removed",
		);
	});

	test("a kind that a newer version wrote is named, not thrown at", () => {
		expect(said({ kind: "stock.teleported" as never })).toBe("stock teleported");
	});

	test("the name is the only strong part", () => {
		expect(logSentence(entry({ data: { from: 2, to: 1, cause: "order", orderNumber: "#9" } }))[0]).toEqual({
			strong: "Trail Lamp 400",
		});
	});
});

describe("how far a change has come", () => {
	const progress = (total: number, done: number, lastMs: number | null) => ({ progress: { total, done, lastMs } });

	test("it is on its way until every selling channel shows it", () => {
		expect(logState(entry(progress(4, 3, null)))).toBe("go");
		expect(logState(entry(progress(4, 4, 900)))).toBe("ok");
		expect(logState(entry({ ...progress(4, 3, null), state: "bad" }))).toBe("bad");
	});

	test("where nobody else had to be told, nothing is counted or timed", () => {
		expect(logDetail(entry(progress(1, 1, null)), "long")).toBe("—");
		expect(logDetail(entry(progress(1, 0, null)), "long")).toBe("0 of 1");
	});

	test("the detail counts channels, then times the last of them", () => {
		expect(logDetail(entry(progress(4, 3, null)))).toBe("3 of 4");
		expect(logDetail(entry(progress(5, 5, 1230)))).toBe("1.2 s");
		expect(logDetail(entry(progress(5, 5, 1230)), "long")).toBe("5 of 5 · 1.2 s");
		expect(logDetail(entry(progress(2, 2, null)), "long")).toBe("2 of 2");
		expect(logDetail(entry(progress(1, 1, 400)), "long")).toBe("1 of 1 · 0.4 s");
		expect(logDetail(entry(progress(0, 0, null)))).toBe("—");
	});
});
