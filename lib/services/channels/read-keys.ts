/** What people paste as keys, cleaned and told apart: each mistake that is known is named with what to do. */
import { Unacceptable } from "../errors";
import { cleanPaste } from "./read-address";

export type ShopifyApp = { clientId: string; clientSecret: string };

export function readShopifyApp(typed: { clientId: string; clientSecret: string }): ShopifyApp {
	const [clientId, clientSecret] = [cleanPaste(typed.clientId), cleanPaste(typed.clientSecret)];
	if (!clientId || !clientSecret)
		throw new Unacceptable("Paste both the client id and the secret of the app.", "keys_missing");
	// Pasted the other way round: nothing else begins like this.
	if (clientId.startsWith("shpss_") && !clientSecret.startsWith("shpss_"))
		return { clientId: clientSecret, clientSecret: clientId };
	if (/^shp(at|ca|pa)_/.test(clientId) || /^shp(at|ca|pa)_/.test(clientSecret))
		throw new Unacceptable("This is an access token. Paste it under “Access token” instead.", "token_as_secret");
	return { clientId, clientSecret };
}

export function readShopifyToken(typed: { accessToken: string; apiSecret: string }): {
	accessToken: string;
	apiSecret: string | null;
} {
	const [accessToken, apiSecret] = [cleanPaste(typed.accessToken), cleanPaste(typed.apiSecret)];
	if (!accessToken) throw new Unacceptable("Paste the Admin API access token.", "keys_missing");
	if (accessToken.startsWith("shpss_"))
		throw new Unacceptable(
			apiSecret.startsWith("shpat_")
				? "Token and secret are swapped: the token begins with shpat_, the secret with shpss_."
				: "This is the app's API secret key. The access token begins with shpat_.",
			"secret_as_token",
		);
	if (/^[0-9a-f]{32}$/.test(accessToken))
		throw new Unacceptable(
			"This is the app's API key. The access token begins with shpat_; Shopify shows it once, when the app is installed.",
			"key_as_token",
		);
	return { accessToken, apiSecret: apiSecret || null };
}

export function readWooKeys(typed: { consumerKey: string; consumerSecret: string }): {
	consumerKey: string;
	consumerSecret: string;
} {
	const [first, second] = [cleanPaste(typed.consumerKey), cleanPaste(typed.consumerSecret)];
	if (!first || !second) throw new Unacceptable("Paste both the consumer key and the consumer secret.", "keys_missing");
	const isSwapped = first.startsWith("cs_") && second.startsWith("ck_");
	const [consumerKey, consumerSecret] = isSwapped ? [second, first] : [first, second];
	if (!consumerKey.startsWith("ck_"))
		throw new Unacceptable(
			"A consumer key begins with ck_. WooCommerce shows it under Settings → Advanced → REST API, once, when the key is made.",
			"not_a_key",
		);
	if (!consumerSecret.startsWith("cs_"))
		throw new Unacceptable(
			"A consumer secret begins with cs_. It stands right below the consumer key.",
			"not_a_secret",
		);
	return { consumerKey, consumerSecret };
}
