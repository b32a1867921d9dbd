/** The list of SKUs in plain values: what the server answers and the browser draws. */
import type { LinkedState } from "@/lib/matching/grid";

export const inventoryShows = ["all", "oversold", "out", "low", "uncounted"] as const;
export type InventoryFilter = { text: string; show: (typeof inventoryShows)[number] };

export type InventoryRow = {
	id: string;
	code: string;
	title: string;
	options: string | null;
	imageUrl: string | null;
	/** Null: not counted yet. Negative: more was sold than there was. */
	available: number | null;
	/** Over all locations; null: not counted, or a bundle, which has none of its own. */
	onHand: number | null;
	reserved: number;
	/** Units held back from each channel, unless a channel says otherwise. */
	bufferUnits: number;
	isBundle: boolean;
	/** One per linked listing. */
	channels: { channelId: string; shows: number | null; offered: number | null; state: LinkedState; word: string }[];
};

export type InventoryPage = {
	rows: InventoryRow[];
	/** Where the next page begins; null on the last. */
	next: string | null;
};
