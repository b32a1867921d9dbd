/** Adding a store to an API2Cart account by its cart: what each cart asks for as a form's fields, and the store key that this brings. */
import { addCart, type Cart, type CartParameter, listCarts, missingOf, pasteForm } from "@/lib/channels/api2cart";
import { ChannelError } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import type { PasteField } from "@/lib/channels/paste-form";
import { meant, mistake, type Reading, readFields, wrongField } from "@/lib/channels/paste-reading";
import { authorise, type Context } from "../context";
import { Unacceptable, WrongFields } from "../errors";
import type { ConnectInput } from "./connect-store";
import { mayCallPrivate } from "./open-connection";
import { readAddress, type StoreAddress } from "./read-address";
import { orWrongFields, readForm, visitInput } from "./read-pasted";

export type CartChoice = {
	/** What `fields.cart` names it by when it is added. */
	key: string;
	name: string;
	/** How API2Cart connects it, where one cart is there more than once. */
	method: string | null;
	fields: PasteField[];
};

const keyOf = ({ cartId, method }: Cart) => `${cartId}/${method ?? ""}`;

/** The carts that the account can add. Throws WrongFields, and Unacceptable for what API2Cart answers. */
export async function listCartChoices(ctx: Context, input: unknown): Promise<CartChoice[]> {
	authorise(ctx, "manager");
	const { platform, address: typed, fields } = readForm(visitInput.parse(input));
	const [address] = orWrongFields(await readAddress(platform, typed), readAccount(fields));
	const account = accountAt(address, fields);
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

/** What the list is asked for with. */
const accountFields = pasteForm.fields.filter(({ name }) => name === "accountKey");

export const readAccount = (typed: Record<string, string>): Reading<null> => readFields(accountFields, typed, {}, null);

const noChoice = mistake("Choose from API2Cart's list what kind of store it is.", "cart_missing");

export const readChoice = ({ cart = "" }: Record<string, string>): Reading<null> =>
	cart === "" ? wrongField("cart", noChoice) : meant(null);

/**
 * Adds the store and returns how it is connected; `typed` has an account and a choice. What else the cart asks for is known
 * by the list alone: throws WrongFields for that, ChannelError for the rest.
 */
export async function addByCart(address: StoreAddress, typed: Record<string, string>): Promise<ConnectInput> {
	const { accountKey = "", cart: key, ...parameters } = typed;
	const account = accountAt(address, typed);
	const cart = (await listCarts(account)).find((one) => keyOf(one) === key);
	if (!cart) throw new WrongFields([{ field: "cart", ...noChoice }]);
	const missing = missingOf(cart, parameters).map(({ name }) => name);
	const asked = fieldsOf(cart).map((field) => ({ ...field, isOptional: !missing.includes(field.name) }));
	orWrongFields(readFields(asked, parameters, {}, null));
	const storeUrl = parameters.store_url ?? "";
	const { storeKey } = await addCart(account, { cart, storeUrl, label: `Onecount: ${cart.name}`, typed: parameters });
	return { platform: "api2cart", ...address, access: { accountKey, storeKey }, accessExpiresAt: null };
}

/** Shorter words are no secret, and stand in many an answer. */
const leastSecret = 8;

function accountAt({ baseUrl, isSandbox }: StoreAddress, typed: Record<string, string>) {
	const { accountKey = "" } = typed;
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
