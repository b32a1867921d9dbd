import { type PasteForm, PasteProblem } from "../paste-form";

const names = {
	consumerKey: "Consumer Key",
	consumerSecret: "Consumer Secret",
	accessToken: "Access Token",
	accessTokenSecret: "Access Token Secret",
} as const;

const field = (name: keyof typeof names, hint: string, isOptional: boolean, isSecret = true) => ({
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
		let url: URL;
		try {
			url = new URL(/^https?:\/\//i.test(typed) ? typed : `https://${typed}`);
		} catch {
			throw new PasteProblem(
				"This is no address: paste it as the browser shows it, such as https://shop.example.com.",
				"ADDRESS",
			);
		}
		if (!url.hostname.includes(".") && url.hostname !== "localhost" && !url.port)
			throw new PasteProblem(
				"This is no address: paste it as the browser shows it, such as https://shop.example.com.",
				"ADDRESS",
			);
		if (/(^|\.)api\.commerce\.adobe\.com$/i.test(url.hostname))
			throw new PasteProblem(
				"This is Adobe Commerce as a Cloud Service, which signs people in through Adobe: Onecount connects Magento and Adobe Commerce that run on a host of their own.",
				"ADOBE_SAAS",
			);
		const path = url.pathname
			.replace(/\/(index\.php\/?)?(admin\w*|rest|soap|customer|checkout|catalog)(\/.*)?$/i, "")
			.replace(/\/index\.php.*$/i, "")
			.replace(/\/+$/, "");
		return `${url.protocol}//${url.host}${path}`;
	},

	readKeys(typed) {
		const given = Object.fromEntries(Object.keys(names).map((name) => [name, typed[name] ?? ""])) as Record<
			keyof typeof names,
			string
		>;
		if (given.accessToken === "")
			throw new PasteProblem(
				"The access token is missing: Magento shows it when the integration is activated.",
				"ACCESS_TOKEN",
			);
		for (const name of Object.keys(names) as (keyof typeof names)[]) {
			const value = given[name];
			if (value !== "" && /^eyJ/.test(value))
				throw new PasteProblem(
					"This is the token of a person who is signed in, which ends within hours: paste the strings of an integration instead.",
					"ADMIN_TOKEN",
				);
			if (value !== "" && !/^[a-z0-9]{32}$/i.test(value))
				throw new PasteProblem(
					`The ${names[name].toLowerCase()} has 32 letters and digits: copy it whole.`,
					`FORM_${name}`,
				);
		}
		const others = [given.consumerKey, given.consumerSecret, given.accessTokenSecret];
		const missing = others.filter((value) => value === "").length;
		if (missing === others.length) return { access: { accessToken: given.accessToken }, expiresAt: null };
		if (missing > 0)
			throw new PasteProblem("Paste all four strings of the integration, or the access token alone.", "INCOMPLETE");
		if (new Set([given.accessToken, ...others]).size < 4)
			throw new PasteProblem("Two of the four strings are the same: each of them is another.", "SAME");
		return { access: { ...given }, expiresAt: null };
	},
};
