/** What people paste of a Shopify store, cleaned before it comes here: each mistake that is known is named with what to do. */
import { isIP } from "node:net";
import type { AppCredentials } from "../channel-adapter";
import { type PasteField, type PasteForm, PasteProblem } from "../paste-form";
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
	readKeys({ accessToken = "", apiSecret = "" }) {
		if (!accessToken) throw new PasteProblem("Paste the Admin API access token.", "keys_missing");
		if (accessToken.startsWith("shpss_"))
			throw new PasteProblem(
				apiSecret.startsWith("shpat_")
					? "Token and secret are swapped: the token begins with shpat_, the secret with shpss_."
					: "This is the app's API secret key. The access token begins with shpat_.",
				"secret_as_token",
			);
		if (/^[0-9a-f]{32}$/.test(accessToken))
			throw new PasteProblem(
				"This is the app's API key. The access token begins with shpat_; Shopify shows it once, when the app is installed.",
				"key_as_token",
			);
		return { access: { kind: "token", accessToken }, expiresAt: null, webhookSecret: apiSecret || null };
	},
};

/** Of an app of one's own. */
export const appFields: readonly PasteField[] = [
	{ name: "clientId", label: "Client id", placeholder: "", hint: null, isSecret: false, isOptional: false },
	{ name: "clientSecret", label: "Secret", placeholder: "", hint: null, isSecret: true, isOptional: false },
];

/** What was typed into {@link appFields} → the app. Throws PasteProblem. */
export function readApp({ clientId = "", clientSecret = "" }: Readonly<Record<string, string>>): AppCredentials {
	if (!clientId || !clientSecret)
		throw new PasteProblem("Paste both the client id and the secret of the app.", "keys_missing");
	// Pasted the other way round: nothing else begins like this.
	if (clientId.startsWith("shpss_") && !clientSecret.startsWith("shpss_"))
		return { clientId: clientSecret, clientSecret: clientId };
	if (/^shp(at|ca|pa)_/.test(clientId) || /^shp(at|ca|pa)_/.test(clientSecret))
		throw new PasteProblem("This is an access token. Paste it under “Access token” instead.", "token_as_secret");
	return { clientId, clientSecret };
}

function readAddress(text: string): string {
	if (text === "") throw new PasteProblem("Type the address of the store.", "address_missing");
	const shop = normaliseShop(text);
	if (shop) return `https://${shop}`;
	const host = text
		.replace(/^https?:\/\//i, "")
		.replace(/[/?#].*$/, "")
		.toLowerCase();
	if (isIP(host.replace(/:\d+$/, "")) || /^localhost(:|$)|shopify\.com/.test(host))
		throw new PasteProblem(
			`${host} is no Shopify store. A store's address is its name and .myshopify.com, with nothing else around it.`,
			"not_a_shop",
		);
	throw new PasteProblem(
		`${host} is the address that buyers see. Onecount needs the one that ends in .myshopify.com: in Shopify under Settings → Domains.`,
		"own_domain",
	);
}
