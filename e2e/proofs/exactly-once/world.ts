/** A small shop, what was ordered in its stores, how the news of it comes, and what must be left in the end. */

import type { Random } from "@/lib/simulation/random";
import { type OrderVersion, orderBody } from "../pipeline/shopify-mail";

export type Order = { channel: number; ref: string; placedAt: number; versions: OrderVersion[] };

export type Delivery = {
	order: Order;
	version: OrderVersion;
	/** A poll reads the same state live. Retries carry the id of the first try. */
	by: { way: "webhook"; id: string } | { way: "poll" };
};

export type Listing = { channel: number; variantId: string; sku: number; units: number };

export type World = {
	channels: number;
	/** Units of each SKU before the first order; a bundle has none of its own. */
	stock: (number | null)[];
	bundle: { sku: number; components: { sku: number; units: number }[] };
	listings: Listing[];
	orders: Order[];
	/** Every version of every order 1–5 times, in no order at all. */
	deliveries: Delivery[];
};

const channels = 3;

export function makeWorld(random: Random, now: number): World {
	const stock = [...Array.from({ length: 3 }, () => random.int(5, 60)), null];
	const bundle = {
		sku: 3,
		components: [
			{ sku: 0, units: 1 },
			{ sku: 1, units: 2 },
		],
	};
	const listings = Array.from({ length: channels }, (_, channel) =>
		stock.map((_, sku) => ({
			channel,
			variantId: `${channel + 1}0${sku}`,
			sku,
			units: sku === 2 ? random.pick([1, 2, 6]) : 1,
		})),
	).flat();
	const orders = Array.from({ length: random.int(6, 14) }, (_, index) =>
		makeOrder(random, index, random.int(0, channels - 1), listings, now),
	);
	const deliveries = orders.flatMap((order) => order.versions.flatMap((version) => deliver(random, order, version)));
	return { channels, stock, bundle, listings, orders, deliveries: shuffled(random, deliveries) };
}

function makeOrder(random: Random, index: number, channel: number, listings: readonly Listing[], now: number): Order {
	// After the stores were read: the orders are news to what is expected of them.
	const placedAt = now + 3_600_000 + index * 1_000;
	const offered = listings.filter((listing) => listing.channel === channel);
	const bought = offered.filter(() => random.chance(0.5));
	let lines = (bought.length > 0 ? bought : offered.slice(0, 1)).map(({ variantId }, line) => {
		const units = random.int(1, 4);
		return { lineId: `${index + 1}00${line}`, variantId, everOrdered: units, taken: units };
	});
	const versions: OrderVersion[] = [];
	let at = placedAt;
	for (let left = random.int(1, 4); left > 0; left--) {
		versions.push({ lines, at });
		at += 1_000 * random.int(1, 90);
		lines = lines.map((line) => changed(random, line));
	}
	return { channel, ref: `${900 + index}`, placedAt, versions };
}

/** Units are added, given back, or the line stays as it is. */
function changed(random: Random, line: OrderVersion["lines"][number]) {
	const turn = random.next();
	if (turn < 0.3) return { ...line, everOrdered: line.everOrdered + 1, taken: line.taken + 1 };
	if (turn < 0.7) return { ...line, taken: random.int(0, line.taken) };
	return line;
}

function deliver(random: Random, order: Order, version: OrderVersion): Delivery[] {
	const firstId = `${order.ref}-${version.at}`;
	return Array.from({ length: random.int(1, 5) }, (_, time) => {
		if (random.chance(0.3)) return { order, version, by: { way: "poll" as const } };
		// A retry of one delivery, or another subscription's telling of the same.
		return { order, version, by: { way: "webhook" as const, id: random.chance(0.5) ? firstId : `${firstId}-${time}` } };
	});
}

export function shuffled<T>(random: Random, items: T[]): T[] {
	for (let i = items.length - 1; i > 0; i--) {
		const j = random.int(0, i);
		[items[i], items[j]] = [items[j] as T, items[i] as T];
	}
	return items;
}

export const bodyOf = ({ order, version }: Delivery) => orderBody(order.ref, order.placedAt, version);

/** The reference model: of each order what its last version has taken, and nothing else. */
export function finalTaken({ orders, listings }: World): Map<Listing, number> {
	const taken = new Map(listings.map((listing) => [listing, 0]));
	for (const { channel, versions } of orders)
		for (const line of versions.at(-1)?.lines ?? []) {
			const listing = listings.find((one) => one.channel === channel && one.variantId === line.variantId) as Listing;
			taken.set(listing, (taken.get(listing) ?? 0) + line.taken);
		}
	return taken;
}

/** On hand of each SKU in the end; a bundle's is null. */
export function finalOnHand(world: World): (number | null)[] {
	const left = [...world.stock];
	const take = (sku: number, units: number) => {
		left[sku] = (left[sku] ?? 0) - units;
	};
	for (const [{ sku, units }, taken] of finalTaken(world)) {
		if (sku !== world.bundle.sku) take(sku, taken * units);
		else for (const component of world.bundle.components) take(component.sku, taken * units * component.units);
	}
	return left;
}

/** Listing units that each listing ought to show in the end. */
export function finalOffer(world: World, listing: Listing): number {
	const left = finalOnHand(world);
	const { bundle } = world;
	const units =
		listing.sku === bundle.sku
			? Math.min(...bundle.components.map((component) => Math.floor((left[component.sku] ?? 0) / component.units)))
			: (left[listing.sku] ?? 0);
	return Math.max(0, Math.floor(units / listing.units));
}
