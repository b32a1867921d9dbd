import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import { compareVersions, differences, newestSnapshot, type OrderSnapshot, type OrderVersion } from "@/lib/stock/order";
import type { Page } from "../listing";
import { anotherId } from "./expectations";
import type { Shop } from "./shop";
import { spoiling } from "./spoiling";
import type { Suite } from "./suite";

/** More than most platforms list at once. */
const manyOrders = 110;
const buyersAtOnce = 6;
const dayMs = 86_400_000;

export function checkOrders({ adapter, facts, check, open, sandbox }: Suite): void {
	const { stockMoments: moments } = facts;
	const tick = () => sandbox.putForward(2_000);

	check("an order names its listing and what it took", async () => {
		const shop = await open(products({ CUP: 9, MUG: 9 }));
		const orderRef = await shop.buy([
			{ sku: "CUP", quantity: 2 },
			{ sku: "MUG", quantity: 1 },
		]);
		const order = await shop.order(orderRef);
		expect(order.orderRef).toBe(orderRef);
		expect(["open", "closed"]).toContain(order.status);
		expect(order.number.trim()).not.toBe("");
		expect(Math.abs(Date.parse(order.placedAt) - sandbox.now().getTime())).toBeLessThan(60_000);
		const listings = await shop.listings();
		const sold = order.lines.map(({ listingRef, taken }) => [
			listings.find(({ refs }) => refs.includes(listingRef ?? ""))?.sku,
			taken,
		]);
		expect(Object.fromEntries(sold)).toEqual({ CUP: 2, MUG: 1 });
	});

	check("a list since a moment holds every order in its newest state", async () => {
		const shop = await open(products({ CUP: 50 }));
		const old = await shop.buy("CUP");
		await shop.pass(dayMs);
		const since = sandbox.now();
		const orderRefs = [];
		for (let n = 0; n < 5; n++) {
			tick();
			orderRefs.push(await shop.buy("CUP"));
		}
		tick();
		await shop.cancel(orderRefs[1] ?? "", true);
		const listed = await shop.orders(since);
		for (const order of listed) expect(order).toEqual(await shop.order(order.orderRef));
		// Some platforms tell of a refund in a list of its own, which brings its order a second time.
		const first = new Map(listed.toReversed().map((order) => [order.orderRef, order]));
		expect([...first.keys()].sort()).toEqual([...orderRefs].sort());
		const stamps = listed.filter((order) => first.get(order.orderRef) === order).map(({ version }) => version.at);
		expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
		expect(first.has(old)).toBe(false);
	});

	check("a change in the cursor's own second is found", async () => {
		const shop = await open(products({ CUP: 9 }));
		const order = await shop.order(await shop.buy("CUP"));
		expect(await shop.orders(new Date(order.version.at))).toContainEqual(order);
	});

	check("an order that can't be read holds up no other", async () => {
		const shop = await open(products({ CUP: 9 }));
		const since = sandbox.now();
		const orderRefs: string[] = [];
		for (let n = 0; n < 3; n++) {
			tick();
			orderRefs.push(await shop.buy("CUP"));
		}
		const [first, odd, last] = orderRefs as [string, string, string];
		const { http } = shop.connection;
		const connection = { ...shop.connection, http: { ...http, send: spoiling(http.send, odd) } };
		const read = new Map<string, OrderSnapshot>();
		const unread = new Set<string>();
		let page: string | null = null;
		do {
			const listed: Page<OrderSnapshot> = await adapter.listOrders(connection, since, page);
			for (const order of listed.items) read.set(order.orderRef, order);
			for (const { ref } of listed.odd ?? []) unread.add(ref);
			page = listed.next;
		} while (page);
		for (const orderRef of [first, last]) expect(read.get(orderRef)).toEqual(await shop.order(orderRef));
		// Some platforms give an order's lines in another answer, too.
		if (read.has(odd)) expect(read.get(odd)).toEqual(await shop.order(odd));
		else expect([...unread]).toEqual([odd]);
	});

	check("orders come whole, while they change", async () => {
		const shop = await open(products({ CUP: 1_000 }));
		const since = sandbox.now();
		const orderRefs: string[] = [];
		while (orderRefs.length < manyOrders) {
			const buyers = Array.from({ length: buyersAtOnce }, () => shop.buy("CUP"));
			orderRefs.push(...(await Promise.all(buyers)));
			sandbox.putForward(500);
		}
		let changed = 0;
		const listed = await shop.orders(since, async () => {
			// One that was surely read, and one that was not.
			for (const orderRef of [orderRefs[changed], orderRefs.at(-1 - changed)]) await shop.cancel(orderRef ?? "", true);
			changed++;
			tick();
		});
		const touched = new Set([...orderRefs.slice(0, changed), ...orderRefs.slice(orderRefs.length - changed)]);
		const first = new Set(listed.map(({ orderRef }) => orderRef));
		expect(orderRefs.filter((orderRef) => !first.has(orderRef) && !touched.has(orderRef))).toEqual([]);
		// What changed while its page was read may be the next poll's, which asks again from before this one.
		const byRef = new Map<string, OrderSnapshot[]>();
		for (const order of [...listed, ...(await shop.orders(since))])
			byRef.set(order.orderRef, [...(byRef.get(order.orderRef) ?? []), order]);
		expect([...byRef.keys()].sort()).toEqual([...orderRefs].sort());
		for (const [orderRef, snapshots] of byRef) {
			if (touched.has(orderRef)) expect(newestSnapshot(snapshots)).toEqual(await shop.order(orderRef));
		}
	});

	check("read twice it is the same", async () => {
		const shop = await open(products({ CUP: 9 }));
		const orderRef = await shop.buy("CUP");
		expect(await shop.order(orderRef)).toEqual(await shop.order(orderRef));
		const since = new Date(sandbox.now().getTime() - 60_000);
		expect(await shop.orders(since)).toEqual(await shop.orders(since));
	});

	type Change = { order: OrderSnapshot; isEdit: boolean };

	/** As many changes as the platform knows, of one order. */
	async function life(shop: Shop, between: () => void): Promise<Change[]> {
		const orderRef = await shop.buy([
			{ sku: "CUP", quantity: 4 },
			{ sku: "MUG", quantity: 3 },
		]);
		const changes = [{ order: await shop.order(orderRef), isEdit: false }];
		const then = async (moment: unknown, work: () => Promise<unknown>, isEdit = false) => {
			if (!moment) return;
			between();
			await work();
			changes.push({ order: await shop.order(orderRef), isEdit });
		};
		await then(moments.partly_cancelled, () => shop.refund(orderRef, [{ sku: "CUP", quantity: 1 }], true));
		await then(moments.refunded_kept, () => shop.refund(orderRef, [{ sku: "CUP", quantity: 1 }], false));
		await then(moments.units_removed, () => shop.edit(orderRef, "MUG", 1), true);
		await then(moments.cancelled, () => shop.cancel(orderRef, true));
		expect(changes.length).toBeGreaterThan(1);
		return changes;
	}

	/** How much newer each is than the one before. */
	const steps = (changes: readonly Change[]) =>
		changes.slice(1).map(({ order, isEdit }, n) => {
			const before = changes[n]?.order ?? order;
			return { isEdit, by: compareVersions(order.version, before.version) };
		});

	check("in any order and twice, snapshots come to the same", async () => {
		const changes = await life(await open(products({ CUP: 50, MUG: 50 })), tick);
		expect(steps(changes).filter(({ by }) => by <= 0)).toEqual([]);
		const snapshots = changes.map(({ order }) => order);
		const end = applied(snapshots);
		expect(end).toEqual(takenOf(snapshots.at(-1)));
		for (const order of permutations(snapshots)) {
			expect(applied(order)).toEqual(end);
			expect(applied(order.flatMap((one) => [one, one]))).toEqual(end);
		}
	});

	// Of an edit the stamp may be all that tells: then the store is asked which of the two holds.
	check("of two changes within one second the later is never the older", async () => {
		const changes = await life(await open(products({ CUP: 50, MUG: 50 })), () => {});
		expect(steps(changes).filter(({ by, isEdit }) => (isEdit ? by < 0 : by <= 0))).toEqual([]);
	});

	check("an order that nobody knows is null", async () => {
		const shop = await open(products({ CUP: 9 }));
		const orderRef = await shop.buy("CUP");
		expect(await shop.patiently(() => adapter.readOrder(shop.connection, anotherId(orderRef)))).toBeNull();
	});
}

/** What the ledger keeps after these, as `differences` would have it: units taken by line. */
function applied(snapshots: readonly OrderSnapshot[]): Record<string, number> {
	let version: OrderVersion | null = null;
	const taken = new Map<string, number>();
	for (const next of snapshots) {
		for (const line of differences(version && { version, taken }, next)) taken.set(line.lineRef, line.taken);
		if (!version || compareVersions(next.version, version) > 0) version = next.version;
	}
	return Object.fromEntries([...taken].filter(([, units]) => units !== 0));
}

const takenOf = (order: OrderSnapshot | undefined) =>
	Object.fromEntries(
		order?.lines.filter(({ taken }) => taken !== 0).map(({ lineRef, taken }) => [lineRef, taken]) ?? [],
	);

function permutations<T>(items: readonly T[]): T[][] {
	if (items.length <= 1) return [[...items]];
	return items.flatMap((one, n) => permutations(items.toSpliced(n, 1)).map((rest) => [one, ...rest]));
}
