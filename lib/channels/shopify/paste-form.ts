/** What people paste of a Shopify store, cleaned before it comes here: each mistake that is known is named with what to do. */
import { isIP } from "node:net";
import type { AppCredentials } from "../channel-adapter";
import type { PasteField, PasteForm } from "../paste-form";
import { meant, mistake, type Reading, readFields, wrongAddress } from "../paste-reading";
import { normaliseShop } from "./oauth";

/** An access token of a custom app, made in the store's admin before that was closed. */
export const pasteForm: PasteForm = {
	address: {
		label: "Store",
		placeholder: "nordlicht.myshopify.com",
		hint: "Its .myshopify.com name, or anything of its admin's address.",
	},
	fields: [
		{
			name: "accessToken",
			label: "Admin API access token",
			placeholder: "shpat_…",
			hint: null,
			isSecret: true,
			isOptional: false,
		},
		{
			name: "apiSecret",
			label: "API secret key",
			placeholder: "",
			hint: "It signs the store's news. Without it Onecount asks every few seconds instead.",
			isSecret: true,
			isOptional: true,
		},
	],
	newsSecret: "API secret key",
	help: [
		"For custom apps made in a store's admin before 2026; Shopify lets no new ones be made. Settings → Apps → Develop apps → your app → API credentials. The token is shown once, when the app is installed; it begins with shpat_.",
	],
	readAddress,
	readKeys(typed) {
		const { accessToken = "", apiSecret = "" } = typed;
		const mistakes = {
			accessToken: [
				accessToken.startsWith("shpss_") &&
					mistake(
						apiSecret.startsWith("shpat_")
							? "Token and secret are swapped: the token begins with shpat_, the secret with shpss_."
							: "This is the app's API secret key. The access token begins with shpat_.",
						"secret_as_token",
					),
				/^[0-9a-f]{32}$/.test(accessToken) &&
					mistake(
						"This is the app's API key. The access token begins with shpat_; Shopify shows it once, when the app is installed.",
						"key_as_token",
					),
			],
			apiSecret: [
				isToken(apiSecret) &&
					mistake(
						"This is an access token. Paste the API secret key, which stands beside it, or leave this empty.",
						"token_as_secret",
					),
			],
		};
		const access = { kind: "token", accessToken };
		return readFields(pasteForm.fields, typed, mistakes, { access, expiresAt: null, webhookSecret: apiSecret || null });
	},
};

/** Of an app of one's own. */
export const appFields: readonly PasteField[] = [
	{ name: "clientId", label: "Client id", placeholder: "", hint: null, isSecret: false, isOptional: false },
	{ name: "clientSecret", label: "Secret", placeholder: "", hint: null, isSecret: true, isOptional: false },
];

const isToken = (text: string) => /^shp(at|ca|pa)_/.test(text);

/** What was typed into {@link appFields} → the app. */
export function readApp(typed: Readonly<Record<string, string>>): Reading<AppCredentials> {
	const { clientId: first = "", clientSecret: second = "" } = typed;
	// Pasted the other way round: nothing else begins like this.
	const isSwapped = first.startsWith("shpss_") && second !== "" && !/^shp(ss|at|ca|pa)_/.test(second);
	const [clientId, clientSecret] = isSwapped ? [second, first] : [first, second];
	const wrongWay = mistake("This is an access token. Paste it under “Access token” instead.", "token_as_secret");
	const mistakes = {
		clientId: [
			isToken(clientId) && wrongWay,
			clientId.startsWith("shpss_") &&
				mistake("This is the app's secret. Paste its client id, which stands above it.", "secret_as_id"),
		],
		clientSecret: [isToken(clientSecret) && wrongWay],
	};
	return readFields(appFields, typed, mistakes, { clientId, clientSecret });
}

function readAddress(text: string): Reading<string> {
	if (text === "") return wrongAddress("Type the address of the store.", "address_missing");
	const shop = normaliseShop(text);
	if (shop) return meant(`https://${shop}`);
	const host = text
		.replace(/^https?:\/\//i, "")
		.replace(/[/?#].*$/, "")
		.toLowerCase();
	if (isIP(host.replace(/:\d+$/, "")) || /^localhost(:|$)|shopify\.com/.test(host))
		return wrongAddress(
			`${host} is no Shopify store. A store's address is its name and .myshopify.com, with nothing else around it.`,
			"not_a_shop",
		);
	return wrongAddress(
		`${host} is the address that buyers see. Onecount needs the one that ends in .myshopify.com: in Shopify under Settings → Domains.`,
		"own_domain",
	);
}
