import { expect, test } from "vitest";
import type { WriteResult, WriteRow } from "../listing";
import { expectTaken, untilShown } from "./landing";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

const row: WriteRow = { externalKey: "a", ids: {}, quantity: 9, expected: 5 };

/** A platform that applies a write so long after it was asked. */
function lateStore(landsAfterMs: number, facts: { appliesAfterMs: number | null; lateWriteMs: number }) {
	let now = 0;
	const shop = {
		pass: async (ms: number) => {
			now += ms;
		},
		levels: async () => [{ externalKey: "a", quantity: now >= landsAfterMs ? 9 : 5, readAt: new Date(now) }],
	};
	return { suite: { facts } as Suite, shop: shop as unknown as Shop };
}
const queued = { appliesAfterMs: 60_000, lateWriteMs: 600_000 };

test("a write that lands late, within the platform's own time, is waited for", async () => {
	const { suite, shop } = lateStore(590_000, queued);
	await untilShown(suite, shop, row);
});

test("one that lands later than the platform says, or never, fails", async () => {
	const { suite, shop } = lateStore(700_000, queued);
	await expect(untilShown(suite, shop, row)).rejects.toThrow(/expected 5 to be 9/);
});

test("where an answer means that it was applied, nothing is waited for", async () => {
	const { suite, shop } = lateStore(1, { appliesAfterMs: null, lateWriteMs: 600_000 });
	await expect(untilShown(suite, shop, row)).rejects.toThrow(/expected 5 to be 9/);
});

const answer = (result: "applied" | "accepted" | "not_sent", shown: number | null = null): WriteResult => ({
	rows: [result === "applied" ? { externalKey: "a", result, shown } : { externalKey: "a", result }],
	exchanges: [],
	trouble: null,
	budget: null,
});

test("accepted counts only where the platform says that it applies later", () => {
	const at = (appliesAfterMs: number | null) => ({ facts: { appliesAfterMs } }) as Suite;
	expect(() => expectTaken(at(60_000), answer("accepted"), [row])).not.toThrow();
	expect(() => expectTaken(at(null), answer("accepted"), [row])).toThrow();
	expect(() => expectTaken(at(null), answer("applied", 9), [row])).not.toThrow();
	expect(() => expectTaken(at(null), answer("applied", 4), [row])).toThrow();
	expect(() => expectTaken(at(60_000), answer("not_sent"), [row])).toThrow();
});
