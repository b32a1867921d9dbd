import { expect } from "vitest";
import { product, products } from "@/lib/sandbox/testing/seeds";
import type { WriteMode } from "@/lib/stock/write-mode";
import type { WriteResult, WriteRow } from "../listing";
import { expectFix } from "./expectations";
import { expectLanded, expectTaken, untilShown } from "./landing";
import type { Suite } from "./suite";

/** A larger batch would only show the machine's speed. */
const largestTried = 250;

export function checkWrites(suite: Suite): void {
	const { facts, check, open } = suite;
	const unless = (mode: WriteMode) => (facts.writeMode === mode ? null : `it is written by ${words[facts.writeMode]}`);

	check("what was written is what the store shows", async () => {
		const shop = await open(products({ CUP: 5, MUG: 0 }));
		await expectLanded(suite, shop, [await shop.row("CUP", 9)], ["CUP"]);
		// 5 → 9 → 5 → 9 is three writes, whatever was written before.
		await expectLanded(suite, shop, [await shop.row("CUP", 5, 9)], ["CUP"]);
		await expectLanded(suite, shop, [await shop.row("CUP", 9, 5)], ["CUP"]);
		await expectLanded(suite, shop, [await shop.row("CUP", 0, 9)], ["CUP"]);
		await expectLanded(suite, shop, [await shop.row("MUG", 3, 0)], ["MUG"]);
		// As it shows already.
		await expectLanded(suite, shop, [await shop.row("MUG", 3, 3)], ["MUG"]);
		expect(await shop.shows("CUP")).toBe(0);
	});

	check(
		"compare: an unheard sale stops the write",
		async () => {
			const shop = await open(products({ CUP: 5, MUG: 5 }));
			await shop.buy("CUP");
			const { rows, trouble } = await shop.write([await shop.row("CUP", 5, 5), await shop.row("MUG", 7, 5)]);
			const of = async (sku: string) => {
				const { externalKey } = await shop.listing(sku);
				return rows.find((row) => row.externalKey === externalKey)?.result;
			};
			expect(trouble).toBeNull();
			expect(await of("CUP")).toBe("stale");
			expect(await of("MUG")).toBe(facts.oneBadRowFailsAll ? "not_sent" : "applied");
			expect([await shop.shows("CUP"), await shop.shows("MUG")]).toEqual([4, facts.oneBadRowFailsAll ? 5 : 7]);
		},
		unless("compare"),
	);

	check(
		"delta: an unheard sale is kept",
		async () => {
			const shop = await open(products({ CUP: 5 }));
			await shop.buy("CUP");
			const row = await shop.row("CUP", 8, 5);
			const { rows, trouble } = await shop.write([row]);
			expect(trouble).toBeNull();
			expect(["applied", "accepted"]).toContain(rows[0]?.result);
			await untilShown(suite, shop, { ...row, quantity: 7 });
			expect(await shop.shows("CUP")).toBe(7);
		},
		unless("delta"),
	);

	check(
		"absolute: the last number stands",
		async () => {
			const shop = await open(products({ CUP: 5 }));
			await shop.buy("CUP");
			await expectLanded(suite, shop, [await shop.row("CUP", 5, 5)], ["CUP"]);
			await shop.buy("CUP");
			expect(await shop.shows("CUP")).toBe(4);
		},
		unless("absolute"),
	);

	check(
		"over reservations: open orders lie on top",
		async () => {
			const shop = await open(products({ CUP: 9 }));
			await shop.buy([{ sku: "CUP", quantity: 2 }]);
			const level = await shop.level("CUP");
			expect(level).toMatchObject({ quantity: 7, reservations: { open: 2, source: 9 } });
			const row = { ...(await shop.row("CUP", 4, 7)), open: 2 };
			expectTaken(suite, await shop.write([row]), [row]);
			await untilShown(suite, shop, row);
			expect(await shop.level("CUP")).toMatchObject({ quantity: 4, reservations: { open: 2, source: 6 } });
			// A sale after the write lowers what it shows by itself.
			await shop.buy("CUP");
			expect(await shop.level("CUP")).toMatchObject({ quantity: 3 });
		},
		unless("over_reservations"),
	);

	check("the largest batch takes no more calls than half of it", async () => {
		const size = Math.min(facts.largestBatch, largestTried);
		// None is sold out: what shows none may cost a look before it is raised.
		const shop = await open(Array.from({ length: size }, (_, n) => product(`P-${n}`, n + 1)));
		const rows: WriteRow[] = [];
		for (let n = 0; n < size; n++) rows.push(await shop.row(`P-${n}`, n + 500));
		const whole = shop.together(rows);
		const changing = ({ exchanges }: WriteResult) => exchanges.filter(({ method }) => method !== "GET").length;
		const result = await shop.write(whole);
		expectTaken(suite, result, whole);
		for (const row of [whole[0], whole.at(-1)]) if (row) await untilShown(suite, shop, row);
		const half = whole.slice(0, Math.ceil(whole.length / 2));
		const again = half.map((row) => ({ ...row, quantity: row.quantity - 100, expected: row.quantity }));
		const less = await shop.write(again);
		expectTaken(suite, less, again);
		expect(changing(result)).toBeLessThanOrEqual(changing(less));
		expect(changing(less)).toBeGreaterThan(0);
	});

	check(
		"one bad row is its own",
		async (unable) => {
			const shop = await open(products({ GOOD: 5, GONE: 5, ALSO: 5 }));
			const rows = [await shop.row("GOOD", 3), await shop.row("GONE", 8), await shop.row("ALSO", 3)];
			if (shop.together(rows).length < rows.length) unable("a call writes rows of one product");
			await shop.remove("GONE");
			const { rows: outcomes, trouble } = await shop.write(rows);
			const among = (some: typeof outcomes) =>
				rows.map((row) => some.find((one) => one.externalKey === row.externalKey));
			const [good, gone, also] = among(outcomes);
			expect(trouble).toBeNull();
			if (gone?.result === "refused") expectFix("the bad row", gone.error.fix);
			// Where nothing is applied at once, the refusal may come later as well: then the row never lands.
			else expect([facts.appliesAfterMs === null, gone?.result]).toEqual([false, "accepted"]);
			if (facts.oneBadRowFailsAll) {
				// In doubt where the platform does not promise it, until a look has shown it.
				for (const row of [good, also]) expect(["not_sent", "unknown"]).toContain(row?.result);
				await shop.pass(facts.lateWriteMs);
				expect(await shop.levels([await shop.listing("GOOD"), await shop.listing("ALSO")])).toMatchObject([
					{ quantity: 5 },
					{ quantity: 5 },
				]);
				const [goodAgain, , alsoAgain] = among((await shop.write(rows)).rows);
				expect([goodAgain?.result, alsoAgain?.result]).toEqual(["not_sent", "not_sent"]);
				expect([await shop.shows("GOOD"), await shop.shows("ALSO")]).toEqual([5, 5]);
			} else {
				for (const row of [good, also]) expect(["applied", "accepted"]).toContain(row?.result);
				for (const row of [rows[0], rows[2]]) if (row) await untilShown(suite, shop, row);
				expect([await shop.shows("GOOD"), await shop.shows("ALSO")]).toEqual([3, 3]);
			}
			await shop.pass(facts.lateWriteMs);
			expect(await shop.levels([await shop.listing("GONE")])).toEqual([]);
		},
		facts.largestBatch === 1 ? "a call writes one row" : null,
	);
}

const words: Record<WriteMode, string> = {
	compare: "comparing",
	delta: "differences",
	absolute: "absolute numbers",
	over_reservations: "numbers over its own reservations",
};
