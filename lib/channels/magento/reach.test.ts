import { expect, test } from "vitest";
import type { Connection } from "../channel-adapter";
import type { HttpRequest } from "../http";
import { signedHeader, type Tokens } from "./oauth";
import { findScheme } from "./reach";

const tokens: Tokens = {
	consumerKey: "c".repeat(32),
	consumerSecret: "s".repeat(32),
	accessToken: "t".repeat(32),
	accessTokenSecret: "x".repeat(32),
};
const now = new Date("2026-11-23T14:00:00Z");

/** As a store reads it that is told it is reached at `seen`, and may take the token alone. */
function refusalOf(request: HttpRequest, seen: (url: string) => string, takesBearer: boolean): string | null {
	const header = request.headers?.authorization ?? "";
	if (header.startsWith("Bearer "))
		return takesBearer && header === `Bearer ${tokens.accessToken}`
			? null
			: "The consumer isn't authorized to access %resources.";
	const nonce = /oauth_nonce="(\w+)"/.exec(header)?.[1];
	const right = signedHeader(tokens, { method: request.method, url: seen(request.url), now, nonce });
	return header === right ? null : "The signature is invalid. Verify and try again.";
}

function storeThat(seen: (url: string) => string, takesBearer = false) {
	const connection: Connection = {
		channelId: "new",
		baseUrl: "https://shop.example.com",
		access: { ...tokens },
		locationRef: "",
		facts: {},
		http: {
			exchanges: [],
			async send(request) {
				const message = refusalOf(request, seen, takesBearer);
				const parameters = message?.includes("%resources") ? { resources: "Magento_Catalog::products" } : undefined;
				const body = message ? { message, parameters } : { items: [], total_count: 0 };
				const headers = { "content-type": "application/json", date: now.toUTCString() };
				return { status: message ? 401 : 200, headers, text: JSON.stringify(body), ms: 1 };
			},
		},
		now: () => now,
	};
	return connection;
}

test("a store is signed for as it sees itself: by https, or by http behind a proxy that does not say so", async () => {
	expect(await findScheme(storeThat((url) => url))).toMatchObject({ scheme: "oauth" });
	expect(await findScheme(storeThat((url) => url.replace("https:", "http:")))).toMatchObject({
		scheme: "oauth_as_http",
	});
});

test("where no signature is understood the token alone is tried, and else the signature is what is wrong", async () => {
	const elsewhere = (url: string) => url.replace("shop.example.com", "10.0.0.7");
	expect(await findScheme(storeThat(elsewhere, true))).toMatchObject({ scheme: "bearer" });
	await expect(findScheme(storeThat(elsewhere))).rejects.toMatchObject({ reason: "access_revoked", code: "SIGNATURE" });
});

test("without any token there is nothing to try", async () => {
	await expect(findScheme({ ...storeThat((url) => url), access: {} })).rejects.toMatchObject({
		reason: "access_revoked",
	});
});
