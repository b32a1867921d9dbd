/**
 * Credentials at rest: AES-256-GCM under a fresh data key per value, itself sealed under an envelope key of the
 * environment (ONECOUNT_KEYS, current first). The row is bound in as associated data, so that a sealed value moved to
 * another row does not open. Form: `v1.<key id>.<wrapped data key>.<value>`, both base64url of nonce, ciphertext and tag.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export type SealingKey = { id: string; key: Buffer };

const nonceBytes = 12;
const tagBytes = 16;

function encrypt(key: Buffer, plain: Buffer, boundTo: string): Buffer {
	const nonce = randomBytes(nonceBytes);
	const cipher = createCipheriv("aes-256-gcm", key, nonce);
	cipher.setAAD(Buffer.from(boundTo));
	return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, boundTo: string): Buffer {
	const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes));
	decipher.setAAD(Buffer.from(boundTo));
	decipher.setAuthTag(sealed.subarray(-tagBytes));
	return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}

/** `boundTo` names the row and column, e.g. `credentials:<channel>:access`. */
export function seal(plain: string, boundTo: string, keys: readonly SealingKey[]): string {
	const [current] = keys;
	if (!current) throw new Error("no sealing key");
	const dataKey = randomBytes(32);
	const wrapped = encrypt(current.key, dataKey, `key:${boundTo}`);
	const body = encrypt(dataKey, Buffer.from(plain), boundTo);
	return ["v1", current.id, wrapped.toString("base64url"), body.toString("base64url")].join(".");
}

/** Throws when the value was changed, moved to another row, or sealed under a key that is gone. */
export function unseal(sealed: string, boundTo: string, keys: readonly SealingKey[]): string {
	const [version, keyId, wrapped, body] = sealed.split(".");
	if (version !== "v1" || !keyId || !wrapped || !body) throw new Error("not a sealed value");
	const key = keys.find(({ id }) => id === keyId);
	if (!key) throw new Error(`sealed under key "${keyId}", which ONECOUNT_KEYS no longer holds`);
	const dataKey = decrypt(key.key, Buffer.from(wrapped, "base64url"), `key:${boundTo}`);
	return decrypt(dataKey, Buffer.from(body, "base64url"), boundTo).toString();
}
