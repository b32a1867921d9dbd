/** Webhooks of ours among a store's. */
import { ChannelError } from "./errors";

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
