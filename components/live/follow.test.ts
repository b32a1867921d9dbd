import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogLineView } from "@/lib/queries/log";
import { follow, isBefore, type Told, wholeFrom } from "./follow";

/** Rows in commit order: several to a transaction, ids not in order over transactions. */
const rows = Array.from({ length: 60 }, (_, nth) => {
	const tx = 100 + Math.floor(nth / 3);
	const id = tx % 2 === 0 ? 1_000 + nth : nth + 1;
	return { cursor: `${tx}-${id}`, line: { id } as LogLineView };
});
/** Before the first row. */
const start = "100-0";

/** Everything after `from`, as the server would send it, at most so many rows. */
const rowsAfter = (from: string, most: number) => rows.filter(({ cursor }) => isBefore(from, cursor)).slice(0, most);

class Tab {
	at: string | null = null;
	begin: string | null = null;
	readonly ids: number[] = [];
	isBehind = false;
	hear(told: Told): void {
		const followed = follow(this.at, told);
		this.begin ??= followed.at;
		this.at = followed.at;
		this.isBehind = followed.isBehind;
		this.ids.push(...followed.lines.map(({ id }) => id));
	}
}

const step = fc.oneof(
	fc.record({ act: fc.constant("send" as const), most: fc.integer({ min: 1, max: 7 }), deaf: fc.nat(63) }),
	fc.record({ act: fc.constant("lead" as const), tab: fc.nat(5), deaf: fc.nat(63) }),
	fc.record({ act: fc.constant("join" as const), tab: fc.nat(5) }),
);

test("every tab sees every line once and in order, whichever holds the stream and whatever a tab does not hear", () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const tabs = Array.from({ length: 6 }, () => new Tab());
			let streamAt = start;
			const tell = (told: Told, deaf = 0) => {
				for (const [nth, tab] of tabs.entries())
					if ((deaf & (1 << nth)) === 0 && (tab.at !== null || told.kind !== "hello" || tab === tabs[0]))
						tab.hear(told);
			};
			const open = (from: string, deaf = 0) => {
				streamAt = from;
				tell({ kind: "hello", at: from }, deaf);
			};
			const send = (most: number, deaf = 0) => {
				const sent = rowsAfter(streamAt, most);
				const last = sent.at(-1);
				if (!last) return;
				const after = streamAt;
				streamAt = last.cursor;
				tell({ kind: "lines", after, upTo: streamAt, batch: { lines: sent.map(({ line }) => line), lagMs: 0 } }, deaf);
			};
			open(start);
			for (const each of steps) {
				if (each.act === "send") send(each.most, each.deaf);
				else if (each.act === "join") tabs[each.tab]?.hear({ kind: "hello", at: streamAt });
				else open(tabs[each.tab]?.at ?? streamAt, each.deaf);
				for (const { isBehind, at } of tabs) if (isBehind && at !== null && isBefore(at, streamAt)) open(at);
			}
			// Whoever missed the last is told by the next beat.
			for (let round = 0; round <= tabs.length; round++) {
				while (rowsAfter(streamAt, 1).length > 0) send(5);
				tell({ kind: "hello", at: streamAt });
				for (const { isBehind, at } of tabs) if (isBehind && at !== null) open(at);
			}
			for (const { ids, begin } of tabs)
				if (begin !== null) expect(ids).toEqual(rowsAfter(begin, rows.length).map(({ line }) => line.id));
		}),
		{ numRuns: 200 },
	);
});

test("history must reach to where the stream begins: past a transaction of which a part was told before", () => {
	expect(wholeFrom("105-0")).toBe("105");
	expect(wholeFrom("105-77")).toBe("106");
});

test("a tab that has not heard where the stream begins takes nothing of it", () => {
	const told: Told = {
		kind: "lines",
		after: "100-0",
		upTo: "100-7",
		batch: { lines: [{ id: 7 } as LogLineView], lagMs: 0 },
	};
	expect(follow(null, told)).toEqual({ at: null, lines: [], isBehind: false });
});
