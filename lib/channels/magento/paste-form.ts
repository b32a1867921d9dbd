import type { PasteForm } from "../paste-form";
import { meant, mistake, readFields, wrongAddress } from "../paste-reading";

const names = {
	consumerKey: "Consumer Key",
	consumerSecret: "Consumer Secret",
	accessToken: "Access Token",
	accessTokenSecret: "Access Token Secret",
} as const;
type Name = keyof typeof names;

const field = (name: Name, hint: string, isOptional: boolean, isSecret = true) => ({
	name,
	label: names[name],
	placeholder: "32 letters and digits",
	hint,
	isSecret,
	isOptional,
});

/** All four strings of an integration; or the access token alone, where the store takes it as a bearer. */
export const pasteForm: PasteForm = {
	address: {
		label: "Store address",
		placeholder: "https://shop.example.com",
		hint: "As the shop's front page opens, without /admin.",
	},
	fields: [
		field(
			"consumerKey",
			"Leave this and both secrets empty only if the store accepts the access token alone.",
			true,
			false,
		),
		field("consumerSecret", "Shown when the integration is activated.", true),
		field("accessToken", "Shown when the integration is activated.", false),
		field("accessTokenSecret", "Shown when the integration is activated.", true),
	],
	help: [
		"In Magento open System → Extensions → Integrations, choose Add New Integration, and give it a name such as “Onecount”. Leave Callback URL and Identity Link URL empty.",
		"Under API choose Resource Access: Custom, and tick Catalog → Inventory (with Products), Sales → Operations → Orders → Actions (View, Cancel), Shipments and Credit Memos, Stores → Inventory (Sources, Stocks, and what is below them), Stores → Settings → All Stores, and System → Action Log → Bulk Actions.",
		"Save, choose Activate, then Allow. Magento shows the four strings: copy all of them.",
	],

	readAddress(text) {
		const typed = text.trim();
		const whole = /^https?:\/\//i.test(typed) ? typed : `https://${typed}`;
		const url = URL.canParse(whole) ? new URL(whole) : null;
		if (!url || (!url.hostname.includes(".") && url.hostname !== "localhost" && !url.port))
			return wrongAddress(
				"This is no address: paste it as the browser shows it, such as https://shop.example.com.",
				"ADDRESS",
			);
		if (/(^|\.)api\.commerce\.adobe\.com$/i.test(url.hostname))
			return wrongAddress(
				"This is Adobe Commerce as a Cloud Service, which signs people in through Adobe: Onecount connects Magento and Adobe Commerce that run on a host of their own.",
				"ADOBE_SAAS",
			);
		const path = url.pathname
			.replace(/\/(index\.php\/?)?(admin\w*|rest|soap|customer|checkout|catalog)(\/.*)?$/i, "")
			.replace(/\/index\.php.*$/i, "")
			.replace(/\/+$/, "");
		return meant(`${url.protocol}//${url.host}${path}`);
	},

	readKeys(typed) {
		const { consumerKey = "", consumerSecret = "", accessToken = "", accessTokenSecret = "" } = typed;
		const given = { consumerKey, consumerSecret, accessToken, accessTokenSecret };
		const isAlone = !consumerKey && !consumerSecret && !accessTokenSecret;
		const access: Record<string, string> = isAlone ? { accessToken } : given;
		return readFields(pasteForm.fields, typed, mistakesIn(given, isAlone), { access, expiresAt: null });
	},
};

function mistakesIn(given: Record<Name, string>, isAlone: boolean) {
	const texts = Object.values(given);
	const mistakesOf = (name: Name, text: string, above: readonly string[]) => [
		text === "" &&
			!isAlone &&
			mistake("Paste all four strings of the integration, or the access token alone.", "INCOMPLETE"),
		text.startsWith("eyJ") &&
			mistake(
				"This is the token of a person who is signed in, which ends within hours: paste the strings of an integration instead.",
				"ADMIN_TOKEN",
			),
		!/^([a-z0-9]{32})?$/i.test(text) &&
			mistake(`The ${names[name].toLowerCase()} has 32 letters and digits: copy it whole.`, "FORM"),
		text !== "" &&
			above.includes(text) &&
			mistake("This was pasted above already: each of the four strings is another.", "SAME"),
	];
	return Object.fromEntries(
		(Object.keys(given) as Name[]).map((name, index) => [name, mistakesOf(name, given[name], texts.slice(0, index))]),
	);
}
