import { randomUUID } from "node:crypto";
import type { Statement } from "@/db/statement";
import type { WriteRow } from "@/lib/channels/listing";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { soonest } from "@/lib/stock/slot";
import { type Plan, planWrite, urgentUnits } from "@/lib/stock/slot-plan";
import { claim } from "@/lib/stock/slot-writes";
import { slotFacts } from "../channels/slot-facts";
import type { WorkTarget } from "../channels/work-target";
import { heldOtherwise, recountWithOthers } from "../stock/recount-exposures";
import { reachable } from "../sync/fault-points";
import { type EscrowRoom, escrowRoom } from "./escrow-room";
import { claimLeaseMs, lockSlots, type SlotRow, storeSlots } from "./slot-rows";

export type ClaimedPush = { pushId: string; rows: WriteRow[]; slotIds: number[] };

export type Claim = {
	/** Null: nothing may be written now. */
	push: ClaimedPush | "orders_first" | null;
	/** Levels were found that must be read before anything can be written over them: they are due now. */
	needsLevels: boolean;
	/** Another call's worth may be waiting behind it. */
	mayBeMore: boolean;
};

/** More candidates than a call takes, so that those that must wait don't leave it half empty. */
const candidatesPerRow = 2;

type WritePlan = Extract<Plan, { act: "write" }>;

/**
 * Claims the next call's worth of pending offers in the caller's transaction, durably before anything leaves (S3): falls
 * to zero and scarce stock first, then the oldest. `only` restricts it to some slots (a refused batch being split, which
 * is one write however many halves it takes: pace is for news), `except` leaves some alone (of such a batch, those whose turn has not come).
 */
export async function claimPush(
	run: Statement,
	target: WorkTarget,
	facts: PlatformFacts,
	now: number,
	only: readonly number[] | null = null,
	except: readonly number[] = [],
): Promise<Claim> {
	const limit = facts.largestBatch * candidatesPerRow;
	const { ids, ordersReadAt, looksFirst } = await candidates(run, target.channelId, limit, only, except);
	const order = new Map(ids.map((id, index) => [id, index]));
	const locked = await lockSlots(run, ids);
	locked.sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
	const unpaced = only ? locked.map((row) => ({ ...row, slot: { ...row.slot, pacedUntil: null } })) : locked;
	const room = await escrowRoom(run, unpaced);
	const { chosen, toRead, needsOrders, isWhole } = choose(unpaced, facts, now, { ordersReadAt, looksFirst }, room);
	const mayBeMore = ids.length === limit || !isWhole;
	const needsLevels = toRead.length > 0;
	await storeSlots(
		run,
		toRead.map((row) => ({ ...row, slot: { ...row.slot, readDueAt: soonest(row.slot, now) } })),
	);
	if (chosen.length === 0) return { push: needsOrders ? "orders_first" : null, needsLevels, mayBeMore };

	const pushId = randomUUID();
	const at = { pushId, now, leaseMs: claimLeaseMs };
	const claimed = chosen.map(({ row, plan }) => ({ ...row, slot: claim(row.slot, plan, at, slotFacts(facts)) }));
	const changes = chosen.map(({ row }, index) => ({ row, after: (claimed[index] as SlotRow).slot }));
	await Promise.all([
		storeSlots(run, claimed),
		recordPush(run, target, pushId, chosen),
		recountWithOthers(run, heldOtherwise(changes)),
	]);
	reachable("claim");
	const push = {
		pushId,
		slotIds: chosen.map(({ row }) => row.id),
		rows: chosen.map(({ row, plan }) => ({
			externalKey: row.externalKey,
			ids: row.ids,
			quantity: plan.quantity,
			expected: plan.expected,
			open: plan.open,
		})),
	};
	return { push, needsLevels, mayBeMore };
}

/** When the last complete read of the channel's orders began, and whether the merchant's first write wins. */
type Circumstances = { ordersReadAt: number | null; looksFirst: boolean };

/** A superset of what the rules allow, by index; the pause, the safe start (R12) and revoked access are settled in the WHERE. */
async function candidates(
	run: Statement,
	channelId: string,
	limit: number,
	only: readonly number[] | null,
	except: readonly number[],
): Promise<{ ids: number[] } & Circumstances> {
	const rows = await run<{ id: number; orders_read_at: number | null; looks_first: boolean }>`
		select s.id::float8 as id, extract(epoch from h.orders_read_at)::float8 * 1000 as orders_read_at,
			m.race_rule = 'first_write_wins' as looks_first
		from slots s
		join channels c on c.id = s.channel_id and c.state = 'live' and c.pushing_since is not null and c.paused_at is null
		join channel_health h on h.channel_id = c.id
		join merchants m on m.id = s.merchant_id and m.pushes_paused_at is null
		join listings l on l.id = s.listing_id and l.gone_at is null and l.is_managed
		where s.channel_id = ${channelId}::uuid and s.is_pending and s.sku_id is not null and s.push_id is null
			and (s.next_try_at is null or s.next_try_at <= now())
			and (${only !== null} or s.paced_until is null or s.paced_until <= now() or s.offered <= ${urgentUnits}::int or s.is_fenced)
			and (s.offered < s.expected + s.unexplained - coalesce((s.accepted->>'taken')::int, 0) or (s.read_due_at is null and s.unexplained = 0 and s.maybe is null))
			and s.id not in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(except)}::text::jsonb))
			and (${only === null} or s.id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(only ?? [])}::text::jsonb)))
		order by (s.offered = 0) desc, (s.offered <= ${urgentUnits}::int) desc, s.offered_at
		limit ${limit}::int
		for update of s skip locked`;
	return {
		ids: rows.map(({ id }) => id),
		ordersReadAt: rows[0]?.orders_read_at ?? null,
		looksFirst: rows[0]?.looks_first ?? false,
	};
}

/** Fills one call: as many as it takes, sharing what the platform demands that they share. */
function choose(
	rows: readonly SlotRow[],
	facts: PlatformFacts,
	now: number,
	{ ordersReadAt, looksFirst }: Circumstances,
	room: EscrowRoom,
): { chosen: { row: SlotRow; plan: WritePlan }[]; toRead: SlotRow[]; needsOrders: boolean; isWhole: boolean } {
	const chosen: { row: SlotRow; plan: WritePlan }[] = [];
	const toRead: SlotRow[] = [];
	let needsOrders = false;
	let isWhole = true;
	let sharedKey: string | null = null;
	for (const row of rows) {
		if (chosen.length >= facts.largestBatch) {
			isWhole = false;
			break;
		}
		const plan = planWrite(row.slot, { ...slotFacts(facts), looksFirst }, now, ordersReadAt, room.of(row));
		if (plan.act === "read_orders") needsOrders = true;
		if (plan.act === "read_level") toRead.push(row);
		if (plan.act !== "write") continue;
		const key = facts.batchKey?.(row.ids) ?? "";
		sharedKey ??= key;
		if (key === sharedKey) {
			room.take(row, plan);
			chosen.push({ row, plan });
		} else isWhole = false;
	}
	// In slot order, so that a push that must be sent again is the very same request.
	return { chosen: chosen.sort((a, b) => a.row.id - b.row.id), toRead, needsOrders, isWhole };
}

async function recordPush(
	run: Statement,
	target: WorkTarget,
	pushId: string,
	chosen: readonly { row: SlotRow; plan: WritePlan }[],
): Promise<void> {
	const items = chosen.map(({ row, plan }) => ({
		slot: row.id,
		sku: row.skuId,
		kind: plan.kind,
		quantity: plan.quantity,
		expected: plan.expected,
		version: row.slot.skuVersion,
	}));
	await run`
		with push as (
			insert into pushes (id, merchant_id, channel_id, items)
			values (${pushId}::uuid, ${target.merchantId}::uuid, ${target.channelId}::uuid, ${items.length}::int)
		)
		insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version)
		select ${pushId}::uuid, i.slot, ${target.merchantId}::uuid, ${target.channelId}::uuid, i.sku, i.kind, i.quantity, i.expected, i.version
		from jsonb_to_recordset(${JSON.stringify(items)}::text::jsonb) as i(slot bigint, sku uuid, kind text, quantity int, expected int, version bigint)`;
}
