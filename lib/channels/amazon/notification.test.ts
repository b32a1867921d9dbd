import { describe, expect, test } from "vitest";
import { UnreadableMail } from "../news";
import { isSecretMessage, openMessage, readSecretNews } from "./notification";
import examples from "./testing/notification-examples.json";
import { scriptedApi } from "./testing/scripted-api";
import { deletedTopic, parseWebhook, unknownTopic } from "./webhook";

const { connection } = scriptedApi(() => ({ json: {} }), { access: { sellerId: "AOURS", clientId: "client-1" } });
const open = (message: unknown) =>
	openMessage(connection, typeof message === "string" ? message : JSON.stringify(message), "message-1");
const signalsOf = (message: unknown) => {
	const { topic, rawBody } = open(message);
	return parseWebhook(topic, rawBody);
};
const enveloped = (detail: unknown) => ({
	version: "0",
	id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
	"detail-type": "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
	source: "aws.partner/sellingpartnerapi.amazon.com/123456789012/amzn1.sellerapps.app.1",
	account: "123456789012",
	time: "2026-11-23T13:46:00Z",
	region: "us-east-1",
	resources: [],
	detail,
});
const [orderChange] = examples.OrderChangeNotification;
const [quantityChange] = examples.ListingsItemMfnQuantityChange;
const [statusChange] = examples.ListingsItemStatusChangeNotification;
const [feedFinished] = examples.FeedProcessingFinishedNotification;

describe("a message", () => {
	test("of an order names its seller, its id, and the order to be read", () => {
		expect(open(orderChange)).toMatchObject({
			storeKey: "A3TH9S8BH6GOGM",
			topic: "ORDER_CHANGE",
			dedupeKey: "d0e9e693-c3ad-4373-979f-ed4ec98dd746",
		});
		expect(signalsOf(orderChange)).toEqual([{ kind: "order_changed", orderRef: "903-8868176-2219830" }]);
	});

	test("is the same bare and in an event bus's envelope", () => {
		expect(open(enveloped(quantityChange))).toEqual(open(quantityChange));
		expect(signalsOf(enveloped(quantityChange))).toEqual([
			{ kind: "level_reported", externalKey: "NLS-SHOES-03", hint: 99 },
		]);
	});

	test("is read in either spelling of its fields", () => {
		expect(open(feedFinished)).toMatchObject({
			storeKey: "A3TH9S8BH6GOGM",
			topic: "FEED_PROCESSING_FINISHED",
			dedupeKey: "d0e9e693-c3ad-4373-979f-ed4ec98dd746",
		});
		expect(signalsOf(feedFinished)).toEqual([]);
	});

	test("is handed on without the buyer's postal code", () => {
		expect(JSON.stringify(orderChange)).toContain("48110");
		expect(open(orderChange).rawBody.toString()).not.toContain("48110");
		expect(open(orderChange).rawBody.toString()).toContain("903-8868176-2219830");
	});

	test("of an order that Amazon ships itself says nothing", () => {
		const afn = JSON.parse(JSON.stringify(orderChange).replace('"MFN"', '"AFN"'));
		expect(signalsOf(afn)).toEqual([]);
	});

	test("of an item that changed has it read, and of one that was deleted says so", () => {
		expect(signalsOf(statusChange)).toEqual([{ kind: "listing_changed", productRef: "NLS-SHOES-03" }]);
		const deleted = { ...statusChange, Payload: { ...statusChange?.Payload, Status: ["DELETED"] } };
		expect(open(deleted).topic).toBe(deletedTopic);
		expect(signalsOf(deleted)).toEqual([{ kind: "listing_gone", productRef: "NLS-SHOES-03" }]);
	});

	test("of an item's status is the same in either spelling of its type", () => {
		const changed = { ...statusChange, NotificationType: "LISTINGS_ITEM_STATUS_CHANGED" };
		expect(signalsOf(changed)).toEqual([{ kind: "listing_changed", productRef: "NLS-SHOES-03" }]);
		const deleted = { ...changed, Payload: { ...statusChange?.Payload, Status: ["DELETED"] } };
		expect(signalsOf(deleted)).toEqual([{ kind: "listing_gone", productRef: "NLS-SHOES-03" }]);
	});

	test("of a quantity that is Amazon's own is a reason to look at the item, not a level", () => {
		const amazons = { ...quantityChange, Payload: { ...quantityChange?.Payload, FulfillmentChannelCode: "AMAZON_NA" } };
		expect(signalsOf(amazons)).toEqual([{ kind: "listing_changed", productRef: "NLS-SHOES-03" }]);
	});

	test.each([["text"], ["[]"], ["{}"], ['{"detail":7}'], ["null"], ['{"NotificationType":""}']])(
		"%s is none, and becomes a dead letter under its own id",
		(body) => {
			expect(open(body)).toEqual({
				storeKey: "AOURS",
				topic: unknownTopic,
				dedupeKey: "message-1",
				rawBody: Buffer.from(body),
			});
			expect(() => signalsOf(body)).toThrow(UnreadableMail);
		},
	);

	test("that promises an order and has none can't be read", () => {
		expect(() => signalsOf({ NotificationType: "ORDER_CHANGE", Payload: {} })).toThrow(UnreadableMail);
	});

	test("without an id is known by its content", () => {
		const { NotificationMetadata: _, ...anonymous } = quantityChange ?? {};
		expect(open(anonymous).dedupeKey).toBe(open(anonymous).dedupeKey);
		expect(open(anonymous).dedupeKey).toHaveLength(43);
	});
});

describe("what is said of a client secret", () => {
	const received = new Date("2026-11-30T00:00:00Z");
	const notice = (type: string, said: Record<string, unknown>, more: object = {}) =>
		JSON.stringify({
			notificationType: type,
			eventTime: "2026-11-24T09:00:00Z",
			payload: { ofThisType: { clientId: "client-1", ...said } },
			...more,
		});
	const ending = "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY";
	const renewed = "APPLICATION_OAUTH_CLIENT_NEW_SECRET";

	test("is when it ends, or the one that follows with when both do", () => {
		const at = new Date("2026-11-24T09:00:00Z");
		const endsAt = new Date("2026-12-01T00:00:00Z");
		const end = notice(ending, { clientSecretExpiryTime: "2026-12-01T00:00:00Z" });
		expect(readSecretNews(end, received)).toEqual({ clientId: "client-1", at, endsAt, next: null });
		const next = notice(renewed, {
			newClientSecret: "s-2",
			newClientSecretExpiryTime: "2027-05-23T00:00:00Z",
			oldClientSecretExpiryTime: "2026-12-01T00:00:00Z",
		});
		const follows = { secret: "s-2", endsAt: new Date("2027-05-23T00:00:00Z") };
		expect(readSecretNews(next, received)).toEqual({ clientId: "client-1", at, endsAt, next: follows });
	});

	test("without its times goes by Amazon's rule, from when it was said or received", () => {
		const news = readSecretNews(notice(renewed, { newClientSecret: "s-2" }, { eventTime: undefined }), received);
		expect(news).toMatchObject({ at: received, endsAt: new Date("2026-12-07T00:00:00Z") });
		expect(news?.next?.endsAt).toEqual(new Date("2027-05-29T00:00:00Z"));
	});

	test.each([
		["no app", notice(renewed, { clientId: "", newClientSecret: "s-2" })],
		["no secret", notice(renewed, { clientSecret: "s-2" })],
		["no end", notice(ending, {})],
		["nothing, since it is wrapped", JSON.stringify({ Type: "Notification", Message: notice(renewed, {}) })],
	])("that names %s is no news, and is never handed on as a message either", (_, body) => {
		expect(readSecretNews(body, received)).toBeNull();
		expect(isSecretMessage(body)).toBe(true);
	});

	test("is told from everything else", () => {
		for (const body of [JSON.stringify(orderChange), "text", "{}"]) expect(isSecretMessage(body)).toBe(false);
	});
});
