/** For tests: a sandbox store with a product of more variants than a page holds, and a connection to it by a pasted token. */
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { createSandboxStore, sandboxKeys } from "@/lib/sandbox/stores";
import type { TestSandbox } from "@/lib/sandbox/testing";
import { variant as plain, type SeedVariant } from "@/lib/sandbox/testing/seeds";
import { connectedStore } from "../../testing/connected-store";
import { connectionsTo, learnedFrom } from "../../testing/connection";
import { shopify } from "../adapter";

const variant = (sku: string, quantity: number | null, more: Partial<SeedVariant> = {}) =>
	plain(sku, quantity, { options: "Blue / L", price: "12.00", ...more });
const products: SeedProduct[] = [
	{ title: "Mug", variants: [variant("MUG-1", 5, { gtin: "4006381333931" }), variant("MUG-2", 0)] },
	{ title: "Poster", variants: [variant("POSTER", null)] },
	{ title: "Scarf", variants: Array.from({ length: 130 }, (_, n) => variant(`SCARF-${n}`, n)) },
];

export async function openStore(sandbox: TestSandbox) {
	const store = await createSandboxStore(sandbox.ctx, {
		platform: "shopify",
		name: "Nordlicht",
		products,
		settings: { deliveryDelayMs: { least: 0, most: 5 }, cancelMs: 0 },
	});
	const { baseUrl, access: copied, webhookSecret } = await sandboxKeys(sandbox.ctx, store.id);
	const { clientId = "", clientSecret = "" } = copied;
	const connectWith = connectionsTo({ baseUrl, now: sandbox.now });
	const access = { kind: "token", ...copied };
	const { locationRef } = learnedFrom(await shopify.connect(connectWith(access)));
	const connected = await connectedStore(shopify, sandbox, store, connectWith(access, { locationRef }));
	return { ...connected, store, app: { clientId, clientSecret }, secret: webhookSecret ?? "" };
}
