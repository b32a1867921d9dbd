/** Which adapter speaks to which platform. Loaded when first asked for: a process that serves one platform loads one. */
import type { ChannelAdapter } from "./channel-adapter";

const adapters = {
	shopify: async () => (await import("./shopify")).shopify,
	square: async () => (await import("./square")).square,
	woocommerce: async () => (await import("./woocommerce")).woocommerce,
} satisfies Record<string, () => Promise<ChannelAdapter>>;

/** A platform that Onecount can connect today. */
export type ConnectablePlatform = keyof typeof adapters;

export const connectablePlatforms = Object.keys(adapters) as ConnectablePlatform[];

export const isConnectable = (platform: string): platform is ConnectablePlatform => Object.hasOwn(adapters, platform);

const loaded = new Map<ConnectablePlatform, Promise<ChannelAdapter>>();

/** Throws for a platform that has no adapter: nothing can have been connected there. */
export async function adapterFor(platform: string): Promise<ChannelAdapter> {
	if (!isConnectable(platform)) throw new Error(`no adapter for ${platform}`);
	// Kept: to import again is to resolve again, which costs more than all else that a webhook needs.
	const adapter = loaded.get(platform) ?? adapters[platform]();
	loaded.set(platform, adapter);
	return adapter;
}
