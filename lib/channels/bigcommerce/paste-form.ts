import { type PasteForm, PasteProblem } from "../paste-form";
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
		if (isStoreHash(hash)) return baseUrlOf(hash);
		throw /^login\.bigcommerce\.com|\.[a-z]{2,}(\/|$)/.test(bare)
			? new PasteProblem(
					"This is a shop's own address, and it does not tell its store hash. Paste the API path that is shown with the access token.",
					"SHOP_ADDRESS",
				)
			: new PasteProblem(
					"This is not an API path. It looks like https://api.bigcommerce.com/stores/abc123/v3/.",
					"NOT_AN_ADDRESS",
				);
	},

	readKeys({ accessToken = "", clientId = "", clientSecret = "" }) {
		if (accessToken === "") throw new PasteProblem("The access token is missing.", "NO_TOKEN");
		if (/^https?:\/\//i.test(accessToken))
			throw new PasteProblem("This is the API path. The access token is the line beside it.", "ADDRESS_AS_TOKEN");
		if (accessToken === clientId || accessToken === clientSecret)
			throw new PasteProblem(
				"The same text was pasted twice. Access token, client ID and client secret are three different ones.",
				"PASTED_TWICE",
			);
		if (/^[0-9a-f]{64}$/.test(accessToken))
			throw new PasteProblem("This is the client secret. The access token is shorter.", "SECRET_AS_TOKEN");
		if (!/^[a-z0-9]{20,64}$/i.test(accessToken))
			throw new PasteProblem("An access token is made of letters and digits alone; copy it whole.", "NOT_A_TOKEN");
		return {
			access: {
				accessToken,
				...(clientId && { clientId }),
				...(clientSecret && { clientSecret }),
			},
			expiresAt: null,
		};
	},
};
