/** How WordPress calls out. */
import { isPublicAddress } from "@/lib/channels/http";
import { wooVersion, wordpressVersion } from "./settings";

export const hookshot = () => ({
	"user-agent": `WooCommerce/${wooVersion} Hookshot (WordPress/${wordpressVersion})`,
	accept: "*/*",
});

/** WordPress calls no private address and no port but 80, 443 and 8080, unless it is its own. */
export function isBlocked(address: string, home: string): boolean {
	const url = new URL(address);
	const own = new URL(home);
	if (url.hostname === own.hostname && url.port === own.port) return false;
	const host = url.hostname.replace(/^\[|\]$/g, "");
	if (host === "localhost" || (/^[\d.]+$|:/.test(host) && !isPublicAddress(host))) return true;
	return url.port !== "" && url.port !== "8080";
}
