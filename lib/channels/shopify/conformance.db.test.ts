import { testChannelAdapter } from "../testing";
import { shopify } from ".";

testChannelAdapter({
	adapter: shopify,
	accessOf: ({ accessToken = "" }) => ({ kind: "token", accessToken }),
	expiringAccessOf: ({ clientId = "", clientSecret = "" }) => ({ kind: "client_credentials", clientId, clientSecret }),
	settings: { deliveryDelayMs: { least: 0, most: 5 }, cancelMs: 0 },
	unable: { "of a decimal only whole units are sold": "Shopify counts whole units" },
});
