/**
 * Adding a store to an API2Cart account by what its cart asks for: which carts there are with their parameters, as data
 * that a form can be drawn from, and the call that adds it.
 */
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { storeKeyOf } from "./address";
import { addedCart, cartList, supportedPlatforms, updated } from "./api-types";
import { callA2c } from "./client";
import { A2cError, isCode } from "./codes";

export type CartParameter = { name: string; description: string | null; isSecret: boolean };
export type Cart = {
	cartId: string;
	name: string;
	/** How it is connected, in API2Cart's word (`api`, `bridge`, `plugin`); one cart may be there once for each. */
	method: string | null;
	/** Each set is enough by itself. */
	required: CartParameter[][];
	additional: CartParameter[];
};

type Platform = z.output<typeof supportedPlatforms>["supported_platforms"][number];

/** Words of parameters that nobody should look over one's shoulder for. */
const secretWords = /secret|token|password|pass$|_key$|private/i;

/** Pure. Sorted by name; a platform without an id can't be added. */
export function cartsOf(platforms: readonly Platform[]): Cart[] {
	return platforms
		.map(({ cart_id: cartId, cart_name: name, cart_method: method, params }) => ({
			cartId,
			name: name || cartId,
			method: method || null,
			required: (params?.required ?? []).map((set) => set.map(parameterOf)),
			additional: (params?.additional ?? []).map(parameterOf),
		}))
		.sort((a, b) => a.name.localeCompare(b.name));
}

const parameterOf = ({ name, description }: { name: string; description?: string | null }): CartParameter => ({
	name,
	description: description || null,
	isSecret: secretWords.test(name),
});

/** Pure. What is still to be typed before a cart can be added: of the set that is nearest to whole. */
export function missingOf(cart: Cart, typed: Readonly<Record<string, string>>): CartParameter[] {
	const open = cart.required.map((set) => set.filter(({ name }) => !typed[name]?.trim()));
	return (
		open.reduce<CartParameter[] | null>((best, set) => (best && best.length <= set.length ? best : set), null) ?? []
	);
}

type Account = Pick<Connection, "baseUrl" | "http" | "now"> & { accountKey: string };

const connectionOf = ({ accountKey, ...account }: Account): Connection => ({
	...account,
	channelId: "account",
	access: { accountKey },
	locationRef: "",
	facts: {},
});

/** Which carts and marketplaces API2Cart can connect. Throws ChannelError. */
export async function listCarts(account: Account): Promise<Cart[]> {
	const call = { verb: "GET", method: "account.supported_platforms", isAccountWide: true } as const;
	const { result } = await callA2c(connectionOf(account), call, supportedPlatforms);
	return cartsOf(result.supported_platforms);
}

export type NewCart = { cart: Cart; storeUrl: string; label: string; typed: Readonly<Record<string, string>> };
export type AddedCart = {
	storeKey: string;
	/** It was in the account before, and has the credentials that were typed now. */
	isKnown: boolean;
};

/**
 * Adds a store, its credentials checked there. A store that the account has already is given those that were typed, and gives
 * its key. Throws ChannelError.
 */
export async function addCart(account: Account, { cart, storeUrl, label, typed }: NewCart): Promise<AddedCart> {
	const names = new Set([...cart.required.flat(), ...cart.additional].map(({ name }) => name));
	const given = Object.entries(typed).filter(([name, value]) => names.has(name) && value.trim() !== "");
	const body = {
		...Object.fromEntries(given),
		cart_id: cart.cartId,
		store_url: storeUrl,
		custom_label: label,
		verify: true,
	};
	const connection = connectionOf(account);
	try {
		const call = { verb: "POST", method: "account.cart.add", isAccountWide: true, body } as const;
		return { storeKey: (await callA2c(connection, call, addedCart)).result.store_key, isKnown: false };
	} catch (error) {
		if (!isCode(error, 8)) throw error;
		const storeKey = await knownKey(connection, cart, storeUrl);
		await renewCredentials(connection, storeKey, given);
		return { storeKey, isKnown: true };
	}
}

/** One address may be connected in several ways, each a cart with a key of its own. */
async function knownKey(connection: Connection, { cartId, name }: Cart, storeUrl: string): Promise<string> {
	const call = {
		verb: "GET",
		method: "account.cart.list",
		isAccountWide: true,
		query: { store_url: storeUrl },
	} as const;
	const { result } = await callA2c(connection, call, cartList);
	const wanted = storeKeyOf(cartId, storeUrl);
	const known = result.carts.find((one) => storeKeyOf(one.cart_id, one.url) === wanted);
	if (known) return known.store_key;
	throw new A2cError(
		"refused",
		`API2Cart says that this store is there already, and lists none of the kind ${name} at this address.`,
		{
			fix: "Copy its store key from API2Cart's list of stores, and connect with that.",
			code: "8",
		},
	);
}

/** What the adding of a store alone takes, beside its credentials. */
const ofAddingAlone = /^(store_url|store_key|ftp_.*)$/;

async function renewCredentials(
	connection: Connection,
	storeKey: string,
	given: readonly (readonly [name: string, value: string])[],
): Promise<void> {
	const changed = given.filter(([name]) => !ofAddingAlone.test(name));
	if (changed.length === 0) return;
	const query = { ...Object.fromEntries(changed), replace_parameters: true };
	const access = { ...connection.access, storeKey };
	await callA2c({ ...connection, access }, { verb: "PUT", method: "account.config.update", query }, updated);
}
