/**
 * How a merchant lets an app of ours into a store by agreeing on the platform's own page (OAuth). One for each platform that
 * has it, beside its adapter; Shopify's and WooCommerce's are older and have their own ways.
 */
import type { AppCredentials } from "./channel-adapter";
import type { HttpClient } from "./http";

export type Consent = {
	/** For whoever runs Onecount: where such an app is made and what has to be set in its settings. */
	appHelp: string;
	/** Where the merchant agrees. Null: the visit begins on the platform's side, with an install there. */
	authorizeUrl:
		| ((visit: { app: AppCredentials; baseUrl: string; state: string; redirectUri: string }) => string)
		| null;
	/** What the platform sends the browser back with. `denied`: the person did not agree. */
	readReturn(query: URLSearchParams): ConsentReturn;
	/** The code → access. Throws ChannelError. */
	exchange(
		io: { http: HttpClient; now: () => Date },
		visit: { app: AppCredentials; baseUrl: string; redirectUri: string; given: Record<string, string> },
	): Promise<Consented>;
	/**
	 * What the platform opens an installed app with, and tells it of its removal by; null for anything that it did not sign for
	 * this app, or that is over. Absent: it does neither.
	 */
	readSigned?(query: URLSearchParams, app: AppCredentials, now: Date): { storeKey: string } | null;
	/**
	 * What the platform's own list of apps opens our log-in address with, before anybody has agreed. Null: it says not where to
	 * go on. Absent: nothing begins there like that.
	 */
	readStart?(query: URLSearchParams): ConsentStart | null;
};

export type ConsentStart = {
	/** The page that the browser is to go on to, without its query. Whoever opens our address chooses it. */
	page: string;
	/** Where the store's API answers by that page; null: it is no page of the platform's own, and nobody may be sent there. */
	baseUrl: string | null;
	/** That page, with what it needs in order to bring the browser back. */
	onward(visit: { state: string; redirectUri: string }): string;
};

export type ConsentReturn =
	| { result: "agreed"; state: string | null; given: Record<string, string> }
	| { result: "denied"; state: string | null; sentence: string };

export type Consented = {
	/** Where the store's API answers, without trailing slash. */
	baseUrl: string;
	access: Record<string, string>;
	expiresAt: Date | null;
	/** What signs the store's webhooks, where the platform decides it. */
	webhookSecret?: string;
};
