import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import type { WriteResult } from "../listing";
import { impatient } from "./connection";
import { expectReason } from "./expectations";
import type { Suite } from "./suite";

/** Writes on a bad day: nothing is said to be applied that may not be, and nothing is said not to be sent that was. */
export function checkLostAnswers({ adapter, facts, options, check, open }: Suite): void {
	const seed = products({ CUP: 5, MUG: 5 });
	const resultsOf = ({ rows }: { rows: { result: string }[] }) => [...new Set(rows.map(({ result }) => result))];

	check("throttled: it says how long to wait, and nothing was applied", async () => {
		const shop = await open(seed);
		const rows = shop.together([await shop.row("CUP", 9), await shop.row("MUG", 9)]);
		await shop.turn({ throttleRate: 1 });
		const result = await adapter.writeQuantities(shop.connection, rows, crypto.randomUUID());
		expectReason("throttled", result.trouble, "throttled");
		expect(result.trouble?.retryAfterMs).toBeGreaterThan(0);
		expect(resultsOf(result)).toEqual([options.throttledInPart ? "unknown" : "not_sent"]);
		await shop.calm();
		await shop.pass(facts.lateWriteMs);
		expect([await shop.shows("CUP"), await shop.shows("MUG")]).toEqual([5, 5]);
	});

	check("an outage is never applied", async () => {
		const shop = await open(seed);
		const rows = [await shop.row("CUP", 9)];
		for (const knobs of [{ outage: true }, { outage: false, errorRate: 1 }]) {
			await shop.turn(knobs);
			const result = await shop.write(rows);
			expectReason(JSON.stringify(knobs), result.trouble, "unreachable");
			for (const one of resultsOf(result)) expect(["unknown", "not_sent"]).toContain(one);
		}
		await shop.calm();
		expect(await shop.shows("CUP")).toBe(5);
	});

	/**
	 * What may be said of a write whose every call is lost. One that is a single call has left; one that asks for something
	 * before may have got no further than that.
	 */
	const lostResults = (onAGoodDay: WriteResult) =>
		onAGoodDay.exchanges.length === 1 ? ["unknown"] : ["unknown", "not_sent"];

	check("silence is unknown", async () => {
		const shop = await open(seed);
		const allowed = lostResults(await shop.write([await shop.row("CUP", 6)]));
		await shop.pass(facts.lateWriteMs);
		const rows = shop.together([await shop.row("CUP", 9, 6), await shop.row("MUG", 9)]);
		await shop.turn({ timeoutRate: 1 });
		const hasty = { ...shop.connection, http: impatient(shop.connection.http) };
		const result = await adapter.writeQuantities(hasty, rows, crypto.randomUUID());
		expectReason("silence", result.trouble, "timeout");
		for (const one of resultsOf(result)) expect(allowed).toContain(one);
	});

	check("done and the answer lost is unknown", async () => {
		const shop = await open(seed);
		const allowed = lostResults(await shop.write([await shop.row("CUP", 6)]));
		await shop.pass(facts.lateWriteMs);
		for (const [n, sku] of ["CUP", "MUG", "CUP", "MUG"].entries()) {
			const quantity = 10 + n;
			const before = (await shop.level(sku))?.quantity ?? Number.NaN;
			const row = await shop.row(sku, quantity, before);
			// By a failure or by a connection that breaks, as it falls.
			await shop.turn({ appliedThenFailedRate: 1 });
			const result = await adapter.writeQuantities(shop.connection, [row], crypto.randomUUID());
			await shop.calm();
			expect(result.trouble).not.toBeNull();
			const [one = ""] = resultsOf(result);
			expect(allowed).toContain(one);
			if (facts.appliesAfterMs !== null) await shop.pass(facts.lateWriteMs);
			expect(await shop.level(sku), one).toMatchObject({ quantity: one === "unknown" ? quantity : before });
		}
	});

	check(
		"the same key again replays",
		async () => {
			const shop = await open(seed);
			const [row, key] = [await shop.row("CUP", 9), crypto.randomUUID()];
			await shop.turn({ appliedThenFailedRate: 1 });
			expect(resultsOf(await shop.write([row], key))).toEqual(["unknown"]);
			await shop.calm();
			await shop.buy([{ sku: "CUP", quantity: 2 }]);
			const again = await adapter.writeQuantities(shop.connection, [row], key);
			expect(resultsOf(again)).toEqual(["applied"]);
			expect(await shop.shows("CUP")).toBe(7);
			expect(resultsOf(await shop.write([row], crypto.randomUUID()))).toEqual(["stale"]);
		},
		facts.writeMode === "compare" ? null : "nothing relies on its keys: an answer that was lost is read back",
	);
}
