import type { LogState } from "@/db/schema";

/** One bar of the waterfall. Moments are milliseconds since the epoch. */
export type ChainStep = {
	key: string;
	label: string;
	/** Half a sentence for the tooltip and for readers of the table. */
	note: string;
	state: LogState;
	/** It could have begun; the bar's faint part lasts until `from`. */
	since: number;
	/** Null: it has not begun. */
	from: number | null;
	/** Null: it is not over. */
	to: number | null;
	pushId: string | null;
};
