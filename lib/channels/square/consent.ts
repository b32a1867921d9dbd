/** How a merchant lets an app into the account: agree on Square's page, and the code that comes back is good for five minutes, once. */
import type { Consent } from "../consent";
import { notAgreed } from "./access";
import { granted } from "./api-types";
import { askForToken } from "./client";
import { scopes } from "./scopes";

export const consent: Consent = {
	appHelp:
		"In Square's developer console make an application, and under OAuth set its production redirect URL. Its Application ID and Application secret are on the same page.",
	authorizeUrl({ app, baseUrl, state, redirectUri }) {
		const query = new URLSearchParams({
			client_id: app.clientId,
			scope: scopes.map(({ scope }) => scope).join(" "),
			// The merchant is asked to sign in, so that nobody connects the account that happens to be open.
			session: "false",
			state,
			redirect_uri: redirectUri,
		});
		return `${baseUrl}/oauth2/authorize?${query}`;
	},
	readReturn(query) {
		const state = query.get("state");
		const code = query.get("code");
		if (code) return { result: "agreed", state, given: { code } };
		const sentence =
			query.get("error") === "access_denied"
				? "The Square account was not connected: whoever was asked did not agree."
				: "Square sent no code back.";
		return { result: "denied", state, sentence };
	},
	async exchange({ http }, { app, baseUrl, redirectUri, given }) {
		const body = {
			client_id: app.clientId,
			client_secret: app.clientSecret,
			grant_type: "authorization_code",
			code: given.code ?? "",
			redirect_uri: redirectUri,
		};
		const said = await askForToken({ http, baseUrl }, body, granted).catch(notAgreed);
		return {
			baseUrl,
			access: { accessToken: said.access_token, refreshToken: said.refresh_token ?? "" },
			expiresAt: said.expires_at ? new Date(said.expires_at) : null,
		};
	},
};
