import { z } from "zod";
import type { Check } from "@/lib/channels/channel-adapter";
import { ChannelError } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import { clientCredentialsGrant } from "@/lib/channels/shopify";
import { authorise, type Context } from "../context";
import { type Connected, type ConnectInput, connectStore } from "./connect-store";
import { mayCallPrivate } from "./open-connection";
import { readAddress, type StoreAddress } from "./read-address";
import { readShopifyApp, readShopifyToken, readWooKeys } from "./read-keys";

const typed = z.string().max(500, "This is too long to be right.").default("");

export const keysInput = z.discriminatedUnion("way", [
	z.object({ way: z.literal("client_credentials"), address: typed, clientId: typed, clientSecret: typed }),
	z.object({ way: z.literal("token"), address: typed, accessToken: typed, apiSecret: typed }),
	z.object({ way: z.literal("woocommerce_keys"), address: typed, consumerKey: typed, consumerSecret: typed }),
]);

/** Connects a store with what somebody pasted. Throws Unacceptable for what can't be right before anything is asked. */
export async function connectWithKeys(ctx: Context, input: unknown): Promise<Connected> {
	authorise(ctx, "manager");
	const given = keysInput.parse(input);
	switch (given.way) {
		case "client_credentials": {
			const address = readAddress("shopify", given.address);
			return connectOrReport(ctx, address, () => withClientCredentials(address, readShopifyApp(given)));
		}
		case "token": {
			const { accessToken, apiSecret } = readShopifyToken(given);
			return connectStore(ctx, {
				platform: "shopify",
				...readAddress("shopify", given.address),
				access: { kind: "token", accessToken },
				webhookSecret: apiSecret,
			});
		}
		case "woocommerce_keys":
			return connectStore(ctx, {
				platform: "woocommerce",
				...readAddress("woocommerce", given.address),
				access: readWooKeys(given),
			});
	}
}

async function withClientCredentials(
	address: StoreAddress,
	app: { clientId: string; clientSecret: string },
): Promise<ConnectInput> {
	const http = createHttpClient({ allowPrivate: mayCallPrivate(address.isSandbox), secrets: [app.clientSecret] });
	const granted = await clientCredentialsGrant({ http, baseUrl: address.baseUrl, now: () => new Date() }, app);
	return {
		platform: "shopify",
		...address,
		access: granted.access,
		accessExpiresAt: granted.expiresAt,
		webhookSecret: app.clientSecret,
	};
}

/** What the store answers before there is access is a failed check like any other. */
export async function connectOrReport(
	ctx: Context,
	address: StoreAddress,
	grant: () => Promise<ConnectInput>,
): Promise<Connected> {
	let input: ConnectInput;
	try {
		input = await grant();
	} catch (error) {
		if (error instanceof ChannelError) return { result: "failed", checks: grantChecks(address, error) };
		throw error;
	}
	return connectStore(ctx, input);
}

function grantChecks({ baseUrl }: StoreAddress, error: ChannelError): Check[] {
	const host = new URL(baseUrl).host;
	if (error.reason !== "access_revoked")
		return [{ name: "address", state: "failed", sentence: error.message, fix: error.fix }];
	return [
		{ name: "address", state: "passed", sentence: `A Shopify store answers at ${host}.`, fix: null },
		{
			name: "credentials",
			state: "failed",
			sentence: "Shopify does not let this app in with this client id and secret.",
			fix: "Copy both again from the app's settings in Shopify's developer dashboard, and make sure that the app is installed on this store and belongs to the same organisation.",
		},
	];
}
