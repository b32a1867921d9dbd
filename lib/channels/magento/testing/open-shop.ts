/** For tests: a sandbox store, and a connection to it as connecting it leaves one. */
import type { MagentoSettings } from "@/lib/sandbox/magento/settings";
import { openTestShop } from "@/lib/sandbox/magento/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import type { TestSandbox } from "@/lib/sandbox/testing";
import { catalogue, product } from "@/lib/sandbox/testing/seeds";
import type { WriteRow } from "../../listing";
import { connectedStore } from "../../testing/connected-store";
import { connectionsTo, learnedFrom } from "../../testing/connection";
import { magento } from "..";

export const catalogueWithNone: SeedProduct[] = [...catalogue, product("MUG", 0, "Mug")];

export type Options = { products?: SeedProduct[]; settings?: Partial<MagentoSettings> };

export async function openShop(sandbox: TestSandbox, { products = catalogueWithNone, settings }: Options = {}) {
	const shop = await openTestShop(sandbox, { products, settings });
	const connectWith = connectionsTo({ baseUrl: shop.baseUrl, now: sandbox.now, timeoutMs: 4_000 });
	const access = { ...shop.tokens };
	const connection = connectWith(access, learnedFrom(await magento.connect(connectWith(access))));
	const connected = await connectedStore(magento, sandbox, shop.store, connection);
	return {
		...shop,
		...connected,
		connectWith,
		row: (sku: string, quantity: number, open = 0, expected?: number): WriteRow => ({
			...connected.row(sku, quantity, expected),
			open,
		}),
		async level(sku: string) {
			const level = await connected.level(sku);
			return level && { quantity: level.quantity, ...level.reservations };
		},
	};
}
