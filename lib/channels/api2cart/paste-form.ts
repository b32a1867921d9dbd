/** Connecting a store that is in an API2Cart account already: the account's key and the store's. */
import type { PasteForm } from "../paste-form";
import { meant, mistake, readFields, wrongAddress } from "../paste-reading";
import { apiBase } from "./address";

/** Both are 32 hexadecimal digits as a rule; account keys of old accounts are other words. */
const isStoreKey = (text: string) => /^[0-9a-f]{32}$/i.test(text);

export const pasteForm: PasteForm = {
	address: {
		label: "API2Cart's address",
		placeholder: apiBase,
		hint: "Leave it as it is unless API2Cart gave you another.",
	},
	fields: [
		{
			name: "accountKey",
			label: "API key",
			placeholder: "",
			hint: "In API2Cart's dashboard at the top, or under Account → API key.",
			isSecret: true,
			isOptional: false,
		},
		{
			name: "storeKey",
			label: "Store key",
			placeholder: "ab37fc230bc5df63a5be1b11220949be",
			hint: "32 letters and digits, beside the store in API2Cart's list of stores.",
			isSecret: true,
			isOptional: false,
		},
	],
	help: [
		"Sign in to API2Cart and add your store there, if it is not in the list of stores yet.",
		"Copy the API key of your account.",
		"Copy the store key beside the store.",
	],
	readAddress(text) {
		const typed = text.trim();
		if (typed === "") return meant(apiBase);
		const whole = /^https?:\/\//i.test(typed) ? typed : `https://${typed}`;
		if (!URL.canParse(whole))
			return wrongAddress(`This is no web address. API2Cart's is ${apiBase}.`, "not_an_address");
		const url = new URL(whole);
		if (/(^|\.)api2cart\.com$/i.test(url.hostname) && url.hostname.toLowerCase() !== "api.api2cart.com")
			return wrongAddress(`This is API2Cart's web site. Its API is at ${apiBase}.`, "web_site");
		// As it stands in examples: with the version, or with a method behind it.
		const path = url.pathname.replace(/\/v1\.\d(\/.*)?$/, "").replace(/\/+$/, "");
		return meant(`${url.protocol}//${url.host.toLowerCase()}${path}`);
	},
	readKeys(typed) {
		const { accountKey = "", storeKey = "" } = typed;
		const mistakes = {
			storeKey: [
				storeKey === accountKey &&
					mistake("This is the same key twice. The API key is the account's, the store key the store's.", "same_key"),
				!isStoreKey(storeKey) &&
					(isStoreKey(accountKey)
						? mistake("The keys may be swapped: a store key is 32 letters and digits.", "swapped")
						: mistake("A store key is 32 letters and digits, beside the store in API2Cart's list.", "not_a_store_key")),
			],
		};
		const access = { accountKey, storeKey: storeKey.toLowerCase() };
		return readFields(pasteForm.fields, typed, mistakes, { access, expiresAt: null });
	},
};
