/** What a transaction leaves for its worker to do once it is committed. */
import type { FreedSlots } from "./queue";

export class Effects {
	/** Queue rows that are due were made. */
	isDue = false;
	/** The earliest moment, from now, at which something made here falls due. */
	inMs = Number.POSITIVE_INFINITY;
	readonly freed: FreedSlots = new Set();

	later(ms: number): void {
		this.inMs = Math.min(this.inMs, ms);
	}

	free(keys: string[]): void {
		for (const key of keys) this.freed.add(key);
	}
}
