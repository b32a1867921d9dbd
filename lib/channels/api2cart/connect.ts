/** Live, named checks of an account, a store and what it can do; nothing is written. */
import { z } from "zod";
import type { Check, Connection, ConnectReport, StoreIdentity } from "../channel-adapter";
import {
	attempt,
	clockCheck,
	failed,
	noDelivery,
	noPublicUrl,
	passed,
	publicUrlOf,
	skipped,
	withRest,
} from "../checks";
import { ChannelError } from "../errors";
import { sortOut } from "../odd-rows";
import { storeKeyOf, undeliverable } from "./address";
import { cartInfo, cartList, cartMethods, fields, orders, type Product, products, statusList } from "./api-types";
import { appliesAtOnce } from "./carts-facts";
import { type Answer, callA2c } from "./client";
import { isCancelled, knownEffect, type StatusFacts, statusFacts } from "./statuses";
import { supportedEvents } from "./subscriptions";

type CartRow = z.output<typeof cartList>["carts"][number];
type Info = z.output<typeof cartInfo>;

/**
 * `facts.publicUrl` on the connection is where API2Cart reaches this Onecount, when it has such an address.
 * Never throws for what API2Cart answers: each failed check says so, and what follows from it is skipped.
 */
export async function connect(connection: Connection): Promise<ConnectReport> {
	const asked = connection.now().getTime();
	const listed = await attempt(() => readCarts(connection));
	const answered = connection.now().getTime();
	if (listed instanceof ChannelError && listed.reason !== "access_revoked")
		return { checks: withRest([failed("address", listed)], "API2Cart did not answer"), store: null };
	const address = passed("address", "API2Cart answers.");
	if (listed instanceof ChannelError)
		return { checks: withRest([address, failed("credentials", listed)], "the keys don't open anything"), store: null };
	const cart = listed.result.carts.find(({ store_key }) => store_key === connection.access.storeKey) ?? null;
	const info = await attempt(() => readStore(connection));
	if (info instanceof ChannelError)
		return { checks: withRest([address, failed("credentials", info)], "the keys don't open the store"), store: null };
	const seen = await look(connection, cart?.cart_id ?? "");
	return {
		checks: [
			address,
			passed(
				"credentials",
				`API2Cart has ${nameOf(info, cart)} connected${cart ? `, a store on ${cart.cart_id.replace(/Api$/, "")}` : ""}.`,
			),
			scopesCheck(seen.methods),
			readCheck(seen),
			writeCheck(seen.methods),
			stockCheck(seen),
			await webhooksCheck(connection),
			clockCheck(
				"API2Cart",
				listed.date,
				{ asked, answered },
				"Set this computer's clock by a time server: changes are found by their time.",
			),
		],
		store: identityOf(connection, cart, info, seen),
	};
}

const readCarts = (connection: Connection): Promise<Answer<z.output<typeof cartList>>> => {
	const query = { store_key: connection.access.storeKey };
	return callA2c(connection, { verb: "GET", method: "account.cart.list", isAccountWide: true, query }, cartList);
};

/** Tests the way to the store first: what API2Cart tells of it is from its memory. */
async function readStore(connection: Connection): Promise<Info> {
	await callA2c(connection, { verb: "GET", method: "cart.validate" }, z.unknown());
	const query = { response_fields: fields.cart };
	return (await callA2c(connection, { verb: "GET", method: "cart.info", query }, cartInfo)).result;
}

type Seen = {
	methods: string[];
	products: Product[] | ChannelError;
	orders: unknown;
	statuses: { id: string; name?: string | null }[];
	statusFacts: StatusFacts;
};

async function look(connection: Connection, cartId: string): Promise<Seen> {
	const get = <T>(method: string, query: Record<string, string | number>, shape: z.ZodType<T>) =>
		attempt(async () => (await callA2c(connection, { verb: "GET", method, query }, shape)).result);
	const [methods, someProducts, someOrders, statuses] = [
		await get("cart.methods", {}, cartMethods),
		await get("product.list", { count: 10, response_fields: fields.products }, products),
		await get("order.list", { count: 1, response_fields: fields.orders }, orders),
		await get("order.status.list", {}, statusList),
	];
	return {
		methods: methods instanceof ChannelError ? [] : methods.method,
		// Still being listed is no failure: it can be read, later.
		products:
			someProducts instanceof ChannelError
				? isLate(someProducts)
					? []
					: someProducts
				: sortOut(someProducts.product, ({ id }) => id).whole,
		orders: someOrders,
		statuses: statuses instanceof ChannelError ? [] : statuses.cart_order_statuses,
		statusFacts: { ...statusFacts(connection.facts), cartId },
	};
}

const isLate = ({ reason }: ChannelError) => reason === "throttled";

const nameOf = (info: Info, cart: CartRow | null): string => info.name || cart?.custom_label || info.url || "the store";

function identityOf(connection: Connection, cart: CartRow | null, info: Info, seen: Seen): StoreIdentity {
	const cartId = cart?.cart_id ?? "";
	const defaults = new Set(info.stores_info.flatMap(({ default_warehouse_id }) => default_warehouse_id ?? []));
	const locations = info.warehouses
		.flatMap(({ id, name, avail }) => (id ? [{ ref: id, name: name || id, isActive: avail !== false }] : []))
		.sort((a, b) => Number(defaults.has(b.ref)) - Number(defaults.has(a.ref)));
	const storeKey = storeKeyOf(cartId, cart?.url || info.url || connection.access.storeKey || "");
	return {
		storeKey,
		name: nameOf(info, cart),
		locations,
		facts: {
			storeKey,
			cartId,
			cartVersion: info.version ?? null,
			applies: appliesAtOnce.has(cartId) ? "at_once" : "later",
			methods: seen.methods.filter((method) => usedMethods.has(method)),
			cancelledStatus: seen.statuses.find((status) => isCancelled(status, seen.statusFacts))?.id ?? null,
			unknownStatuses: unknownOf(seen),
		},
	};
}

/** What is kept of what the store can be asked for. */
const usedMethods = new Set([
	"product.update",
	"product.variant.update",
	"product.update.batch",
	"product.variant.update.batch",
	"order.update",
]);

const unknownOf = ({ statuses, statusFacts: facts }: Seen): string[] =>
	statuses.filter((status) => knownEffect(status, facts) === null).map(({ id, name }) => name || id);

function scopesCheck(methods: readonly string[]): Check {
	const needed = ["product.list", "order.list", "order.status.list", "webhook.create"];
	const absent = methods.length === 0 ? [] : needed.filter((method) => !methods.includes(method));
	if (absent.length === 0) return passed("scopes", "API2Cart can do with this store what Onecount needs.");
	return {
		name: "scopes",
		state: absent.includes("product.list") || absent.includes("order.list") ? "failed" : "warned",
		sentence: `API2Cart has no ${absent.join(", ")} for this platform.`,
		fix: "Ask API2Cart's support whether your plan or another way of connecting this platform has it.",
	};
}

function readCheck({ products: some, orders: one }: Seen): Check {
	const trouble = some instanceof ChannelError ? some : one instanceof ChannelError ? one : null;
	return trouble ? failed("inventory_read", trouble) : passed("inventory_read", "Products and orders can be read.");
}

function writeCheck(methods: readonly string[]): Check {
	const [own, variants] = [methods.includes("product.update"), methods.includes("product.variant.update")];
	if (own && variants) return passed("inventory_write", "Stock may be written. The check itself writes nothing.");
	if (methods.length === 0)
		return skipped("inventory_write", "API2Cart does not say whether this store's stock can be written.");
	return {
		name: "inventory_write",
		state: own || variants ? "warned" : "failed",
		sentence: own
			? "API2Cart can write the stock of products here, and not of variants."
			: variants
				? "API2Cart can write the stock of variants here, and not of products."
				: "API2Cart can't write stock on this platform.",
		fix: "Ask API2Cart's support; until then what can't be written is only watched.",
	};
}

/** Statuses that nobody knows, and stock that can't be told from none. */
function stockCheck(seen: Seen): Check {
	const unknown = unknownOf(seen);
	if (unknown.length > 0)
		return {
			name: "stock_management",
			state: "warned",
			sentence: `Onecount does not know what ${unknown.length === 1 ? "this order status means" : "these order statuses mean"} for the stock: ${unknown.join(", ")}. Orders in ${unknown.length === 1 ? "it" : "them"} count as sold.`,
			fix: "Tell us which of them give units back.",
		};
	const some = seen.products instanceof ChannelError ? [] : seen.products;
	const isSilent =
		some.length > 0 && some.every((one) => one.quantity === 0 && one.inventory.length === 0 && one.in_stock === null);
	if (!isSilent) return passed("stock_management", "The store tells its stock.");
	return {
		name: "stock_management",
		state: "warned",
		sentence: "The store shows no stock for its first products, which may only mean that it does not tell.",
		fix: "Compare a few with the store itself. Onecount takes such a zero for unknown.",
	};
}

async function webhooksCheck(connection: Connection): Promise<Check> {
	const publicUrl = publicUrlOf(connection);
	if (publicUrl === null) return noPublicUrl("API2Cart");
	const trouble = undeliverable(publicUrl, connection.baseUrl);
	if (trouble) return noDelivery(trouble, "Set ONECOUNT_URL to a public address.");
	const events = await attempt(() => supportedEvents(connection));
	if (events instanceof ChannelError) return { ...failed("webhooks", events), state: "warned" };
	if (!events.some(({ entity }) => entity === "order"))
		return {
			name: "webhooks",
			state: "warned",
			sentence: "API2Cart has no news of this store's orders; they are asked for instead.",
			fix: "For WooCommerce install API2Cart's webhook helper plugin; other platforms may have none.",
		};
	return passed("webhooks", `API2Cart will deliver news to ${publicUrl}.`);
}
