/**
 * Visits that begin in the platform's own list of apps, before anybody has agreed: it opens our log-in address with where to go
 * on. Nothing ties that to this browser, so a person who is signed in says that the store belongs here; from then on it is a
 * visit like any other. The browser is sent to a page of the platform, or of a sandbox store of this merchant, and nowhere else.
 */
import { randomBytes } from "node:crypto";
import type { AppCredentials } from "@/lib/channels/channel-adapter";
import type { ConsentStart } from "@/lib/channels/consent";
import { type ConnectablePlatform, isConnectable, platformFor } from "@/lib/channels/registry";
import { joinedIds } from "@/lib/env";
import { platformLabel } from "@/lib/format/platforms";
import { storeBaseUrl } from "@/lib/sandbox/context";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { ownStore } from "../sandbox/own-store";
import { type BegunVisit, beginAttempt } from "./connect-attempt";
import { consentPage, hostApp, noApp, returnAddress } from "./connect-by-consent";
import { sandboxOrigin } from "./public-address";
import { readSandboxAddress, type StoreAddress } from "./read-address";

/** Leads the browser on to the page where it is said, signing in on the way; or says that this did not come from the platform. */
export async function startReply(platform: ConnectablePlatform, search: string): Promise<Response> {
	const start = await readStart(platform, new URLSearchParams(search));
	const said: Record<string, string> = start ? { start: search.replace(/^\?/, "") } : { problem: "start" };
	const location = `/channels/connect/${platform}?${new URLSearchParams(said)}`;
	return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}

/** `query`: what the log-in address was opened with. */
export async function beginStart(
	ctx: Context,
	platform: string,
	query: string,
	{ origin }: { origin: string },
): Promise<BegunVisit> {
	authorise(ctx, "manager");
	if (!isConnectable(platform)) throw new NotFound("platform");
	const start = await readStart(platform, new URLSearchParams(query));
	if (!start)
		throw new Unacceptable(
			`What was opened leads back to no page of ${platformLabel(platform)}. Begin again there.`,
			"foreign_start",
		);
	const { app, ...address } =
		start.sandboxStoreId === null
			? { ...hostsStore(platform, start.baseUrl), app: null }
			: await sandboxStore(ctx, start.sandboxStoreId);
	const state = randomBytes(32).toString("hex");
	const to = start.onward({ state, redirectUri: returnAddress(platform, origin) });
	const redirectTo = consentPage(platform, address, to);
	const attemptId = await beginAttempt(ctx, { ...address, platform, secret: state, app });
	return { attemptId, state, redirectTo };
}

type Start = Pick<ConsentStart, "onward"> &
	({ baseUrl: string; sandboxStoreId: null } | { baseUrl: null; sandboxStoreId: string });

/** Null: it leads to no page of the platform, nor of a sandbox store of it. */
async function readStart(platform: ConnectablePlatform, query: URLSearchParams): Promise<Start | null> {
	const { consent } = await platformFor(platform);
	const start = consent?.readStart?.(query);
	if (!start) return null;
	const { baseUrl, onward } = start;
	if (baseUrl !== null) return { baseUrl, sandboxStoreId: null, onward };
	const sandbox = readSandboxAddress(start.page);
	if (sandbox?.platform !== platform) return null;
	// The store's page says this address as the browser does, which is not always as we do.
	const onwardHere: ConsentStart["onward"] = (visit) => {
		const { pathname, search } = new URL(onward(visit));
		return `${sandboxOrigin()}${pathname}${search}`;
	};
	return { baseUrl: null, sandboxStoreId: sandbox.storeId, onward: onwardHere };
}

function hostsStore(platform: ConnectablePlatform, baseUrl: string): StoreAddress {
	if (!hostApp(platform)) throw noApp(platform);
	return { baseUrl, isSandbox: false };
}

/** A sandbox store has an app of its own in the place of the host's. */
async function sandboxStore(ctx: Context, storeId: string): Promise<StoreAddress & { app: AppCredentials }> {
	const { sandbox, store } = await ownStore(ctx, storeId);
	const { clientId = "", clientSecret = "", applicationId } = store.secrets;
	const app = { clientId: joinedIds(clientId, applicationId), clientSecret };
	return { baseUrl: storeBaseUrl(sandbox, store), isSandbox: true, app };
}
