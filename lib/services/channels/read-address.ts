import {
	addressField,
	longestPaste,
	meant,
	type Reading,
	tooLong,
	wrongAddress,
	wrongField,
} from "@/lib/channels/paste-reading";
import type { ConnectablePlatform } from "@/lib/channels/registry";
import { platformFor } from "@/lib/channels/registry";
import { env } from "@/lib/env";
import { platformLabel } from "@/lib/format/platforms";
import { sandboxOrigin } from "./public-address";
import { cleanPaste } from "./read-pasted";

export type StoreAddress = {
	/** Without trailing slash. */
	baseUrl: string;
	isSandbox: boolean;
};

/**
 * What people paste → where the store's API answers. A sandbox store is one by its address here and nowhere else, so that
 * nothing typed can open the way to another private address.
 */
export async function readAddress(platform: ConnectablePlatform, typed: string): Promise<Reading<StoreAddress>> {
	const text = cleanPaste(typed);
	if (text.length > longestPaste) return wrongField(addressField, tooLong);
	const sandbox = readSandboxAddress(text);
	if (!sandbox) {
		const { pasteForm } = await platformFor(platform);
		const address = pasteForm.readAddress(text);
		return address.result === "meant" ? meant({ baseUrl: address.value, isSandbox: false }) : address;
	}
	if (sandbox.platform !== platform)
		return wrongAddress(
			`This sandbox store speaks another platform. Go back and choose ${platformLabel(sandbox.platform)}.`,
			"other_platform",
		);
	return meant({ baseUrl: `${sandboxOrigin()}${sandbox.path}`, isSandbox: true });
}

/** Of anything below a sandbox store's address on this installation; null for every other address, and without sandboxes. */
export function readSandboxAddress(text: string): { platform: string; path: string; storeId: string } | null {
	if (!env().sandbox) return null;
	const [, host = "", path = "", platform = "", storeId = ""] =
		/^https?:\/\/([^/]+)(\/sandbox\/([a-z0-9_]+)\/([A-Za-z0-9_-]+))/.exec(text) ?? [];
	const { port, publicUrl } = env();
	const own = [`127.0.0.1:${port}`, `localhost:${port}`, publicUrl && new URL(publicUrl).host];
	return own.includes(host) ? { platform, path, storeId } : null;
}
