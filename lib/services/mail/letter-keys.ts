/** What a store told is known by in the inbox: the same content of the same order is one piece of news. */
import { createHash } from "node:crypto";
import type { OddRow } from "@/lib/channels/listing";

/** What the letters of an order that can't be read are known by, whatever it said. */
export const oddKey = (orderRef: string) => `odd:${orderRef}:`;

/** The order's reference in such a key, as a regular expression of Postgres. */
export const oddKeyOf = "^odd:(.*):[^:]*$";

export const digestOf = (content: unknown) =>
	createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 12);

export const oddRowKey = ({ ref, row }: OddRow) => `${oddKey(ref)}${digestOf(row)}`;
