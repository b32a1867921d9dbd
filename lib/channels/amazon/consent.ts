import type { Consent } from "../consent";
import { ChannelError } from "../errors";
import { readParticipations } from "./connect";
import { applicationIdOf, logIn } from "./login";
import { consentPageOf, marketplaces, regionEndpoint, regionOfConfirmPage } from "./marketplaces";

/** A seller lets a public app in on Seller Central's page, and is asked again after a year. */
export const consent: Consent = {
	appHelp:
		"Register a public app in Seller Central's Solution Provider Portal with the roles Product Listing and Inventory and Order Tracking, and the return address below as its redirect URI; that address with /start behind it is its log-in URI, for sellers who begin in the Appstore. Client id and secret are its LWA credentials (amzn1.application-oa2-client.…); the application id stands beside the app (amzn1.sp.solution.…).",
	authorizeUrl({ app, baseUrl, state, redirectUri }) {
		const applicationId = applicationIdOf(app);
		if (!applicationId)
			throw new ChannelError("refused", "The app's own id is missing, with which Amazon's page is opened.", {
				fix: "Fill in the application id (amzn1.sp.solution.…) beside the client id.",
				code: "NO_APPLICATION_ID",
			});
		const query = new URLSearchParams({ application_id: applicationId, state, redirect_uri: redirectUri });
		return `${consentPageOf(baseUrl)}?${query}`;
	},
	/** What Amazon says to somebody who does not agree is written nowhere: whatever brings no code is a no. */
	readReturn(query) {
		const state = query.get("state");
		const code = query.get("spapi_oauth_code");
		const sellerId = query.get("selling_partner_id");
		if (code && sellerId) return { result: "agreed", state, given: { code, sellerId } };
		const said = query.get("error_description") ?? query.get("error");
		return {
			result: "denied",
			state,
			sentence: said
				? `Amazon came back without a permission: ${said.slice(0, 200)}.`
				: "Amazon came back without a permission.",
		};
	},
	/** The Appstore names the page of Seller Central that asks the seller, with a word of its own to be given back. */
	readStart(query) {
		const callback = query.get("amazon_callback_uri") ?? "";
		const amazonState = query.get("amazon_state");
		if (!amazonState || !URL.canParse(callback)) return null;
		const page = new URL(callback);
		const region = regionOfConfirmPage(page);
		return {
			page: `${page.origin}${page.pathname}`,
			baseUrl: region && regionEndpoint(region),
			onward({ state, redirectUri }) {
				const to = new URL(page);
				const isDraft = query.get("version") === "beta";
				const said = {
					redirect_uri: redirectUri,
					amazon_state: amazonState,
					state,
					...(isDraft && { version: "beta" }),
				};
				for (const [name, value] of Object.entries(said)) to.searchParams.set(name, value);
				return to.href;
			},
		};
	},
	async exchange({ http, now }, { app, baseUrl, redirectUri, given }) {
		const grant = { grant_type: "authorization_code" as const, code: given.code ?? "", redirect_uri: redirectUri };
		const login = await logIn({ http, baseUrl, now }, app, grant);
		if (!login.refreshToken)
			throw new ChannelError("unreadable", "Amazon gave a permission without a refresh token.", { fix: "Try again." });
		const access = { accessToken: login.accessToken, refreshToken: login.refreshToken, sellerId: given.sellerId ?? "" };
		const account = await readParticipations({
			channelId: "new",
			baseUrl,
			access,
			locationRef: "",
			facts: {},
			http,
			now,
		});
		const open = new Set(account.filter((one) => one.participation.isParticipating).map((one) => one.marketplace.id));
		const marketplace = marketplaces.find(({ id }) => open.has(id));
		if (!marketplace)
			throw new ChannelError("not_a_store", "This account sells at no marketplace of the region.", {
				fix: "Choose the region in which the account sells.",
			});
		return { baseUrl, access: { ...access, marketplaceId: marketplace.id }, expiresAt: login.expiresAt };
	},
};
