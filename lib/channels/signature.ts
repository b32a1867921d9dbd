/** What proves that news is a platform's own. Pure; compared in constant time. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingWebhook } from "./news";

/** By names in small letters. */
export const headersOf = ({ headers }: IncomingWebhook): ReadonlyMap<string, string> =>
	new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Only as base64 is written: Node's decoder would also take what follows the padding, and characters that mean nothing. */
export function base64Bytes(base64: string): Buffer {
	const bytes = Buffer.from(base64, "base64");
	return bytes.toString("base64") === base64 ? bytes : Buffer.alloc(0);
}

export const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** Whether `given` is the HMAC-SHA256 of all `parts` one behind the other. An empty key would let anybody sign, and is nobody's. */
export function isSignedBy(secret: string, given: Buffer, ...parts: (string | Buffer)[]): boolean {
	if (secret === "") return false;
	const mac = createHmac("sha256", secret);
	for (const part of parts) mac.update(part);
	return isSame(given, mac.digest());
}

/** Tells news of one topic from other news where the platform gives it no id. */
export const digestOf = (topic: string, { rawBody }: IncomingWebhook): string =>
	createHash("sha256").update(`${topic}\n`).update(rawBody).digest("base64url");
