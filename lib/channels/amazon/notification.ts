/** Pure: a message of the queue → which seller it is about, what it tells, and how it is known when it comes again. */
import { createHash } from "node:crypto";
import type { Connection } from "../channel-adapter";
import type { CollectedMail, SecretNews } from "../news";
import { previousLifeMs, secretLifeMs } from "./client-secret";
import { deletedTopic, unknownTopic } from "./webhook";

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Some types are spelled in PascalCase, others in camelCase. */
function field(fields: unknown, name: string): unknown {
	if (!isFields(fields)) return undefined;
	const key = Object.keys(fields).find((one) => one.toLowerCase() === name.toLowerCase());
	return key === undefined ? undefined : fields[key];
}

const textAt = (fields: unknown, name: string): string | null => {
	const value = field(fields, name);
	return typeof value === "string" && value !== "" ? value : null;
};

function parse(body: string): Fields | null {
	try {
		const json: unknown = JSON.parse(body);
		const detail = isFields(json) ? (json.detail ?? json) : null;
		return isFields(detail) && textAt(detail, "NotificationType") ? detail : null;
	} catch {
		return null;
	}
}

type Item = CollectedMail["items"][number];

/** What is no notification is kept under the seller whose queue it lay in: a dead letter with its bytes, for a person to look at. */
export function openMessage(connection: Connection, body: string, messageId: string): Item {
	const ours = connection.access.sellerId ?? "";
	const said = parse(body);
	if (!said) return { storeKey: ours, topic: unknownTopic, dedupeKey: messageId, rawBody: Buffer.from(body) };
	const type = typeOf(said);
	const payload = field(said, "Payload");
	const id = textAt(field(said, "NotificationMetadata"), "NotificationId");
	return {
		// What names no seller is about the app, and so about whoever asks.
		storeKey: sellerOf(payload) ?? ours,
		topic: type === "LISTINGS_ITEM_STATUS_CHANGE" && isDeletion(payload) ? deletedTopic : type,
		dedupeKey: id ?? createHash("sha256").update(body).digest("base64url"),
		rawBody: Buffer.from(JSON.stringify(said, withoutAddress)),
	};
}

/** As it is subscribed to: of this one Amazon's schema gives the name that comes another spelling than its example. */
function typeOf(said: Fields): string {
	const type = textAt(said, "NotificationType") ?? unknownTopic;
	return type === "LISTINGS_ITEM_STATUS_CHANGED" ? "LISTINGS_ITEM_STATUS_CHANGE" : type;
}

/** Beside the payload's own fields, or one step below. */
function sellerOf(payload: unknown): string | null {
	const direct = textAt(payload, "SellerId");
	if (direct || !isFields(payload)) return direct;
	return Object.values(payload).reduce<string | null>((found, inner) => found ?? textAt(inner, "SellerId"), null);
}

function isDeletion(payload: unknown): boolean {
	const status = field(payload, "Status");
	return Array.isArray(status) && status.includes("DELETED");
}

/** A buyer's postal code is nothing that stock needs. */
const withoutAddress = (key: string, value: unknown) => (/postalcode/i.test(key) ? undefined : value);

/** What a message says of an app's client secret; null: it is about something else. Throws nothing: what can't be read is no such thing. */
export function readSecretNews(body: string, receivedAt: Date): Omit<SecretNews, "done"> | null {
	const said = parse(body);
	const type = textAt(said, "NotificationType") ?? "";
	if (!said || !secretTypes.includes(type)) return null;
	const payload = field(said, "Payload");
	const [inner = payload] = isFields(payload) ? Object.values(payload).filter(isFields) : [];
	const clientId = textAt(inner, "clientId");
	const at = momentAt(said, "EventTime") ?? receivedAt;
	const after = (ms: number) => new Date(at.getTime() + ms);
	if (!clientId) return null;
	if (type === endOfSecret) {
		const endsAt = momentAt(inner, "clientSecretExpiryTime");
		return endsAt && { clientId, at, endsAt, next: null };
	}
	const secret = textAt(inner, "newClientSecret");
	if (!secret) return null;
	return {
		clientId,
		at,
		endsAt: momentAt(inner, "oldClientSecretExpiryTime") ?? after(previousLifeMs),
		next: { secret, endsAt: momentAt(inner, "newClientSecretExpiryTime") ?? after(secretLifeMs) },
	};
}

/** True also of one that can't be read, wrapped as it may be: what may hold a secret is never kept as it came. */
export const isSecretMessage = (body: string): boolean =>
	secretTypes.some((type) => body.includes(type)) || body.includes("amzn1.oa2-cs.");

const endOfSecret = "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY";
const secretTypes = [endOfSecret, "APPLICATION_OAUTH_CLIENT_NEW_SECRET"];

function momentAt(fields: unknown, name: string): Date | null {
	const at = new Date(textAt(fields, name) ?? Number.NaN);
	return Number.isNaN(at.getTime()) ? null : at;
}
