/** What each platform's folder brings. Loaded when first asked for: a process that serves one platform loads one. */
import type { ChannelAdapter } from "./channel-adapter";
import type { Consent } from "./consent";
import type { PasteForm } from "./paste-form";

/** The adapter under the platform's own name, how its keys are pasted, and how its OAuth goes where it has one. */
type PlatformModule<Platform extends string> = Record<Platform, ChannelAdapter> & {
	pasteForm: PasteForm;
	consent?: Consent;
};

const modulesOf = <Platform extends string>(modules: { [P in Platform]: () => Promise<PlatformModule<NoInfer<P>>> }) =>
	modules;

const modules = modulesOf({
	shopify: () => import("./shopify"),
	woocommerce: () => import("./woocommerce"),
	amazon: () => import("./amazon"),
	api2cart: () => import("./api2cart"),
	bigcommerce: () => import("./bigcommerce"),
	magento: () => import("./magento"),
	square: () => import("./square"),
});

/** A platform that Onecount can connect today. */
export type ConnectablePlatform = keyof typeof modules;

export const connectablePlatforms = Object.keys(modules) as ConnectablePlatform[];

export const isConnectable = (platform: string): platform is ConnectablePlatform => Object.hasOwn(modules, platform);

type Brought = { adapter: ChannelAdapter; pasteForm: PasteForm; consent: Consent | null };

const loaded = new Map<ConnectablePlatform, Promise<Brought>>();

async function load<Platform extends ConnectablePlatform>(platform: Platform): Promise<Brought> {
	const brought: PlatformModule<Platform> = await modules[platform]();
	return { adapter: brought[platform], pasteForm: brought.pasteForm, consent: brought.consent ?? null };
}

/** Throws for a platform that has no adapter: nothing can have been connected there. */
export async function platformFor(platform: string): Promise<Brought> {
	if (!isConnectable(platform)) throw new Error(`no adapter for ${platform}`);
	// Kept: to import again is to resolve again, which costs more than all else that a webhook needs.
	const brought = loaded.get(platform) ?? load(platform);
	loaded.set(platform, brought);
	return brought;
}

export const adapterFor = async (platform: string): Promise<ChannelAdapter> => (await platformFor(platform)).adapter;
