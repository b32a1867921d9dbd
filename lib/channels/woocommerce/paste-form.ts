/** What people paste of a WooCommerce shop: each mistake that is known is named with what to do. */
import { type PasteForm, PasteProblem } from "../paste-form";
import { normaliseShopUrl } from "./hand-over";

export const pasteForm: PasteForm = {
	address: {
		label: "Shop",
		placeholder: "https://shop.example.com",
		hint: "As it stands in the browser when the shop is open.",
	},
	fields: [
		{
			name: "consumerKey",
			label: "Consumer key",
			placeholder: "ck_…",
			hint: null,
			isSecret: false,
			isOptional: false,
		},
		{
			name: "consumerSecret",
			label: "Consumer secret",
			placeholder: "cs_…",
			hint: null,
			isSecret: true,
			isOptional: false,
		},
	],
	help: [
		"In WordPress: WooCommerce → Settings → Advanced → REST API → Add key. Choose a user who is shop manager or administrator, and the permissions Read/Write. Key and secret are shown once.",
	],
	readAddress(text) {
		if (text === "") throw new PasteProblem("Type the address of the shop.", "address_missing");
		const url = normaliseShopUrl(text);
		if (url) return url;
		throw new PasteProblem(
			"This is no web address. Type it as it stands in the browser when the shop is open, e.g. https://shop.example.com.",
			"not_an_address",
		);
	},
	readKeys({ consumerKey: first = "", consumerSecret: second = "" }) {
		if (!first || !second)
			throw new PasteProblem("Paste both the consumer key and the consumer secret.", "keys_missing");
		const isSwapped = first.startsWith("cs_") && second.startsWith("ck_");
		const [consumerKey, consumerSecret] = isSwapped ? [second, first] : [first, second];
		if (!consumerKey.startsWith("ck_"))
			throw new PasteProblem(
				"A consumer key begins with ck_. WooCommerce shows it under Settings → Advanced → REST API, once, when the key is made.",
				"not_a_key",
			);
		if (!consumerSecret.startsWith("cs_"))
			throw new PasteProblem(
				"A consumer secret begins with cs_. It stands right below the consumer key.",
				"not_a_secret",
			);
		return { access: { consumerKey, consumerSecret }, expiresAt: null };
	},
};
