import type { PasteForm } from "../paste-form";
import { meant, mistake, readFields, wrongAddress } from "../paste-reading";
import { baseUrlOf, isStoreHash } from "./address";

/** What BigCommerce shows once when a store-level API account is made. */
export const pasteForm: PasteForm = {
	address: {
		label: "API path",
		placeholder: "https://api.bigcommerce.com/stores/abc123/v3/",
		hint: "It is shown with the access token. The store hash alone will do.",
	},
	fields: [
		{
			name: "accessToken",
			label: "Access token",
			placeholder: "",
			hint: "Shown once, when the API account is made.",
			isSecret: true,
			isOptional: false,
		},
		{
			name: "clientId",
			label: "Client ID",
			placeholder: "",
			hint: "Optional, together with the client secret.",
			isSecret: false,
			isOptional: true,
		},
		{
			name: "clientSecret",
			label: "Client secret",
			placeholder: "",
			hint: "Optional: with it the store's news is also held against BigCommerce's own signature.",
			isSecret: true,
			isOptional: true,
		},
	],
	newsSecret: "client secret",
	help: [
		"In BigCommerce open Settings → API → Store-level API accounts.",
		"Choose Create API account, with the token type V2/V3 API token, and name it Onecount.",
		"Set the scopes Products: read-only, Store inventory: modify, Store locations: read-only, Orders: read-only (modify, if Onecount may cancel orders), Information & settings: read-only. Leave the others at none.",
		"Save, and copy the API path, access token, client ID and client secret from what is shown. It is shown only once.",
	],

	readAddress(text) {
		const typed = text.trim().replace(/\/+$/, "");
		const bare = typed.toLowerCase();
		const [, inPath] = /^(?:https?:\/\/)?api\.bigcommerce\.com\/stores\/([^/?#]+)(?:\/v[23])?$/.exec(bare) ?? [];
		const [, inStore] = /^(?:https?:\/\/)?store-([a-z0-9]+)(?:-\d+)?\.mybigcommerce\.com(?:\/.*)?$/.exec(bare) ?? [];
		const hash = inPath ?? inStore ?? bare;
		if (isStoreHash(hash)) return meant(baseUrlOf(hash));
		return /^login\.bigcommerce\.com|\.[a-z]{2,}(\/|$)/.test(bare)
			? wrongAddress(
					"This is a shop's own address, and it does not tell its store hash. Paste the API path that is shown with the access token.",
					"SHOP_ADDRESS",
				)
			: wrongAddress(
					"This is not an API path. It looks like https://api.bigcommerce.com/stores/abc123/v3/.",
					"NOT_AN_ADDRESS",
				);
	},

	readKeys(typed) {
		const { accessToken = "", clientId = "", clientSecret = "" } = typed;
		const isSecret = /^[0-9a-f]{64}$/.test(accessToken);
		const isToken = /^[a-z0-9]{20,64}$/i.test(accessToken) && !isSecret;
		const isAgain = (text: string, ...before: string[]) =>
			text !== "" &&
			before.includes(text) &&
			mistake(
				"This was pasted above already. Access token, client ID and client secret are three different texts.",
				"PASTED_TWICE",
			);
		const mistakes = {
			accessToken: [
				/^https?:\/\//i.test(accessToken) &&
					mistake("This is the API path. The access token is the line beside it.", "ADDRESS_AS_TOKEN"),
				isSecret && mistake("This is the client secret. The access token is shorter.", "SECRET_AS_TOKEN"),
				!isToken && mistake("An access token is made of letters and digits alone; copy it whole.", "NOT_A_TOKEN"),
			],
			clientId: [isToken && isAgain(clientId, accessToken)],
			clientSecret: [isToken && isAgain(clientSecret, accessToken, clientId)],
		};
		const access = { accessToken, ...(clientId && { clientId }), ...(clientSecret && { clientSecret }) };
		return readFields(pasteForm.fields, typed, mistakes, { access, expiresAt: null });
	},
};
