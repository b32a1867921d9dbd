"use server";

import { cookies, headers } from "next/headers";
import { requireMember } from "@/lib/auth/gate";
import { runAction } from "@/lib/services/action";
import { listCartChoices } from "@/lib/services/channels/add-cart";
import { beginStart } from "@/lib/services/channels/begin-start";
import { connectInstall } from "@/lib/services/channels/connect-install";
import { connectWithKeys } from "@/lib/services/channels/connect-with-keys";
import { disconnectChannel } from "@/lib/services/channels/disconnect-channel";
import { dryRun } from "@/lib/services/channels/dry-run";
import { checkStore, refreshListings, tryNow } from "@/lib/services/channels/nudge-channel";
import { oauthCookieOptions, oauthStateCookie } from "@/lib/services/channels/oauth-cookie";
import { browserOrigin } from "@/lib/services/channels/public-address";
import { requireLocation } from "@/lib/services/channels/require-location";
import { type DriftPolicyInput, setDriftPolicy } from "@/lib/services/channels/set-drift-policy";
import { setLocation } from "@/lib/services/channels/set-location";
import { setSellingLocations } from "@/lib/services/channels/set-selling-locations";
import { pauseChannel, switchPushingOn } from "@/lib/services/channels/switch-pushing";
import { beginVisit } from "@/lib/services/channels/visit-store";
import { startFromCatalogue } from "@/lib/services/imports/start-from-catalogue";
import { verifyNow } from "@/lib/services/levels/verify-now";
import { addLocation } from "@/lib/services/locations/add-location";
import { acceptProposals } from "@/lib/services/mappings/accept-proposals";
import { setChannelStrategy } from "@/lib/services/stock/set-strategy";

export async function connectWithKeysAction(input: unknown) {
	return runAction("connect a store", async () => connectWithKeys(await requireMember("manager"), input));
}

export async function listCartsAction(input: unknown) {
	return runAction("list an account's carts", async () => listCartChoices(await requireMember("manager"), input));
}

export async function beginVisitAction(input: unknown) {
	return runAction("set out to a store", async () => {
		const origin = browserOrigin(await headers());
		const { state, redirectTo } = await beginVisit(await requireMember("manager"), input, { origin });
		if (state) (await cookies()).set(oauthStateCookie, state, oauthCookieOptions(origin));
		return { redirectTo };
	});
}

export async function beginStartAction(platform: string, query: string) {
	return runAction("set out to a store that asked", async () => {
		const origin = browserOrigin(await headers());
		const { state, redirectTo } = await beginStart(await requireMember("manager"), platform, query, { origin });
		if (state) (await cookies()).set(oauthStateCookie, state, oauthCookieOptions(origin));
		return { redirectTo };
	});
}

export async function confirmInstallAction(platform: string, query: string) {
	return runAction("connect a store that installed our app", async () =>
		connectInstall(await requireMember("manager"), platform, query, { origin: browserOrigin(await headers()) }),
	);
}

export async function checkStoreAction(channelId: string) {
	return runAction("check a store", async () => checkStore(await requireMember("support"), channelId));
}

export async function setLocationAction(channelId: string, locationRef: string) {
	return runAction("set a channel's location", async () =>
		setLocation(await requireMember("manager"), channelId, locationRef),
	);
}

export async function setSellingLocationsAction(channelId: string, locationIds: string[]) {
	return runAction("set what a store sells from", async () =>
		setSellingLocations(await requireMember("manager"), channelId, locationIds),
	);
}

export async function addLocationAction(name: string) {
	return runAction("add a location", async () => addLocation(await requireMember("manager"), name));
}

export async function setChannelStrategyAction(channelId: string, strategy: unknown) {
	return runAction("set how a store shares stock", async () =>
		setChannelStrategy(await requireMember("manager"), channelId, strategy),
	);
}

export async function setDriftPolicyAction(channelId: string, input: DriftPolicyInput) {
	return runAction("set a drift policy", async () => setDriftPolicy(await requireMember("manager"), channelId, input));
}

export async function refreshListingsAction(channelId: string) {
	return runAction("read listings", async () => refreshListings(await requireMember("support"), channelId));
}

export async function verifyNowAction(channelId: string) {
	return runAction("verify a channel's levels", async () => verifyNow(await requireMember("support"), channelId));
}

export async function tryNowAction(channelId: string) {
	return runAction("try a channel", async () => tryNow(await requireMember("support"), channelId));
}

export async function previewStartAction(channelId: string) {
	return runAction("preview a start", async () => {
		const member = await requireMember("manager");
		await requireLocation(member, channelId);
		return startFromCatalogue(member, channelId, { isDryRun: true });
	});
}

export async function startFromCatalogueAction(channelId: string) {
	return runAction("start from a catalogue", async () => {
		const member = await requireMember("manager");
		await requireLocation(member, channelId);
		return startFromCatalogue(member, channelId, { isDryRun: false });
	});
}

/** One step; the page asks again until nothing is left. */
export async function acceptCertainAction(channelId: string, batchId: string | null) {
	return runAction("accept suggestions", async () =>
		acceptProposals(await requireMember("manager"), {
			threshold: 0.95,
			filter: { channelIds: [channelId] },
			batchId: batchId ?? undefined,
		}),
	);
}

/** What would change, looked at by somebody who may switch it on. */
export async function seeDryRunAction(channelId: string) {
	return runAction("look at a dry run", async () =>
		dryRun(await requireMember("manager"), channelId, { markSeen: true }),
	);
}

export async function switchPushingOnAction(channelId: string, confirmed?: { changes: number; toZero: number }) {
	return runAction("switch pushing on", async () =>
		switchPushingOn(await requireMember("manager"), channelId, confirmed),
	);
}

export async function pauseChannelAction(channelId: string, isPaused: boolean) {
	return runAction("pause a channel", async () => pauseChannel(await requireMember("manager"), channelId, isPaused));
}

export async function disconnectChannelAction(channelId: string, typedName: string) {
	return runAction("disconnect a channel", async () =>
		disconnectChannel(await requireMember("manager"), channelId, typedName),
	);
}
