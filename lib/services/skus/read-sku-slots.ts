import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { ChannelState, LogState, Platform } from "@/db/schema";
import { adapterFor, isConnectable } from "@/lib/channels/registry";
import type { OfferReason } from "./explain-offers";

/** One listing of the SKU: what it shows, what it may still sell, how it is told. */
export type SkuSlot = {
	slotId: number;
	listingId: string;
	channel: { id: string; name: string; platform: Platform };
	listing: string;
	url: string | null;
	/** Units of the SKU per unit of the listing. */
	units: number;
	shows: number | null;
	offered: number | null;
	/** How `offered` came about; null: not counted where the channel sells from. */
	why: OfferReason | null;
	/** Units of the listing that it can sell for certain, and those in doubt until a write is confirmed. */
	bound: number;
	doubt: number;
	/** Its offers leave, now or when it is back; false: it is only read. */
	isPushed: boolean;
	shape: LogState;
	/** Beside the shape: why it is not in step. Null: the moment says enough. */
	word: string | null;
	toldAt: number | null;
	/** When its number was last read in the store and settled; null: never. */
	verifiedAt: number | null;
	/** How it is written: "compare", "set, read back". */
	write: string;
};

export type SlotRow = {
	id: number;
	channel_id: string;
	channel: string;
	platform: Platform;
	state: ChannelState;
	is_paused: boolean;
	listing_id: string;
	breaker: string | null;
	listing: string;
	url: string | null;
	units: number;
	offered: number | null;
	shows: number | null;
	unexplained: number;
	bound: number | null;
	doubt: number;
	push_quantity: number | null;
	held_reason: string | null;
	is_pending: boolean;
	is_fenced: boolean;
	is_gone: boolean;
	is_managed: boolean;
	told_ms: number | null;
	verified_ms: number | null;
	offered_ms: number | null;
};

export async function readSlotRows(tx: Transaction, skuId: string): Promise<SlotRow[]> {
	return [
		...((await tx.execute(sql`
			select s.id::float8 as id, s.listing_id, c.id as channel_id, c.name as channel, c.platform, c.state,
				(c.paused_at is not null or m.pushes_paused_at is not null) as is_paused, h.breaker,
				concat_ws(', ', i.title, i.options) as listing, i.url, s.units, s.offered, s.expected + s.unexplained as shows, s.unexplained,
				s.bound, s.doubt, s.push_quantity, s.held_reason, s.is_pending, s.is_fenced,
				i.gone_at is not null as is_gone, i.is_managed,
				extract(epoch from s.confirmed_at)::float8 * 1000 as told_ms, extract(epoch from coalesce(s.verified_at, s.shown_at))::float8 * 1000 as verified_ms, extract(epoch from s.offered_at)::float8 * 1000 as offered_ms
			from slots s
			join channels c on c.id = s.channel_id and c.state <> 'disconnected'
			join merchants m on m.id = s.merchant_id
			join listings i on i.id = s.listing_id
			left join channel_health h on h.channel_id = c.id
			where s.sku_id = ${skuId}::uuid order by c.created_at, c.name, s.id`)) as unknown as SlotRow[]),
	];
}

/** As a person reads it. `why`: how its offer came about. */
export async function slotOf(row: SlotRow, why: OfferReason | null): Promise<SkuSlot> {
	const shows = Math.max(0, row.shows ?? 0);
	return {
		slotId: row.id,
		listingId: row.listing_id,
		channel: { id: row.channel_id, name: row.channel, platform: row.platform },
		listing: row.listing,
		url: row.url,
		units: row.units,
		shows: row.shows,
		offered: row.offered,
		why,
		bound: Math.max(0, row.bound ?? shows),
		doubt: row.doubt,
		isPushed: row.state === "live",
		...stateOf(row),
		toldAt: row.told_ms,
		verifiedAt: row.verified_ms,
		write: await writeOf(row),
	};
}

function stateOf(row: SlotRow): Pick<SkuSlot, "shape" | "word"> {
	if (row.state === "revoked") return { shape: "off", word: "access withdrawn" };
	if (row.state !== "live") return { shape: "none", word: "pushing is off" };
	if (row.is_gone) return { shape: "off", word: "no longer in the store" };
	if (!row.is_managed) return { shape: "none", word: "not counted in the store" };
	if (row.held_reason !== null) return { shape: "off", word: "refused" };
	if (row.unexplained !== 0) return { shape: "warn", word: "drift" };
	if (row.offered === null) return { shape: "none", word: "not counted yet" };
	if (row.is_pending && row.breaker && row.breaker !== "closed") return { shape: "off", word: "unreachable" };
	if (row.is_pending && row.is_paused) return { shape: "hold", word: "paused" };
	if (row.is_pending) return { shape: "go", word: "on its way" };
	return { shape: "ok", word: null };
}

/** In the words of what goes over the wire. */
async function writeOf(row: SlotRow): Promise<string> {
	const mode = isConnectable(row.platform) ? (await adapterFor(row.platform)).facts.writeMode : null;
	switch (mode) {
		case "compare":
			return "compare and set";
		case "delta": {
			const change = (row.offered ?? 0) - (row.shows ?? 0);
			return change === 0 || !row.is_pending
				? "by difference"
				: `difference ${change > 0 ? "+" : "−"}${Math.abs(change)}`;
		}
		case "absolute":
			return row.is_fenced ? "zero, read, set" : "set, read back";
		case "over_reservations":
			return row.is_fenced ? "closed, read, set" : "net of reservations";
		default:
			return "—";
	}
}
