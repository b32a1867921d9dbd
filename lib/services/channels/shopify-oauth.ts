/** Shopify's OAuth: the merchant agrees in the store, and comes back with a code that is worth an access token. */
import { ChannelError } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import { meant } from "@/lib/channels/paste-reading";
import { askForShop, authorizeUrl, exchangeCode, newState, readApp, verifyCallback } from "@/lib/channels/shopify";
import { env } from "@/lib/env";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { type BegunVisit, beginAttempt, settleVisit, takeAttempt, type VisitReturn } from "./connect-attempt";
import { connectOrReport } from "./connect-with-keys";
import { mayCallPrivate } from "./open-connection";
import { readAddress, type StoreAddress } from "./read-address";
import { type FormInput, orWrongFields } from "./read-pasted";

/** `fields`: the merchant's own app, where the host has none. */
export async function beginShopifyOAuth(
	ctx: Context,
	input: Pick<FormInput, "address" | "fields">,
	{ origin }: { origin: string },
): Promise<BegunVisit & { state: string }> {
	authorise(ctx, "manager");
	const host = env().hostApps.shopify;
	const [address, app] = orWrongFields(
		await readAddress("shopify", input.address),
		host ? meant(host) : readApp(input.fields),
	);
	await expectShop(address);
	const state = newState();
	const attemptId = await beginAttempt(ctx, { ...address, platform: "shopify", secret: state, app: host ? null : app });
	const url = authorizeUrl({
		baseUrl: address.isSandbox ? new URL(address.baseUrl).pathname : address.baseUrl,
		clientId: app.clientId,
		redirectUri: `${origin}/api/oauth/shopify`,
		state,
	});
	return { attemptId, state, redirectTo: url };
}

/** A name that can be one is still a guess: nobody is sent away before the store answers. */
async function expectShop({ baseUrl, isSandbox }: StoreAddress): Promise<void> {
	try {
		await askForShop(createHttpClient({ allowPrivate: mayCallPrivate(isSandbox), secrets: [] }), baseUrl);
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		throw new Unacceptable([error.message, error.fix].filter(Boolean).join(" "), error.reason);
	}
}

/**
 * Takes what the browser brought back. `state` is from its cookie: without the cookie of the browser that asked, or for
 * another person than the one who asked, nothing is exchanged.
 */
export async function finishShopifyOAuth(ctx: Context, query: URLSearchParams, state: string): Promise<VisitReturn> {
	authorise(ctx, "manager");
	const attempt = state ? await takeAttempt(ctx, "shopify", state) : null;
	if (!attempt) return { result: "rejected", reason: "state" };
	if (attempt.actor !== ctx.actor) return { result: "rejected", reason: "other_person" };
	const app = attempt.app ?? env().hostApps.shopify;
	if (!app) return { result: "rejected", reason: "state" };
	if (query.get("error") === "access_denied") return { result: "rejected", reason: "denied" };
	const verdict = verifyCallback(query, { clientSecret: app.clientSecret, state, now: ctx.now() });
	if (verdict.verdict === "rejected") return { result: "rejected", reason: verdict.reason };
	if (verdict.shop !== shopOf(attempt)) return { result: "rejected", reason: "shop" };

	const http = createHttpClient({ allowPrivate: mayCallPrivate(attempt.isSandbox), secrets: [app.clientSecret] });
	const outcome = await connectOrReport(ctx, { platform: "shopify", baseUrl: attempt.baseUrl }, async () => {
		const granted = await exchangeCode({ http, baseUrl: attempt.baseUrl, now: ctx.now }, app, verdict.code);
		return {
			platform: "shopify",
			baseUrl: attempt.baseUrl,
			isSandbox: attempt.isSandbox,
			// The merchant's own app renews its tokens by itself; the host's stands in the environment.
			access: attempt.app ? { ...granted.access, ...attempt.app } : granted.access,
			accessExpiresAt: granted.expiresAt,
			webhookSecret: app.clientSecret,
		};
	});
	return settleVisit(ctx, attempt.id, outcome);
}

/** A sandbox store calls itself by its id. */
function shopOf({ baseUrl, isSandbox }: StoreAddress): string {
	const url = new URL(baseUrl);
	return (isSandbox ? `${url.pathname.split("/").at(-1)}.myshopify.com` : url.host).toLowerCase();
}
