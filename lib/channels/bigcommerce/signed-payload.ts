/**
 * What BigCommerce opens an app's pages with, and tells it of an uninstall or a removed user: `signed_payload_jwt` in the
 * address, an HS256 token under the client secret. Verified here, so that no page of an app believes an address.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { AppCredentials } from "../channel-adapter";
import { jsonIn } from "../json-in";
import { storeOfContext } from "./address";

const header = z.object({ alg: z.literal("HS256") });
const payload = z.object({
	aud: z.string(),
	iss: z.literal("bc"),
	sub: z.string(),
	nbf: z.number().optional(),
	exp: z.number(),
});

/** Between two clocks: ours. */
const leewayMs = 60_000;

/** Which store it is about, by its identity as `connect` has it. Null for anything that BigCommerce did not sign for this app, or that is over. */
export function readSignedPayload(jwt: string, app: AppCredentials, now: Date): { storeKey: string } | null {
	const parts = jwt.split(".");
	const [head = "", body = "", mac = ""] = parts;
	const right = createHmac("sha256", app.clientSecret).update(`${head}.${body}`).digest();
	const given = Buffer.from(mac, "base64url");
	const isExact = given.toString("base64url") === mac && given.length === right.length;
	if (parts.length !== 3 || app.clientSecret === "" || !isExact || !timingSafeEqual(given, right)) return null;
	const claims = payload.safeParse(decoded(body));
	if (!header.safeParse(decoded(head)).success || !claims.success) return null;
	const { aud, sub, nbf = 0, exp } = claims.data;
	const storeKey = storeOfContext(sub);
	const isInTime = nbf * 1_000 <= now.getTime() + leewayMs && exp * 1_000 > now.getTime();
	if (aud !== app.clientId || storeKey === null || !isInTime) return null;
	return { storeKey };
}

const decoded = (part: string): unknown => jsonIn(Buffer.from(part, "base64url").toString("utf8"));
