/** Pure: a message of the queue → which seller it is about, what it tells, and how it is known when it comes again. */
import { createHash } from "node:crypto";
import type { CollectedMail, Connection } from "../channel-adapter";
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
	const type = textAt(said, "NotificationType") ?? unknownTopic;
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

export const isSecretMessage = (body: string): boolean =>
	textAt(parse(body), "NotificationType") === "APPLICATION_OAUTH_CLIENT_NEW_SECRET";

/** When an app's client secret ends, as Amazon's notices of it said; by client id, in this process. */
const secretExpiries = new Map<string, number>();

export const secretExpiryOf = ({ access }: Connection): Date | null => {
	const at = secretExpiries.get(access.clientId ?? "");
	return at === undefined ? null : new Date(at);
};

const expiryTypes = ["APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY", "APPLICATION_OAUTH_CLIENT_NEW_SECRET"];

/** A new secret's notice names the end of the old one, too. */
export function noteSecretExpiry({ access }: Connection, body: string): void {
	const said = parse(body);
	const type = textAt(said, "NotificationType") ?? "";
	if (!said || !expiryTypes.includes(type)) return;
	const payload = field(said, "Payload");
	const [inner = payload] = isFields(payload) ? Object.values(payload).filter(isFields) : [];
	const at = textAt(inner, "clientSecretExpiryTime") ?? textAt(inner, "oldClientSecretExpiryTime");
	const clientId = textAt(inner, "clientId") ?? access.clientId;
	if (at && clientId && !Number.isNaN(Date.parse(at))) secretExpiries.set(clientId, Date.parse(at));
}
