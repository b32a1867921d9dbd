/** Connecting by pasting what Square's developer console shows of an application that the merchant made. */
import { type PasteForm, PasteProblem } from "../paste-form";

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
		if (/^(production)?$/i.test(typed)) return squareUrl;
		if (/^sandbox$/i.test(typed)) return squareSandboxUrl;
		if (typed === squareUrl || typed === squareSandboxUrl) return typed;
		if (/^https?:\/\/[^/]+\/sandbox\/square\/[A-Za-z0-9_-]+$/.test(typed)) return typed;
		throw new PasteProblem("Leave the environment blank for a real account, or type “sandbox”.", "ENVIRONMENT");
	},
	readKeys({ accessToken = "", personalToken = "" }) {
		if (/^(sandbox-)?sq0id[pb]-/.test(accessToken))
			throw new PasteProblem(
				"That is the application ID. Below it, under Credentials, stands the access token.",
				"APPLICATION_ID",
			);
		if (/^(sandbox-)?sq0cs[pb]-/.test(accessToken))
			throw new PasteProblem("That is the application secret. Copy the access token instead.", "APPLICATION_SECRET");
		for (const token of [accessToken, personalToken].filter((one, index) => index === 0 || one !== ""))
			if (!/^EAAA[\w-]{16,}$/.test(token))
				throw new PasteProblem("An access token of Square begins with EAAA and has no spaces.", "TOKEN");
		return { access: { accessToken, ...(personalToken && { personalToken }) }, expiresAt: null };
	},
};
