/**
 * Installs that begin on the platform's side: its page opens our address in the merchant's browser, with what is worth
 * access. Nothing ties that to this browser, so a person who is signed in has to say so on a page of ours before it counts.
 */
import { isConnectable, platformFor } from "@/lib/channels/registry";
import { env } from "@/lib/env";
import { platformLabel } from "@/lib/format/platforms";
import { storeBaseUrl } from "@/lib/sandbox/context";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { ownStore } from "../sandbox/own-store";
import { exchange, refused, returnAddress } from "./connect-by-consent";
import type { Connected } from "./connect-store";

/** The word in our own return address that names a sandbox store, which has no host of its own to be known by. */
const sandboxWord = "sandbox";

/** `query`: what the platform's page brought along. */
export async function connectInstall(
	ctx: Context,
	platform: string,
	query: string,
	{ origin }: { origin: string },
): Promise<Connected> {
	authorise(ctx, "manager");
	if (!isConnectable(platform)) throw new NotFound("platform");
	const { consent } = await platformFor(platform);
	if (consent?.authorizeUrl !== null)
		throw new Unacceptable(`${platformLabel(platform)} is connected by going there from here.`, "no_install");
	const brought = new URLSearchParams(query);
	const back = consent.readReturn(brought);
	if (back.result === "denied") return refused(back.sentence);
	const storeId = env().sandbox ? brought.get(sandboxWord) : null;
	const from = storeId ? await sandboxInstall(ctx, storeId) : { baseUrl: "", isSandbox: false, app: null };
	const redirectUri = returnAddress(platform, origin) + (storeId ? `?${sandboxWord}=${storeId}` : "");
	return exchange(ctx, consent, { ...from, platform, redirectUri, given: back.given });
}

/** A sandbox store has an app of its own in the place of the host's. */
async function sandboxInstall(ctx: Context, storeId: string) {
	const { sandbox, store } = await ownStore(ctx, storeId);
	const { clientId = "", clientSecret = "" } = store.secrets;
	return { baseUrl: storeBaseUrl(sandbox, store), isSandbox: true, app: { clientId, clientSecret } };
}

/**
 * Leads the browser on to the page where it is said. A platform may open our address in a frame of its own, where no cookie
 * of ours comes along and no page of ours is shown: from there a link leads out.
 */
export function installReply(platform: string, search: string, isFramed: boolean): Response {
	const page = `/channels/connect/${platform}?${new URLSearchParams({ install: search.replace(/^\?/, "") })}`;
	const headers = { "cache-control": "no-store" };
	if (!isFramed) return new Response(null, { status: 303, headers: { ...headers, location: page } });
	return new Response(
		`<!doctype html><html lang="en"><meta charset="utf-8"><title>Onecount</title><p>The app is installed. <a href="${page}" target="_blank" rel="noopener">Go on in Onecount</a> to connect this store.</p></html>`,
		{ headers: { ...headers, "content-type": "text/html; charset=utf-8" } },
	);
}
