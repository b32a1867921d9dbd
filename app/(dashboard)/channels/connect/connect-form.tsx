/** The form of one platform, for its own page and for the page that one comes back to from the store. */
import { headers } from "next/headers";
import { ShopifyForm } from "@/components/channels/connect/shopify-form";
import { shopifyWays, wooWays } from "@/components/channels/connect/ways";
import { WooForm } from "@/components/channels/connect/woocommerce-form";
import type { KeptCheck } from "@/db/schema";
import type { ConnectablePlatform } from "@/lib/channels/registry";
import { askedScopes } from "@/lib/channels/shopify";
import { env } from "@/lib/env";
import { connectActions } from "../channel-actions";

export async function ConnectForm({
	platform,
	way,
	address,
	problem = null,
	checks = [],
}: {
	platform: ConnectablePlatform;
	way: string;
	address: string;
	problem?: string | null;
	checks?: KeptCheck[];
}) {
	const { publicUrl, port, shopifyApp } = env();
	const shared = { address, problem, checks, actions: connectActions };
	if (platform === "woocommerce") {
		const hasHttps = publicUrl?.startsWith("https://") ?? false;
		const chosen = wooWays.find((one) => one === way) ?? (hasHttps ? "agree" : "keys");
		return <WooForm way={chosen} hasHttps={hasHttps} {...shared} />;
	}
	const origin = publicUrl ?? `http://${(await headers()).get("host") ?? `localhost:${port}`}`;
	const chosen = shopifyWays.find((one) => one === way) ?? "install";
	return (
		<ShopifyForm
			way={chosen}
			hasHostApp={shopifyApp !== null}
			redirectUri={`${origin}/api/oauth/shopify`}
			scopes={Object.entries(askedScopes).map(([scope, why]) => ({ scope, why }))}
			{...shared}
		/>
	);
}
