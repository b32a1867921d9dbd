/**
 * An app that merchants install. The visit begins in their control panel: BigCommerce opens the app's callback with a code,
 * which is exchanged at its login host. The token lasts until the app is uninstalled or its scopes change; then the callback
 * is opened again, and the new token takes the old one's place.
 */
import type { Consent } from "../consent";
import { ChannelError } from "../errors";
import type { HttpReply } from "../http";
import { jsonIn } from "../json-in";
import { baseUrlOf, isAtBigCommerce, storeOfContext, tokenUrlOf } from "./address";
import { grantReply } from "./api-types";
import { optionalScopes, wantedScopes } from "./facts";
import { readSignedPayload } from "./signed-payload";

export const consent: Consent = {
	appHelp: `Make an app in BigCommerce's Developer Portal (devtools.bigcommerce.com). Under Technical set Onecount's address as its Auth Callback URL, the same with /load and /uninstall behind it as its Load and Uninstall Callback URLs, and tick the scopes ${[
		...Object.keys(wantedScopes),
		...Object.keys(optionalScopes),
	].join(
		", ",
	)}. Its client ID and client secret are for whoever runs this Onecount. Merchants install it from Apps → My Apps.`,

	authorizeUrl: null,

	/** Nothing in it is signed: the code proves itself when it is exchanged. */
	readReturn(query) {
		const [code, context, scope] = ["code", "context", "scope"].map((name) => query.get(name) ?? "");
		if (!code || !storeOfContext(context))
			return {
				result: "denied",
				state: null,
				sentence: "BigCommerce did not say which store the app was installed on. Install it again from Apps → My Apps.",
			};
		return { result: "agreed", state: null, given: { code, context: context ?? "", scope: scope ?? "" } };
	},

	readSigned: (query, app, now) => readSignedPayload(query.get("signed_payload_jwt") ?? "", app, now),

	async exchange({ http }, { app, baseUrl, redirectUri, given }) {
		const reply = await http.send({
			method: "POST",
			url: tokenUrlOf(baseUrl),
			headers: { "content-type": "application/json" },
			body: JSON.stringify({
				client_id: app.clientId,
				client_secret: app.clientSecret,
				code: given.code,
				context: given.context,
				scope: given.scope,
				grant_type: "authorization_code",
				redirect_uri: redirectUri,
			}),
		});
		if (reply.status !== 200) throw exchangeError(reply);
		const read = grantReply.safeParse(jsonIn(reply.text));
		const storeHash = read.success ? storeOfContext(read.data.context) : null;
		if (!read.success || storeHash === null || read.data.context !== given.context)
			throw new ChannelError("unreadable", "BigCommerce's answer to the sign-in can't be read.", { cause: read.error });
		return {
			baseUrl: isAtBigCommerce(baseUrl) ? baseUrlOf(storeHash) : baseUrl,
			access: { accessToken: read.data.access_token, scope: read.data.scope, ...app },
			expiresAt: null,
		};
	},
};

function exchangeError({ status, text }: HttpReply): ChannelError {
	const code = `HTTP_${status}`;
	if (status === 429)
		return new ChannelError("throttled", "BigCommerce asks to wait before the next sign-in.", {
			code,
			retryAfterMs: 5_000,
		});
	if (status >= 500) return new ChannelError("unreachable", `BigCommerce is having trouble (${status}).`, { code });
	if (/invalid_client/.test(text))
		return new ChannelError(
			"access_revoked",
			"BigCommerce does not know the app, or its client secret is another one.",
			{
				fix: "Check the app's client ID and client secret in the Developer Portal.",
				code,
			},
		);
	return new ChannelError("access_revoked", "BigCommerce did not accept the install: its code is used up or too old.", {
		fix: "Open the app again from Apps → My Apps in BigCommerce, or uninstall and install it anew.",
		code,
	});
}
