/** Connecting by pasting what Square's developer console shows of an application that the merchant made. */
import type { PasteForm } from "../paste-form";
import { meant, mistake, readFields, wrongAddress } from "../paste-reading";

export const squareUrl = "https://connect.squareup.com";
export const squareSandboxUrl = "https://connect.squareupsandbox.com";

export const pasteForm: PasteForm = {
	address: {
		label: "Environment",
		placeholder: "production",
		hint: "Leave it blank for a real account; type “sandbox” for Square's own test accounts.",
	},
	fields: [
		{
			name: "accessToken",
			label: "Production access token",
			placeholder: "EAAA…",
			hint: "In the developer console under Credentials; for a test account the sandbox access token.",
			isSecret: true,
			isOptional: false,
		},
		{
			name: "personalToken",
			label: "Access token of the application",
			placeholder: "EAAA…",
			hint: "Only where the token above is another account's: it lets Square send news.",
			isSecret: true,
			isOptional: true,
		},
	],
	help: [
		"Open developer.squareup.com and sign in with the account that sells.",
		"Under Applications make one, with any name, and open it.",
		"Under Credentials switch to Production, show the access token and copy it.",
	],
	readAddress(text) {
		const typed = text.trim().replace(/\/+$/, "");
		if (/^(production)?$/i.test(typed)) return meant(squareUrl);
		if (/^sandbox$/i.test(typed)) return meant(squareSandboxUrl);
		if (typed === squareUrl || typed === squareSandboxUrl) return meant(typed);
		if (/^https?:\/\/[^/]+\/sandbox\/square\/[A-Za-z0-9_-]+$/.test(typed)) return meant(typed);
		return wrongAddress("Leave the environment blank for a real account, or type “sandbox”.", "ENVIRONMENT");
	},
	readKeys(typed) {
		const { accessToken = "", personalToken = "" } = typed;
		const mistakes = { accessToken: mistakesOf(accessToken), personalToken: mistakesOf(personalToken) };
		const access = { accessToken, ...(personalToken && { personalToken }) };
		return readFields(pasteForm.fields, typed, mistakes, { access, expiresAt: null });
	},
};

const mistakesOf = (token: string) => [
	/^(sandbox-)?sq0id[pb]-/.test(token) &&
		mistake("That is the application ID. Below it, under Credentials, stands the access token.", "APPLICATION_ID"),
	/^(sandbox-)?sq0cs[pb]-/.test(token) &&
		mistake("That is the application secret. Copy the access token instead.", "APPLICATION_SECRET"),
	!/^(EAAA[\w-]{16,})?$/.test(token) &&
		mistake("An access token of Square begins with EAAA and has no spaces.", "TOKEN"),
];
