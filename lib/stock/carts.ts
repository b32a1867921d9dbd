/**
 * Carts that reserve before they pay, beside stores that split the stock: all of it is theirs, so the first cart is refused,
 * and the next deal leaves to carts what it asked for. Pure.
 */
import type { SlotFacts } from "./slot";
import { landsWithinMs, writesBlindly } from "./slot-news";

/** Carts have as much as each of the listings has, if they ask for it again and again. Whole units of the SKU. */
export const evenPart = (available: number, listings: number): number =>
	Math.max(0, Math.floor(available / (listings + 1)));

/**
 * Units of the SKU to be kept from its listings, once a cart was refused so many, of which `kept` are kept already: all that
 * it asked for, and up to an even part for all who ask at once. Whoever asks twice counts twice, so no more than that.
 */
export const keptForCarts = (kept: number, asked: number, available: number, listings: number): number =>
	Math.max(kept, asked, Math.min(kept + asked, evenPart(available, listings)));

/** Where an answer proves a write, a listing has given up units as soon as it has come; retries included. */
const provenMs = 5_000;

/** Within this time listings of these channels have given up what the deal takes from them. */
export const givenUpWithinMs = (channels: readonly SlotFacts[]): number =>
	Math.max(
		provenMs,
		...channels
			.filter(({ writeMode }) => writesBlindly(writeMode))
			.map((facts) => landsWithinMs(facts) + facts.orderListLagMs),
	);

/** Nobody asked again for so long: the listings have it back. */
export const keptForMs = 10 * 60_000;
