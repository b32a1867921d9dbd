/** For tests: a sandbox shop, and a connection to it that nobody has asked anything through but for its listings. */
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { setKnobs } from "@/lib/sandbox/stores";
import type { TestSandbox } from "@/lib/sandbox/testing";
import { catalogue, poster } from "@/lib/sandbox/testing/seeds";
import type { WooSettings } from "@/lib/sandbox/woocommerce/settings";
import { openTestShop } from "@/lib/sandbox/woocommerce/testing";
import { connectedStore } from "../../testing/connected-store";
import { connectionsTo } from "../../testing/connection";
import { woocommerce } from "..";

export type Options = {
	products?: SeedProduct[];
	settings?: Partial<WooSettings>;
	/** Once its listings were read. */
	knobs?: Parameters<typeof setKnobs>[2];
	facts?: Record<string, unknown>;
};

export async function openShop(
	sandbox: TestSandbox,
	{ products = [...catalogue, poster], settings, knobs, facts = {} }: Options = {},
) {
	const shop = await openTestShop(sandbox, { products, settings });
	const connectWith = connectionsTo({ baseUrl: shop.baseUrl, now: sandbox.now, facts, timeoutMs: 400 });
	const connected = await connectedStore(woocommerce, sandbox, shop.store, connectWith({ ...shop.keys }));
	if (knobs) await setKnobs(sandbox.ctx, shop.store.id, knobs);
	return { ...shop, ...connected, connectWith };
}
