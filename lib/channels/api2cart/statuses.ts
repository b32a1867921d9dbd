/**
 * What an order's status means for the stock. Stores name statuses as they like, and API2Cart has no list of its own: a
 * table of the usual names, what certain carts do otherwise, and over both what the channel's facts say of single names
 * (`statusEffects`), which no page sets yet. A name that nobody knows counts as sold: too low is harmless, too high is not (R4); connect tells which those are.
 */
import type { OrderStep, StockEffect, StockMoment } from "../platform-facts";
import type { Status } from "./api-types";
import { a2cMoments } from "./facts";

/** "PartiallyShipped", "partially-shipped" and "Partially shipped" are one. */
export const wordOf = (text: string): string =>
	text
		.replace(/([a-z])([A-Z])/g, "$1 $2")
		.replace(/[^\p{L}\p{N}]+/gu, " ")
		.trim()
		.toLowerCase();

type Words = Readonly<Record<string, StockEffect>>;

/** WooCommerce takes nothing before an order is paid or awaits its payment, and gives back on return to pending (seen). */
const wooWords: Words = { pending: "leaves", "pending payment": "leaves", "checkout draft": "leaves" };
const cartWords: Readonly<Record<string, Words>> = { WoocommerceApi: wooWords, Woocommerce: wooWords };

/** Of these an unpaid order keeps units from other buyers that no number shows. */
const heldWords = new Set(["pending", "pending payment"]);

/** Facts of the connection that statuses are read by. */
export type StatusFacts = { cartId: string; overrides: Words };

export function statusFacts(facts: Record<string, unknown>): StatusFacts {
	const overrides = facts.statusEffects;
	return {
		cartId: typeof facts.cartId === "string" ? facts.cartId : "",
		overrides: typeof overrides === "object" && overrides !== null ? (overrides as Words) : {},
	};
}

const steps = Object.entries(a2cMoments) as [OrderStep, StockMoment | null][];

/** A status seen by itself: one that is only reached by way of taking the units has taken them. Of money nothing follows. */
const standings: Partial<Record<OrderStep, StockEffect>> = {
	paid: "takes",
	shipped: "takes",
	refunded_restocked: "leaves",
};

function usualEffect(word: string): StockEffect | null {
	const [step, moment] = steps.find(([, one]) => one?.words.includes(word)) ?? [];
	return step && moment ? (standings[step] ?? moment.effect) : null;
}

/** Null for a status that no table knows. `overrides` are by the status's id. */
export function knownEffect({ id, name }: Pick<Status, "id" | "name">, facts: StatusFacts): StockEffect | null {
	const override = facts.overrides[id];
	if (override) return override;
	for (const word of [wordOf(id), wordOf(name ?? "")]) {
		const effect = cartWords[facts.cartId]?.[word] ?? usualEffect(word);
		if (word !== "" && effect) return effect;
	}
	return null;
}

export type Standing = {
	/** Whether the store has the units of the order's lines. */
	isTaken: boolean;
	/** Whether it keeps them from others without showing it. */
	isHeld: boolean;
};

/** Where an order stands by what it is and what it was before; a status that leaves the stock alone leaves it as it was. */
export function standingOf(status: Status, facts: StatusFacts): Standing {
	const before = [...status.history].sort((a, b) => (a.modified_time ?? 0) - (b.modified_time ?? 0));
	let isTaken = false;
	for (const step of [...before, status]) {
		const effect = knownEffect(step, facts) ?? "takes";
		if (effect !== "leaves") isTaken = effect === "takes";
		// Nothing says what it was before: money that was given back was paid.
		else if (isAfterSale(step) && status.history.length === 0) isTaken = true;
	}
	const isUnpaid = [wordOf(status.id), wordOf(status.name ?? "")].some((word) => heldWords.has(word));
	return { isTaken, isHeld: !isTaken && isUnpaid };
}

const afterSale = new Set<string>([...a2cMoments.marked_refunded.words, ...a2cMoments.refunded_restocked.words]);
const isAfterSale = ({ id, name }: Pick<Status, "id" | "name">) =>
	afterSale.has(wordOf(id)) || afterSale.has(wordOf(name ?? ""));

export const isCancelled = ({ id, name }: Pick<Status, "id" | "name">, facts: StatusFacts): boolean =>
	knownEffect({ id, name }, facts) === "gives_back";

/** How far an order's life has come, for stamps of the same second. */
export function rankOf(status: Status, facts: StatusFacts): number {
	const words = [wordOf(status.id), wordOf(status.name ?? "")];
	const has = (known: readonly string[]) => words.some((word) => known.includes(word));
	if (isCancelled(status, facts)) return 5;
	if (has(a2cMoments.marked_refunded.words)) return 6;
	if (has(a2cMoments.shipped.words)) return 4;
	if (has(a2cMoments.placed_unpaid.words)) return 1;
	return has(a2cMoments.payment_failed.words) ? 2 : 3;
}
