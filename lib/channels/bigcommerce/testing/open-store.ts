/** For tests: a sandbox store, and a connection to it that nobody has asked anything through but for its listings. */
import type { BigCommerceSettings } from "@/lib/sandbox/bigcommerce/settings";
import { openTestStore } from "@/lib/sandbox/bigcommerce/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { setKnobs } from "@/lib/sandbox/stores";
import type { TestSandbox } from "@/lib/sandbox/testing";
import { cup, loose, poster, sized } from "@/lib/sandbox/testing/seeds";
import { connectedStore } from "../../testing/connected-store";
import { connectionsTo } from "../../testing/connection";
import { bigcommerce } from "..";

/** The largest tee never had a number. */
const catalogue: SeedProduct[] = [cup, loose, sized("Tee", { S: 5, M: 7, L: null }), poster];

export type Options = {
	products?: SeedProduct[];
	settings?: Partial<BigCommerceSettings>;
	/** Once its listings were read. */
	knobs?: Parameters<typeof setKnobs>[2];
	facts?: Record<string, unknown>;
};

export async function openStore(
	sandbox: TestSandbox,
	{ products = catalogue, settings, knobs, facts = {} }: Options = {},
) {
	const shop = await openTestStore(sandbox, { products, settings });
	const { baseUrl } = shop;
	const connectWith = connectionsTo({ baseUrl, now: sandbox.now, locationRef: "1", facts, timeoutMs: 5_000 });
	const connected = await connectedStore(bigcommerce, sandbox, shop.store, connectWith({ ...shop.access }));
	if (knobs) await setKnobs(sandbox.ctx, shop.store.id, knobs);
	return { ...shop, ...connected, connectWith };
}
