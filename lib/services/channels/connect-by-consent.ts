/** A platform's OAuth, as its consent describes it: the merchant agrees there, and comes back with what is worth access. */
import { randomBytes } from "node:crypto";
import type { AppCredentials } from "@/lib/channels/channel-adapter";
import type { Consent } from "@/lib/channels/consent";
import { createHttpClient } from "@/lib/channels/http";
import { type ConnectablePlatform, isConnectable, platformFor } from "@/lib/channels/registry";
import { env, hasHostApps, hostAppVariables, joinedIds } from "@/lib/env";
import { wordList } from "@/lib/format/list";
import { platformLabel } from "@/lib/format/platforms";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { type BegunVisit, beginAttempt, settleVisit, takeAttempt, type VisitReturn } from "./connect-attempt";
import type { Connected } from "./connect-store";
import { connectOrReport } from "./connect-with-keys";
import { mayCallPrivate } from "./open-connection";
import { readAddress, type StoreAddress } from "./read-address";
import type { FormInput } from "./read-pasted";

/** Where the platform sends the browser back to; its app must allow exactly this. */
export const returnAddress = (platform: string, origin: string): string => `${origin}/api/oauth/${platform}`;

type At = { origin: string };

export async function beginConsent(ctx: Context, input: FormInput, { origin }: At): Promise<BegunVisit> {
	authorise(ctx, "manager");
	const { platform, fields } = input;
	const { consent } = await platformFor(platform);
	if (!consent?.authorizeUrl)
		throw new Unacceptable(`${platformLabel(platform)} is not connected by going there from here.`, "no_visit");
	const address = await readAddress(platform, input.address);
	const host = hostApp(platform);
	const app = host ?? ownApp(platform, fields);
	const state = randomBytes(32).toString("hex");
	const to = consent.authorizeUrl({
		app,
		baseUrl: address.baseUrl,
		state,
		redirectUri: returnAddress(platform, origin),
	});
	const redirectTo = consentPage(platform, address, to);
	const attemptId = await beginAttempt(ctx, { ...address, platform, secret: state, app: host ? null : app });
	return { attemptId, state, redirectTo };
}

/** The only places that a browser is sent to: a page of the platform by https, or one of the sandbox store itself. */
function consentPage(platform: string, address: StoreAddress, to: string): string {
	const url = new URL(to);
	if (!address.isSandbox && url.protocol === "https:") return url.href;
	const isOfStore = url.href.startsWith(`${address.baseUrl}/`);
	// The browser reaches a sandbox store as it reaches us.
	if (address.isSandbox && isOfStore) return url.href.slice(url.origin.length);
	throw new Error(`A browser is never sent to ${url.origin} to agree with ${platform}.`);
}

const hostApp = (platform: string): AppCredentials | null =>
	(hasHostApps(platform) && env().hostApps[platform]) || null;

function ownApp(platform: string, { clientId, clientSecret, applicationId }: Record<string, string>): AppCredentials {
	if (clientId && clientSecret) return { clientId: joinedIds(clientId, applicationId), clientSecret };
	throw noApp(platform);
}

/** For whoever has no app: what to set, or what to do instead. */
function noApp(platform: string): Unacceptable {
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
			: await exchange(ctx, consent, { ...visit, ...attempt, platform, given: back.given });
	return settleVisit(ctx, attempt.id, outcome);
}

/**
 * An install that began on the platform's side: nothing ties it to this browser, so a person who is signed in has to say
 * so on a page of ours before it counts.
 */
export async function connectInstall(
	ctx: Context,
	platform: string,
	query: string,
	{ origin }: At,
): Promise<Connected> {
	authorise(ctx, "manager");
	if (!isConnectable(platform)) throw new NotFound("platform");
	const { consent } = await platformFor(platform);
	if (consent?.authorizeUrl !== null)
		throw new Unacceptable(`${platformLabel(platform)} is connected by going there from here.`, "no_install");
	const back = consent.readReturn(new URLSearchParams(query));
	if (back.result === "denied") return refused(back.sentence);
	return exchange(ctx, consent, { platform, origin, given: back.given, app: null, baseUrl: "", isSandbox: false });
}

const refused = (sentence: string): Connected => ({
	result: "failed",
	checks: [{ name: "credentials", state: "failed", sentence, fix: "Go there again, or paste keys." }],
});

async function exchange(
	ctx: Context,
	consent: Consent,
	from: StoreAddress &
		At & { platform: ConnectablePlatform; app: AppCredentials | null; given: Record<string, string> },
): Promise<Connected> {
	const { platform, isSandbox, baseUrl, given } = from;
	const app = from.app ?? hostApp(platform);
	if (!app) throw noApp(platform);
	const http = createHttpClient({
		allowPrivate: mayCallPrivate(isSandbox),
		secrets: [app.clientSecret, ...Object.values(given)],
	});
	return connectOrReport(ctx, { platform, baseUrl }, async () => {
		const consented = await consent.exchange(
			{ http, now: ctx.now },
			{ app, baseUrl, redirectUri: returnAddress(platform, from.origin), given },
		);
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
