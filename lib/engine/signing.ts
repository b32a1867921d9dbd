/** Proof that a call comes from the holder of the signing key, both ways, as Inngest defines it. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const toleranceMs = 5 * 60_000;

const withoutPrefix = (key: string) => key.replace(/^signkey-\w+-/, "");

/** The header for a body. Of JSON the canonical form (RFC 8785) is signed, so that is what must be sent. */
export function sign(body: string, signingKey: string, nowMs: number): string {
	const t = Math.floor(nowMs / 1000).toString();
	return `t=${t}&s=${mac(body, t, signingKey)}`;
}

export function isSignedBy(header: string | null, body: string, signingKey: string, nowMs: number): boolean {
	const parts = new URLSearchParams(header ?? "");
	const t = parts.get("t") ?? "";
	const given = Buffer.from(parts.get("s") ?? "");
	const age = Math.abs(nowMs - Number(t) * 1000);
	if (!(age <= toleranceMs)) return false;
	const wanted = Buffer.from(mac(body, t, signingKey));
	return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** What the app sends to the executor's API in place of the key itself. */
export function bearer(signingKey: string): string {
	const prefix = signingKey.match(/^signkey-\w+-/)?.[0] ?? "";
	return `Bearer ${prefix}${createHash("sha256").update(withoutPrefix(signingKey), "hex").digest("hex")}`;
}

export function isSameSecret(given: string | null, wanted: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(given ?? ""), digest(wanted));
}

const mac = (body: string, t: string, signingKey: string) =>
	createHmac("sha256", withoutPrefix(signingKey)).update(body).update(t).digest("hex");
