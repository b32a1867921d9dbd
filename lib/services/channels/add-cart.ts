/** Adding a store to an API2Cart account by its cart: what each cart asks for as a form's fields, and the store key that this brings. */
import { addCart, type Cart, type CartParameter, listCarts, missingOf } from "@/lib/channels/api2cart";
import { ChannelError } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import type { PasteField } from "@/lib/channels/paste-form";
import { wordList } from "@/lib/format/list";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import type { ConnectInput } from "./connect-store";
import { mayCallPrivate } from "./open-connection";
import { readAddress, type StoreAddress } from "./read-address";
import { readForm, visitInput } from "./read-pasted";

export type CartChoice = {
	/** What `fields.cart` names it by when it is added. */
	key: string;
	name: string;
	/** How API2Cart connects it, where one cart is there more than once. */
	method: string | null;
	fields: PasteField[];
};

const keyOf = ({ cartId, method }: Cart) => `${cartId}/${method ?? ""}`;

/** The carts that the account can add. Throws Unacceptable, also for what API2Cart answers. */
export async function listCartChoices(ctx: Context, input: unknown): Promise<CartChoice[]> {
	authorise(ctx, "manager");
	const { platform, address, fields } = readForm(visitInput.parse(input));
	const account = accountAt(await readAddress(platform, address), fields);
	try {
		const carts = await listCarts(account);
		const names = carts.map(({ name }) => name);
		return carts.map((cart) => ({
			key: keyOf(cart),
			name: cart.name,
			method: names.filter((name) => name === cart.name).length > 1 ? cart.method : null,
			fields: fieldsOf(cart),
		}));
	} catch (error) {
		if (error instanceof ChannelError)
			throw new Unacceptable([error.message, error.fix].filter(Boolean).join(" "), error.reason);
		throw error;
	}
}

/** Adds the store and returns how it is connected. Throws Unacceptable for what is not filled in, ChannelError for the rest. */
export async function addByCart(address: StoreAddress, typed: Record<string, string>): Promise<ConnectInput> {
	const { accountKey = "", cart: key, ...parameters } = typed;
	const account = accountAt(address, typed);
	const cart = (await listCarts(account)).find((one) => keyOf(one) === key);
	if (!cart) throw new Unacceptable("Choose from API2Cart's list what kind of store it is.", "cart_missing");
	const missing = missingOf(cart, parameters);
	if (missing.length > 0)
		throw new Unacceptable(`Fill in ${wordList(missing.map(labelOf))} as well.`, "parameters_missing");
	const storeUrl = parameters.store_url ?? "";
	const { storeKey } = await addCart(account, { cart, storeUrl, label: `Onecount: ${cart.name}`, typed: parameters });
	return { platform: "api2cart", ...address, access: { accountKey, storeKey }, accessExpiresAt: null };
}

/** Shorter words are no secret, and stand in many an answer. */
const leastSecret = 8;

function accountAt({ baseUrl, isSandbox }: StoreAddress, typed: Record<string, string>) {
	const { accountKey = "" } = typed;
	if (accountKey === "") throw new Unacceptable("Paste the API key of the account.", "keys_missing");
	const secrets = Object.values(typed).filter(({ length }) => length >= leastSecret);
	const http = createHttpClient({ allowPrivate: mayCallPrivate(isSandbox), secrets });
	return { baseUrl, accountKey, http, now: () => new Date() };
}

const labelOf = ({ name, description }: CartParameter) => description ?? name;

/** Of several sets of which one is enough, only what all ask for must be filled in. */
function fieldsOf({ required, additional }: Cart): PasteField[] {
	const isNeeded = (name: string) => required.every((set) => set.some((one) => one.name === name));
	const parameters = new Map([...required.flat(), ...additional].map((one) => [one.name, one]));
	return [...parameters.values()].map((one) => ({
		name: one.name,
		label: one.name === "store_url" ? "The store's address" : labelOf(one),
		placeholder: one.name === "store_url" ? "https://…" : "",
		hint: required.length > 0 && isNeeded(one.name) ? null : "Where your way of connecting asks for it.",
		isSecret: one.isSecret,
		isOptional: required.length === 0 || !isNeeded(one.name),
	}));
}
