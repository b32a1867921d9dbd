import { createHash, randomBytes } from "node:crypto";

const mark = "oc_";
const secretBytes = 32;
/** Of a key's 46 characters: enough to tell keys apart, and 208 bits short of using one. */
const prefixChars = mark.length + 8;

/** A new key, and what is kept of it. The key itself is shown once and kept nowhere. */
export function mintKey(): { key: string; prefix: string; keyHash: string } {
	const key = mark + randomBytes(secretBytes).toString("base64url");
	return { key, prefix: key.slice(0, prefixChars), keyHash: hashKey(key) };
}

/**
 * SHA-256, without salt or stretching: those slow down guessing what people choose, and a key is 256 random bits, which
 * nobody guesses however fast the hash is. So a key is found by one probe of an index, on every request.
 */
export const hashKey = (key: string): string => createHash("sha256").update(key).digest("hex");
