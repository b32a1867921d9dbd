import { isIP } from "node:net";
import type { ConnectablePlatform } from "@/lib/channels/registry";
import { normaliseShop } from "@/lib/channels/shopify";
import { normaliseShopUrl } from "@/lib/channels/woocommerce";
import { env } from "@/lib/env";
import { Unacceptable } from "../errors";
import { sandboxOrigin } from "./public-address";

export type StoreAddress = {
	/** Without trailing slash. */
	baseUrl: string;
	isSandbox: boolean;
};

/**
 * What people paste → where the store's API answers. Throws Unacceptable with what to type instead. A sandbox store is
 * one by its address here and nowhere else, so that nothing typed can open the way to another private address.
 */
export function readAddress(platform: ConnectablePlatform, typed: string): StoreAddress {
	const text = cleanPaste(typed);
	if (text === "") throw new Unacceptable("Type the address of the store.", "address_missing");
	const sandbox = readSandboxAddress(text);
	if (sandbox) {
		if (sandbox.platform !== platform)
			throw new Unacceptable(
				`This sandbox store speaks another platform. Go back and choose ${sandbox.platform === "shopify" ? "Shopify" : "WooCommerce"}.`,
				"other_platform",
			);
		return { baseUrl: `${sandboxOrigin()}${sandbox.path}`, isSandbox: true };
	}
	return { baseUrl: platform === "shopify" ? readShop(text) : readShopUrl(text), isSandbox: false };
}

/** What comes along when text is copied: spaces, line breaks, quotation marks, invisible characters. */
export const cleanPaste = (text: string): string =>
	text.replace(/[\s\u200B-\u200D\u2060\uFEFF]/g, "").replace(/^["'“”„‘’`<]+|["'“”‘’`>]+$/g, "");

function readSandboxAddress(text: string): { platform: string; path: string } | null {
	if (!env().sandbox) return null;
	const [, host = "", path = "", platform = ""] =
		/^https?:\/\/([^/]+)(\/sandbox\/([a-z0-9_]+)\/[A-Za-z0-9_-]+)/.exec(text) ?? [];
	const { port, publicUrl } = env();
	const own = [`127.0.0.1:${port}`, `localhost:${port}`, publicUrl && new URL(publicUrl).host];
	return own.includes(host) ? { platform, path } : null;
}

function readShop(text: string): string {
	const shop = normaliseShop(text);
	if (shop) return `https://${shop}`;
	const host = text
		.replace(/^https?:\/\//i, "")
		.replace(/[/?#].*$/, "")
		.toLowerCase();
	if (isIP(host.replace(/:\d+$/, "")) || /^localhost(:|$)|shopify\.com/.test(host))
		throw new Unacceptable(
			`${host} is no Shopify store. A store's address is its name and .myshopify.com, with nothing else around it.`,
			"not_a_shop",
		);
	throw new Unacceptable(
		`${host} is the address that buyers see. Onecount needs the one that ends in .myshopify.com: in Shopify under Settings → Domains.`,
		"own_domain",
	);
}

function readShopUrl(text: string): string {
	const url = normaliseShopUrl(text);
	if (url) return url;
	throw new Unacceptable(
		"This is no web address. Type it as it stands in the browser when the shop is open, e.g. https://shop.example.com.",
		"not_an_address",
	);
}
