/** A platform's OAuth, as its consent describes it: the merchant agrees there, and comes back with what is worth access. */
import { randomBytes } from "node:crypto";
import type { AppCredentials } from "@/lib/channels/channel-adapter";
import type { Consent } from "@/lib/channels/consent";
import { ChannelError } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import { meant } from "@/lib/channels/paste-reading";
import { type ConnectablePlatform, platformFor } from "@/lib/channels/registry";
import { env, hasHostApps, hostAppVariables } from "@/lib/env";
import { wordList } from "@/lib/format/list";
import { platformLabel } from "@/lib/format/platforms";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { type BegunVisit, beginAttempt, settleVisit, takeAttempt, type VisitReturn } from "./connect-attempt";
import type { Connected } from "./connect-store";
import { connectOrReport } from "./connect-with-keys";
import { mayCallPrivate } from "./open-connection";
import { readOwnApp } from "./own-app";
import { readAddress, type StoreAddress } from "./read-address";
import { type FormInput, orWrongFields } from "./read-pasted";

/** Where the platform sends the browser back to; its app must allow exactly this. */
export const returnAddress = (platform: string, origin: string): string => `${origin}/api/oauth/${platform}`;

type At = { origin: string };

export async function beginConsent(ctx: Context, input: FormInput, { origin }: At): Promise<BegunVisit> {
	authorise(ctx, "manager");
	const { platform, fields } = input;
	const { consent } = await platformFor(platform);
	if (!consent?.authorizeUrl)
		throw new Unacceptable(`${platformLabel(platform)} is not connected by going there from here.`, "no_visit");
	const host = hostApp(platform);
	const [address, app] = orWrongFields(
		await readAddress(platform, input.address),
		host ? meant(host) : readOwnApp(platform, fields),
	);
	const state = randomBytes(32).toString("hex");
	const redirectUri = returnAddress(platform, origin);
	const to = orSay(() => consent.authorizeUrl?.({ app, baseUrl: address.baseUrl, state, redirectUri }) ?? "");
	const redirectTo = consentPage(platform, address, to);
	const attemptId = await beginAttempt(ctx, { ...address, platform, secret: state, app: host ? null : app });
	return { attemptId, state, redirectTo };
}

/** Why nobody can set out with this app or to this store, for the form to say. */
function orSay<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		throw new Unacceptable([error.message, error.fix].filter(Boolean).join(" "), error.reason);
	}
}

/** The only places that a browser is sent to: a page of the platform by https, or one of the sandbox store itself. */
export function consentPage(platform: string, address: StoreAddress, to: string): string {
	const url = new URL(to);
	if (!address.isSandbox && url.protocol === "https:") return url.href;
	const isOfStore = url.href.startsWith(`${address.baseUrl}/`);
	// The browser reaches a sandbox store as it reaches us.
	if (address.isSandbox && isOfStore) return url.href.slice(url.origin.length);
	throw new Error(`A browser is never sent to ${url.origin} to agree with ${platform}.`);
}

export const hostApp = (platform: string): AppCredentials | null =>
	(hasHostApps(platform) && env().hostApps[platform]) || null;

/** For whoever has no app: what to set, or what to do instead. */
export function noApp(platform: string): Unacceptable {
	const label = platformLabel(platform);
	const variables = hasHostApps(platform) ? wordList(hostAppVariables(platform)) : null;
	return new Unacceptable(
		`This Onecount has no ${label} app.${variables ? ` Set ${variables}, bring an app of your own,` : " Bring one of your own,"} or paste keys instead.`,
		"no_app",
	);
}

/**
 * Takes what the browser brought back. Without the cookie of the browser that asked, or for another person than the one
 * who asked, nothing is exchanged.
 */
export async function finishConsent(
	ctx: Context,
	platform: ConnectablePlatform,
	query: URLSearchParams,
	visit: At & { state: string },
): Promise<VisitReturn> {
	authorise(ctx, "manager");
	const { consent } = await platformFor(platform);
	const back = consent?.readReturn(query);
	// Whoever says no may leave the state out: that ends the attempt and gives nobody anything.
	const isOurs = back?.state === visit.state || (back?.result === "denied" && back.state === null);
	const attempt = isOurs && visit.state ? await takeAttempt(ctx, platform, visit.state) : null;
	if (!consent || !back || !attempt) return { result: "rejected", reason: "state" };
	if (attempt.actor !== ctx.actor) return { result: "rejected", reason: "other_person" };
	const outcome =
		back.result === "denied"
			? refused(back.sentence)
			: await exchange(ctx, consent, {
					...attempt,
					platform,
					redirectUri: returnAddress(platform, visit.origin),
					given: back.given,
				});
	return settleVisit(ctx, attempt.id, outcome);
}

/** Somebody said no, or the platform did in their name. */
export const refused = (sentence: string): Connected => ({
	result: "failed",
	checks: [{ name: "credentials", state: "failed", sentence, fix: "Go there again, or paste keys." }],
});

/** What came back → a connected store. `app`: the merchant's own; null: the host's. */
export async function exchange(
	ctx: Context,
	consent: Consent,
	from: StoreAddress & {
		platform: ConnectablePlatform;
		app: AppCredentials | null;
		redirectUri: string;
		given: Record<string, string>;
	},
): Promise<Connected> {
	const { platform, isSandbox, baseUrl, redirectUri, given } = from;
	const app = from.app ?? hostApp(platform);
	if (!app) throw noApp(platform);
	const http = createHttpClient({
		allowPrivate: mayCallPrivate(isSandbox),
		secrets: [app.clientSecret, ...Object.values(given)],
	});
	return connectOrReport(ctx, { platform, baseUrl }, async () => {
		const consented = await consent.exchange({ http, now: ctx.now }, { app, baseUrl, redirectUri, given });
		return {
			platform,
			isSandbox,
			baseUrl: consented.baseUrl,
			// The merchant's own app renews its tokens by itself; the host's stands in the environment.
			access: from.app ? { ...consented.access, ...from.app } : consented.access,
			accessExpiresAt: consented.expiresAt,
			webhookSecret: consented.webhookSecret,
		};
	});
}
