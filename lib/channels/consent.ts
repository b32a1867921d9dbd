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
