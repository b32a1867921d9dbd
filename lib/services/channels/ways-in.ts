/** The ways into a store of each platform, as data: the wizard draws them, and sends back what was typed. */
import type { Consent } from "@/lib/channels/consent";
import type { PasteField, PasteForm } from "@/lib/channels/paste-form";
import { type ConnectablePlatform, platformFor } from "@/lib/channels/registry";
import { appFields, askedScopes } from "@/lib/channels/shopify";
import { env, hasHostApps, hostAppVariables } from "@/lib/env";
import type { SecretState } from "@/lib/format/app-secret";
import { wordList } from "@/lib/format/list";
import { platformLabel } from "@/lib/format/platforms";
import { returnAddress } from "./connect-by-consent";
import { ownAppFields } from "./own-app";
import type { ChannelView } from "./read-channels";

export type WayIn = {
	/** Its place in the page's address. */
	key: string;
	label: string;
	/**
	 * `keys`: what is pasted is checked at once. `visit`: the merchant agrees on the store's own page. `elsewhere`: it begins
	 * there. `cart`: what else is asked for follows from what is chosen of a list (listCartChoices).
	 */
	kind: "keys" | "visit" | "elsewhere" | "cart";
	/** For `connectWithKeys`. */
	way?: "client_credentials" | "cart" | "secret";
	/** Only for a channel that there is, whose address is known. */
	isOfChannel?: boolean;
	fields: readonly PasteField[];
	help: {
		title: string;
		/** One after the other, each a thing to do there. */
		steps?: readonly string[];
		lines?: readonly string[];
		/** To be entered on the platform's side. */
		copy?: { label: string; value: string };
		rights?: readonly { scope: string; why: string }[];
	};
	/** "Go to Shopify", and what it is called while it is on its way. */
	act: string;
	busy: string;
};

export type WaysIn = {
	platform: ConnectablePlatform;
	address: PasteForm["address"] & { isOptional: boolean };
	/** The first is the one to begin with. */
	ways: WayIn[];
	/** The channel that is connected again; null: a store that is new here. */
	again: string | null;
};

const where = "Where do I find this?";
const next = "What happens next";

/** `origin`: how this browser reaches Onecount. `again`: the channel that is connected again. */
export async function waysIn(
	platform: ConnectablePlatform,
	{ origin, again = null }: { origin: string; again?: Pick<ChannelView, "id" | "secret"> | null },
): Promise<WaysIn> {
	const { pasteForm, consent } = await platformFor(platform);
	const keys: WayIn = {
		key: "keys",
		label: "Paste keys",
		kind: "keys",
		fields: pasteForm.fields,
		help: { title: where, steps: pasteForm.help },
		act: "Check and connect",
		busy: "Checking…",
	};
	const address = { ...pasteForm.address, isOptional: takesNoAddress(pasteForm) };
	const ways = inOrder(platform, keys, consent, origin);
	if (again?.secret) ways.push(secretWay(pasteForm, again.secret));
	return { platform, address, ways, again: again?.id ?? null };
}

/** The rest of what the channel has stays. */
const secretWay = ({ fields }: PasteForm, { byHand }: SecretState): WayIn => ({
	key: "secret",
	label: "New client secret",
	kind: "keys",
	way: "secret",
	isOfChannel: true,
	fields: fields.filter(({ name }) => name === "clientSecret"),
	help: { title: where, lines: [byHand] },
	act: "Check and keep it",
	busy: "Checking…",
});

/** Where all stores answer at one address, none need be typed. */
const takesNoAddress = ({ readAddress }: PasteForm): boolean => readAddress("").result === "meant";

function inOrder(platform: ConnectablePlatform, keys: WayIn, consent: Consent | null, origin: string): WayIn[] {
	switch (platform) {
		case "shopify":
			return shopifyWays(keys, origin);
		case "woocommerce":
			return env().publicUrl?.startsWith("https://") ? [handOver(true), keys] : [keys, handOver(false)];
		case "api2cart":
			return [{ ...keys, label: "In the account" }, cartWay(keys)];
		default: {
			if (!consent) return [keys];
			const agree = consentWay(platform, consent, origin);
			return hasHostApps(platform) && env().hostApps[platform] ? [agree, keys] : [keys, agree];
		}
	}
}

/** Without an app of the host's, the merchant brings one; it is said what would spare that. */
function consentWay(platform: ConnectablePlatform, consent: Consent, origin: string): WayIn {
	const label = platformLabel(platform);
	const hasApp = hasHostApps(platform) && env().hostApps[platform] !== undefined;
	const variables = hasHostApps(platform) ? hostAppVariables(platform) : [];
	const orSet =
		variables.length > 0
			? [`Whoever runs this Onecount can set ${wordList(variables)} instead: then a merchant only agrees.`]
			: [];
	const copy = { label: "Return address", value: returnAddress(platform, origin) };
	if (!consent.authorizeUrl)
		return {
			key: "install",
			label: "Install the app",
			kind: "elsewhere",
			fields: [],
			help: {
				title: hasApp ? next : "What is missing",
				lines: hasApp
					? [
							`It begins in ${label}: install the app there, in its own list of apps. ${label} brings you back here, and you say which shop the store belongs to.`,
						]
					: [
							`This Onecount has no ${label} app. Whoever runs it sets ${wordList(variables)}. Paste keys instead until then.`,
							consent.appHelp,
						],
				...(hasApp ? {} : { copy }),
			},
			act: "",
			busy: "",
		};
	return {
		key: "agree",
		label: `Agree at ${label}`,
		kind: "visit",
		fields: hasApp ? [] : ownAppFields(platform),
		help: hasApp
			? {
					title: next,
					lines: [
						`${label} shows what Onecount asks for; somebody who may install apps there agrees. Nothing has to be copied.`,
					],
				}
			: { title: where, lines: [consent.appHelp, ...orSet], copy },
		act: `Go to ${label}`,
		busy: `On the way to ${label}…`,
	};
}

const handOver = (hasHttps: boolean): WayIn => ({
	key: "agree",
	label: "Agree in the shop",
	kind: "visit",
	fields: [],
	help: {
		title: next,
		lines: [
			"You sign in to the shop's WordPress as an administrator or shop manager and agree; the shop then makes a key for Onecount and hands it over by itself. Nothing has to be copied.",
			...(hasHttps
				? []
				: [
						"Shops hand keys over to https addresses only, and this Onecount has none: set ONECOUNT_URL to one, or paste keys. Sandbox stores don't mind.",
					]),
		],
	},
	act: "Go to the shop",
	busy: "On the way to the shop…",
});

const cartWay = (keys: WayIn): WayIn => ({
	...keys,
	key: "add",
	label: "Add to the account",
	kind: "cart",
	way: "cart",
	fields: keys.fields.filter(({ name }) => name === "accountKey"),
	help: {
		title: where,
		steps: [
			"Sign in to API2Cart and copy the API key of your account.",
			"Choose what kind of store it is, and fill in what that asks for: API2Cart checks it with the store.",
			"A store that the account has already keeps the credentials that it was added with.",
		],
	},
	act: "Add and connect",
	busy: "Adding the store…",
});

const rights = Object.entries(askedScopes).map(([scope, why]) => ({ scope, why }));

function shopifyWays(token: WayIn, origin: string): WayIn[] {
	const hasApp = env().hostApps.shopify !== undefined;
	const install: WayIn = {
		key: "install",
		label: "Install an app",
		kind: "visit",
		fields: hasApp ? [] : appFields,
		help: hasApp
			? {
					title: next,
					lines: [
						"Shopify shows what Onecount asks for; an owner or a staff member who may install apps agrees there.",
					],
					rights,
				}
			: {
					title: where,
					lines: [
						"In Shopify's developer dashboard make an app (or open yours). Its settings show the client id and the secret. Add this redirect address to it, and these rights:",
					],
					copy: { label: "Redirect address", value: returnAddress("shopify", origin) },
					rights,
				},
		act: "Go to Shopify",
		busy: "On the way to Shopify…",
	};
	const client: WayIn = {
		...token,
		key: "client",
		label: "Id and secret",
		way: "client_credentials",
		fields: appFields,
		help: {
			title: where,
			lines: [
				"For an app that belongs to the same organisation as the store and is installed on it: developer dashboard → your app → Settings. It needs these rights:",
			],
			rights,
		},
	};
	return [install, client, { ...token, label: "Access token", help: { ...token.help, rights } }];
}
