/** Webhooks of ours among a store's. */
import { ChannelError } from "./errors";
import { isPublicAddress } from "./http";
import type { WebhookRegistration } from "./news";

const pathOf = (address: string): string | null => (URL.canParse(address) ? new URL(address).pathname : null);

/** They are known by the path of their address: its host comes and goes, with a tunnel or another domain. */
export function sharesPath(callbackUrl: string, address: string): boolean {
	const path = pathOf(callbackUrl);
	return path !== null && pathOf(address) === path;
}

/** Gone already is as good as deleted. */
export async function unlessGone(deletion: Promise<unknown>): Promise<void> {
	try {
		await deletion;
	} catch (error) {
		if (!(error instanceof ChannelError && error.reason === "gone")) throw error;
	}
}

/** Of which none was taken tell of no sale: their channel is polled like one without. */
export const stateOf = (wanted: readonly unknown[], missing: readonly string[]): WebhookRegistration["state"] =>
	missing.length < wanted.length ? "registered" : "unreachable";

export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "").toLowerCase();

/** Of this machine or this network: nobody calls it from the internet. */
export function isPrivateHost(host: string): boolean {
	const isName = !/^[\d.]+$|:/.test(host);
	return isName ? host === "localhost" || /\.(local|localhost|internal|lan)$/.test(host) : !isPublicAddress(host);
}
