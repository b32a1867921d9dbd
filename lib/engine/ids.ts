/** ULIDs: they sort by time, and Inngest's own ids have this form. */
import { createHash, randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export const newId = (nowMs = Date.now()) => ulid(nowMs, randomBytes(10));

/** Below every id made from then on. */
export const firstId = (ms: number) => ulid(ms, Buffer.alloc(10));

/**
 * The id of the `index`-th event of a request. The SDK repeats a request that failed under the same seed, so the ids are
 * the same and nothing starts twice.
 */
export function eventId(seed: string | null, index: number, nowMs: number): string {
	if (!seed) return newId(nowMs);
	const seedMs = Number.parseInt(seed, 10);
	const entropy = createHash("sha256").update(`${seed}#${index}`).digest().subarray(0, 10);
	return ulid(seedMs > 0 && Number.isSafeInteger(seedMs) ? seedMs : nowMs, entropy);
}

function ulid(ms: number, entropy: Buffer): string {
	let time = "";
	for (let rest = ms, i = 0; i < 10; i++) {
		time = alphabet[rest % 32] + time;
		rest = Math.floor(rest / 32);
	}
	let bits = BigInt(`0x${entropy.toString("hex")}`);
	let random = "";
	for (let i = 0; i < 16; i++) {
		random = alphabet[Number(bits & 31n)] + random;
		bits >>= 5n;
	}
	return time + random;
}
