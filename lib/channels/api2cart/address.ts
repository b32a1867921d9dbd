/** Which store it is, and where its news can go. */
import { hostOf, isPrivateHost } from "../own-webhooks";

export const apiBase = "https://api.api2cart.com";

/** A store's identity: its platform and address, whatever key it has at the moment. */
export function storeKeyOf(cartId: string, address: string): string {
	try {
		const url = new URL(address.includes("://") ? address : `https://${address}`);
		return `${cartId}:${url.host.toLowerCase()}${url.pathname.replace(/\/+$/, "")}`;
	} catch {
		return `${cartId}:${address.trim().toLowerCase()}`;
	}
}

/** Why API2Cart would not reach an address, or null. It calls from the internet; a sandbox account from its own host. */
export function undeliverable(callbackUrl: string, baseUrl: string): string | null {
	const to = new URL(callbackUrl);
	if (hostOf(to) === hostOf(new URL(baseUrl))) return null;
	return isPrivateHost(hostOf(to)) ? `API2Cart can't reach ${to.host}, which is a private address` : null;
}
