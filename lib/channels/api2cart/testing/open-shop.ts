/** For tests: a sandbox account of API2Cart, and a connection to its store as connecting it leaves one. */
import type { A2cSettings } from "@/lib/sandbox/api2cart/settings";
import { type BackingKind, openTestAccount } from "@/lib/sandbox/api2cart/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { setKnobs } from "@/lib/sandbox/stores";
import type { TestSandbox } from "@/lib/sandbox/testing";
import { catalogue } from "@/lib/sandbox/testing/seeds";
import { connectedStore } from "../../testing/connected-store";
import { connectionsTo, learnedFrom } from "../../testing/connection";
import { api2cart } from "..";

export type Options = {
	behind?: BackingKind;
	products?: SeedProduct[];
	settings?: Partial<A2cSettings>;
	/** Once its listings were read. */
	knobs?: Parameters<typeof setKnobs>[2];
	timeoutMs?: number;
};

export async function openShop(
	sandbox: TestSandbox,
	{ behind = "woocommerce", products = catalogue, settings, knobs, timeoutMs = 20_000 }: Options = {},
) {
	const shop = await openTestAccount(sandbox, { behind, products, settings });
	const connectWith = connectionsTo({ baseUrl: shop.baseUrl, now: sandbox.now, timeoutMs });
	const report = await api2cart.connect(connectWith(shop.access));
	const connection = connectWith(shop.access, learnedFrom(report));
	const connected = await connectedStore(api2cart, sandbox, shop.store, connection);
	if (knobs) await setKnobs(sandbox.ctx, shop.store.id, knobs);
	return { ...shop, ...connected, connectWith, report };
}
