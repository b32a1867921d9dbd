/**
 * Where a store answers: `https://api.bigcommerce.com/stores/<hash>`, with the version behind it, and the login host
 * beside it. A store elsewhere (a sandbox) has both below its own address.
 */
const apiHost = "https://api.bigcommerce.com";
const loginHost = "https://login.bigcommerce.com";

export const isStoreHash = (text: string) => /^[a-z0-9]{5,20}$/.test(text);

export const baseUrlOf = (storeHash: string) => `${apiHost}/stores/${storeHash}`;

/** Null for a store that is not at BigCommerce's own host. */
export function storeHashOf(baseUrl: string): string | null {
	const [, hash = ""] = /^https:\/\/api\.bigcommerce\.com\/stores\/([^/]+)$/.exec(baseUrl) ?? [];
	return isStoreHash(hash) ? hash : null;
}

/** True where BigCommerce's own rules of the web hold for the store. */
export const isAtBigCommerce = (baseUrl: string) => baseUrl === "" || baseUrl.startsWith(`${apiHost}/`);

export const tokenUrlOf = (baseUrl: string) =>
	isAtBigCommerce(baseUrl) ? `${loginHost}/oauth2/token` : `${baseUrl}/login/oauth2/token`;

/** `stores/abc123`, as BigCommerce names a store in news, sign-ins and signed tokens → `abc123`; null for anything else. */
export function storeOfContext(context: string | null | undefined): string | null {
	const [, hash = ""] = /^stores\/([^/]+)$/.exec(context ?? "") ?? [];
	return isStoreHash(hash) ? hash : null;
}
