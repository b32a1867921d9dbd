/** Standard Webhooks (standardwebhooks.com), symmetric: what a receiver checks before it believes a message. */
import { createHmac, randomBytes } from "node:crypto";

const mark = "whsec_";
const secretBytes = 32;

export const mintSecret = (): string => mark + randomBytes(secretBytes).toString("base64");

export type SignedHeaders = { "webhook-id": string; "webhook-timestamp": string; "webhook-signature": string };

/**
 * The id says which message it is, in every try; the moment is this try's, so that an old one can't be played again. One
 * signature for each secret in force, so that a receiver can change to the new one when it likes.
 */
export function sign(secrets: readonly string[], message: { id: string; body: string }, at: Date): SignedHeaders {
	const timestamp = String(Math.floor(at.getTime() / 1000));
	const signatures = secrets.map((secret) => {
		const key = Buffer.from(secret.slice(mark.length), "base64");
		return `v1,${createHmac("sha256", key).update(`${message.id}.${timestamp}.${message.body}`).digest("base64")}`;
	});
	return { "webhook-id": message.id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
