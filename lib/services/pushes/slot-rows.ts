/** The slots table as the values of lib/stock/slot.ts, and back. */
import type { Statement } from "@/db/statement";
import type { Sellable } from "@/lib/stock/bound";
import type { Accepted, Flight, Slot } from "@/lib/stock/slot";
import type { WriteKind } from "@/lib/stock/write-mode";

/** How long an answer may take before the claim counts as an orphan; longer than any request's time-out. */
export const claimLeaseMs = 60_000;

export type SlotRow = {
	id: number;
	listingId: string;
	skuId: string | null;
	locationId: string | null;
	/** Units of the SKU per unit of the listing. */
	units: number;
	/** It has a share of its own. */
	isEscrow: boolean;
	externalKey: string;
	ids: Record<string, string>;
	slot: Slot;
	/** A live read that was settled, in milliseconds: to be kept. Absent: none was. */
	verifiedAt?: number;
};

type Raw = {
	id: number;
	listing_id: string;
	sku_id: string | null;
	location_id: string | null;
	units: number;
	is_escrow: boolean;
	external_key: string;
	ids: Record<string, string>;
	offered: number | null;
	offered_version: number;
	sku_version: number;
	expected: number | null;
	expected_version: number;
	unexplained: number;
	unexplained_since: number | null;
	shown: number | null;
	shown_at: number | null;
	shown_until: number | null;
	push_id: string | null;
	push_kind: WriteKind;
	push_quantity: number;
	push_expected: number;
	push_open: number | null;
	push_offered_version: number;
	push_sku_version: number;
	claimed_until: number;
	maybe: number | null;
	accepted: Accepted | null;
	unapplied: number;
	read_due_at: number | null;
	is_fenced: boolean;
	attempts: number;
	next_try_at: number | null;
	held_reason: string | null;
	paced_until: number | null;
	confirmed_version: number;
	confirmed_sku_version: number;
	sold_units: number;
	sold_at: number | null;
	bound: number | null;
	doubt: number;
	open_until: number | null;
	proof_quantity: number | null;
	proof_until: number | null;
	reserved_source: number | null;
	reserved_open: number | null;
};

/** Loads and locks, in id order (the order in which everybody locks slots). */
export async function lockSlots(run: Statement, ids: readonly number[]): Promise<SlotRow[]> {
	if (ids.length === 0) return [];
	const rows = await run<Raw>`
		select s.id::float8 as id, s.listing_id, s.sku_id, s.location_id, s.units, s.is_escrow, l.external_key, l.ids, s.offered, s.offered_version::float8, s.sku_version::float8,
			s.expected, s.expected_version::float8, s.unexplained, extract(epoch from s.unexplained_since)::float8 * 1000 as unexplained_since,
			s.shown, extract(epoch from s.shown_at)::float8 * 1000 as shown_at, extract(epoch from s.shown_until)::float8 * 1000 as shown_until,
			s.push_id, s.push_kind, s.push_quantity, s.push_expected, s.push_open, s.push_offered_version::float8, s.push_sku_version::float8,
			extract(epoch from s.claimed_until)::float8 * 1000 as claimed_until, s.maybe, s.accepted, s.unapplied,
			extract(epoch from s.read_due_at)::float8 * 1000 as read_due_at, s.is_fenced, s.attempts,
			extract(epoch from s.next_try_at)::float8 * 1000 as next_try_at, s.held_reason,
			extract(epoch from s.paced_until)::float8 * 1000 as paced_until, s.confirmed_version::float8, s.confirmed_sku_version::float8,
			s.sold_units, extract(epoch from s.sold_at)::float8 * 1000 as sold_at,
			s.bound, s.doubt, extract(epoch from s.open_until)::float8 * 1000 as open_until,
			s.proof_quantity, extract(epoch from s.proof_until)::float8 * 1000 as proof_until,
			s.reserved_source, s.reserved_open
		from slots s cross join lateral (select external_key, ids from listings where id = s.listing_id offset 0) l
		where s.id = any(array(select value::bigint from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb)))
		order by s.id for update of s`;
	return rows.map(fromRaw);
}

function fromRaw(raw: Raw): SlotRow {
	return {
		id: raw.id,
		listingId: raw.listing_id,
		skuId: raw.sku_id,
		locationId: raw.location_id,
		units: raw.units,
		isEscrow: raw.is_escrow,
		externalKey: raw.external_key,
		ids: raw.ids,
		slot: {
			offered: raw.offered,
			offeredVersion: raw.offered_version,
			skuVersion: raw.sku_version,
			expected: raw.expected,
			expectedVersion: raw.expected_version,
			unexplained: raw.unexplained,
			unexplainedSince: raw.unexplained_since,
			shown: raw.shown,
			shownAt: raw.shown_at,
			shownUntil: raw.shown_until,
			flight: raw.push_id === null ? null : flightOf(raw, raw.push_id),
			maybe: raw.maybe,
			accepted: raw.accepted,
			unapplied: raw.unapplied,
			readDueAt: raw.read_due_at,
			reservations: raw.reserved_source === null ? null : { source: raw.reserved_source, open: raw.reserved_open ?? 0 },
			isFenced: raw.is_fenced,
			attempts: raw.attempts,
			nextTryAt: raw.next_try_at,
			heldReason: raw.held_reason,
			pacedUntil: raw.paced_until,
			confirmedVersion: raw.confirmed_version,
			confirmedSkuVersion: raw.confirmed_sku_version,
			soldUnits: raw.sold_units,
			soldAt: raw.sold_at,
			sellable: raw.bound === null ? null : sellableFrom(raw, raw.bound),
		},
	};
}

const flightOf = (raw: Raw, pushId: string): Flight => ({
	pushId,
	kind: raw.push_kind,
	quantity: raw.push_quantity,
	expected: raw.push_expected,
	...(raw.push_open === null ? {} : { open: raw.push_open }),
	offeredVersion: raw.push_offered_version,
	skuVersion: raw.push_sku_version,
	claimedAt: raw.claimed_until - claimLeaseMs,
	until: raw.claimed_until,
});

const sellableFrom = (raw: Raw, bound: number): Sellable => ({
	bound,
	doubt: raw.doubt,
	openUntil: raw.open_until,
	proof: raw.proof_quantity === null ? null : { quantity: raw.proof_quantity, until: raw.proof_until },
});

/** Writes locked slots back. The hint stays only with a read that somebody else's news asked for: what our own write demands is read whatever they say. */
export async function storeSlots(run: Statement, rows: readonly SlotRow[]): Promise<void> {
	if (rows.length === 0) return;
	const input = rows.map(({ id, slot, verifiedAt }) => ({ id, ...slot, verifiedAt }));
	await run`
		update slots s set expected = n.expected, expected_version = n."expectedVersion", unexplained = n.unexplained,
			unexplained_since = to_timestamp(n."unexplainedSince" / 1000), shown = n.shown, shown_at = to_timestamp(n."shownAt" / 1000),
			shown_until = to_timestamp(n."shownUntil" / 1000), verified_at = coalesce(to_timestamp(n."verifiedAt" / 1000), s.verified_at),
			bound = (n.sellable->>'bound')::int, doubt = coalesce((n.sellable->>'doubt')::int, 0),
			open_until = to_timestamp((n.sellable->>'openUntil')::float8 / 1000), proof_quantity = (n.sellable->'proof'->>'quantity')::int,
			proof_until = to_timestamp((n.sellable->'proof'->>'until')::float8 / 1000),
			push_id = (n.flight->>'pushId')::uuid, push_kind = n.flight->>'kind', push_quantity = (n.flight->>'quantity')::int,
			push_expected = (n.flight->>'expected')::int, push_open = (n.flight->>'open')::int, push_offered_version = (n.flight->>'offeredVersion')::bigint,
			push_sku_version = (n.flight->>'skuVersion')::bigint, claimed_until = to_timestamp((n.flight->>'until')::float8 / 1000),
			reserved_source = (n.reservations->>'source')::int, reserved_open = (n.reservations->>'open')::int,
			maybe = n.maybe, accepted = n.accepted, unapplied = n.unapplied, read_due_at = to_timestamp(n."readDueAt" / 1000), hint = case when n."readDueAt" is null or n."shownAt" is null or n.shown is null then null else s.hint end,
			is_fenced = n."isFenced", attempts = n.attempts, next_try_at = to_timestamp(n."nextTryAt" / 1000),
			held_reason = n."heldReason", held_at = case when n."heldReason" is null then null else coalesce(s.held_at, now()) end,
			paced_until = to_timestamp(n."pacedUntil" / 1000),
			confirmed_at = case when n."confirmedVersion" > s.confirmed_version or n."confirmedSkuVersion" > s.confirmed_sku_version then clock_timestamp() else s.confirmed_at end,
			confirmed_version = n."confirmedVersion", confirmed_sku_version = n."confirmedSkuVersion"
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as n(
			id bigint, expected int, "expectedVersion" bigint, unexplained int, "unexplainedSince" float8, shown int, "shownAt" float8, "shownUntil" float8, "verifiedAt" float8,
			sellable jsonb, flight jsonb, reservations jsonb, maybe int, accepted jsonb, unapplied int, "readDueAt" float8, "isFenced" boolean, attempts int, "nextTryAt" float8,
			"heldReason" text, "pacedUntil" float8, "confirmedVersion" bigint, "confirmedSkuVersion" bigint)
		where s.id = n.id`;
}
