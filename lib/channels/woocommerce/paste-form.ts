/** What people paste of a WooCommerce shop: each mistake that is known is named with what to do. */
import type { PasteForm } from "../paste-form";
import { meant, mistake, readFields, wrongAddress } from "../paste-reading";
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
		if (text === "") return wrongAddress("Type the address of the shop.", "address_missing");
		const url = normaliseShopUrl(text);
		if (url) return meant(url);
		return wrongAddress(
			"This is no web address. Type it as it stands in the browser when the shop is open, e.g. https://shop.example.com.",
			"not_an_address",
		);
	},
	readKeys(typed) {
		const { consumerKey: first = "", consumerSecret: second = "" } = typed;
		const isSwapped = first.startsWith("cs_") && second.startsWith("ck_");
		const [consumerKey, consumerSecret] = isSwapped ? [second, first] : [first, second];
		const mistakes = {
			consumerKey: [
				!consumerKey.startsWith("ck_") &&
					mistake(
						"A consumer key begins with ck_. WooCommerce shows it under Settings → Advanced → REST API, once, when the key is made.",
						"not_a_key",
					),
			],
			consumerSecret: [
				!consumerSecret.startsWith("cs_") &&
					mistake("A consumer secret begins with cs_. It stands right below the consumer key.", "not_a_secret"),
			],
		};
		return readFields(pasteForm.fields, typed, mistakes, { access: { consumerKey, consumerSecret }, expiresAt: null });
	},
};
