/** Until what was written shows. */
import { expect } from "vitest";
import type { WriteResult, WriteRow } from "../listing";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

/** Looks again so often, with the clock put forward, within the time in which a write may land. */
const looks = 12;

/** Writes, and holds what the store then shows against it, by a reading and by its own truth. */
export async function expectLanded(
	suite: Suite,
	shop: Shop,
	rows: WriteRow[],
	skus: readonly string[],
): Promise<WriteResult> {
	const result = await shop.write(rows);
	expectTaken(suite, result, rows);
	for (const [index, row] of rows.entries()) {
		await untilShown(suite, shop, row);
		expect(await shop.shows(skus[index] ?? ""), skus[index]).toBe(row.quantity);
	}
	return result;
}

/** Every row applied, or accepted where the platform says that it applies later. */
export function expectTaken({ facts }: Suite, { rows, trouble }: WriteResult, sent: WriteRow[]): void {
	expect(trouble).toBeNull();
	expect(rows.map(({ externalKey }) => externalKey).sort()).toEqual(sent.map(({ externalKey }) => externalKey).sort());
	const allowed = facts.appliesAfterMs === null ? ["applied"] : ["applied", "accepted"];
	for (const row of rows) {
		expect(allowed, JSON.stringify(row)).toContain(row.result);
		const { quantity } = sent.find(({ externalKey }) => externalKey === row.externalKey) ?? {};
		if (row.result === "applied" && row.shown !== null) expect(row.shown).toBe(quantity);
	}
}

/** Reads the level until it is the row's, and fails when it isn't by the platform's `lateWriteMs`. */
export async function untilShown(
	{ facts }: Suite,
	shop: Shop,
	{ externalKey, ids, quantity }: WriteRow,
): Promise<void> {
	const isLate = facts.appliesAfterMs !== null;
	let shown: number | null | undefined;
	for (let look = 0; look <= (isLate ? looks : 0); look++) {
		if (look > 0) await shop.pass(Math.ceil(facts.lateWriteMs / looks));
		[{ quantity: shown } = { quantity: undefined }] = await shop.levels([{ externalKey, ids }]);
		if (shown === quantity) return;
	}
	expect(shown, externalKey).toBe(quantity);
}
