import { expect } from "vitest";
import { expectReason } from "./expectations";
import { impatient, products } from "./shop";
import type { Suite } from "./suite";

/** Writes on a bad day: nothing is said to be applied that may not be, and nothing is said not to be sent that was. */
export function checkLostAnswers({ adapter, facts, check, open }: Suite): void {
	const seed = products({ CUP: 5, MUG: 5 });
	const resultsOf = ({ rows }: { rows: { result: string }[] }) => [...new Set(rows.map(({ result }) => result))];

	check("throttled: it says how long to wait, and nothing was applied", async () => {
		const shop = await open(seed);
		const rows = shop.together([await shop.row("CUP", 9), await shop.row("MUG", 9)]);
		await shop.turn({ throttleRate: 1 });
		const result = await adapter.writeQuantities(shop.connection, rows, crypto.randomUUID());
		expectReason("throttled", result.trouble, "throttled");
		expect(result.trouble?.retryAfterMs).toBeGreaterThan(0);
		expect(resultsOf(result)).toEqual(["not_sent"]);
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

	check("silence is unknown", async () => {
		const shop = await open(seed);
		const rows = shop.together([await shop.row("CUP", 9), await shop.row("MUG", 9)]);
		await shop.turn({ timeoutRate: 1 });
		const hasty = shop.connectionWith({});
		const result = await shop.write(rows, undefined, { ...hasty, http: impatient(hasty.http) });
		expectReason("silence", result.trouble, "timeout");
		expect(resultsOf(result)).toEqual(["unknown"]);
	});

	check("done and the answer lost is unknown", async () => {
		const shop = await open(seed);
		for (const [n, sku] of ["CUP", "MUG", "CUP", "MUG"].entries()) {
			const quantity = 10 + n;
			const row = await shop.row(sku, quantity, (await shop.shows(sku)) ?? 0);
			// By a failure or by a connection that breaks, as it falls.
			await shop.turn({ appliedThenFailedRate: 1 });
			const result = await shop.write([row]);
			await shop.calm();
			expect(result.trouble).not.toBeNull();
			expect(resultsOf(result)).toEqual(["unknown"]);
			if (facts.appliesAfterMs !== null) await shop.pass(facts.lateWriteMs);
			expect(await shop.level(sku)).toMatchObject({ quantity });
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
