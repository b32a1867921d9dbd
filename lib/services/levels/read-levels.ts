import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { RemoteLevel } from "@/lib/channels/listing";
import { notifyLog } from "@/lib/live/notify";
import { ceiling } from "@/lib/stock/bound";
import type { Slot } from "@/lib/stock/slot";
import { acceptShown, hearLevel, type LevelVerdict } from "@/lib/stock/slot-news";
import type { OpenConnection } from "../channels/open-connection";
import { slotFacts } from "../channels/slot-facts";
import type { WorkTarget } from "../channels/work-target";
import { closeOfSlots } from "../conflicts/close-of-slots";
import { readProducts } from "../imports/read-products";
import { appendLog } from "../log/append-log";
import { applyWaiting } from "../mail/apply-waiting";
import { lockMail } from "../mail/lock-mail";
import { areOrdersScarce } from "../orders/ask-pace";
import { type Polled, pollOrders } from "../orders/poll-orders";
import { type KnownWrite, recordFates } from "../pushes/record-fates";
import { lockSlots, type SlotRow, storeSlots } from "../pushes/slot-rows";
import { dealAgain } from "../stock/deal-again";
import { lockPlaces } from "../stock/place-changes";
import { heldOtherwise, recountWithOthers } from "../stock/recount-exposures";
import { wake } from "../sync/wake";
import { asksForOrders, dueSlots, nextReadAt, readTimes, type SlotToRead } from "./due-reads";
import { readApart } from "./read-apart";
import { readReturned } from "./read-returned";
import { countEdits, settleDrift } from "./settle-drift";

/**
 * Reads what is due, in the order that R4 demands: the channel's orders first, then the levels, then decide. Where orders
 * can't be asked for at any time, the last read of them does for what no newer one must settle. Slots whose hint has become
 * what we expect meanwhile need no read at all. `orders`: what they told; null: they were not asked for.
 */
export async function readDueLevels(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
): Promise<{ read: number; orders: Polled | null }> {
	const { facts } = open.adapter;
	await asMerchantPrepared(client, target.merchantId, (run) => dropNeedless(run, target.channelId));
	const times = await asMerchantPrepared(client, target.merchantId, (run) => readTimes(run, target.channelId, facts));
	const dueAt = nextReadAt(times, facts);
	if (dueAt === null || dueAt > times.now) return { read: 0, orders: null };

	const orders = asksForOrders(times, facts) ? await readOrdersFirst(client, target, open) : null;
	await applyWaiting(client, target, open);

	// Anew: what the orders told may have made reads needless, and the versions must be those from before the read.
	await asMerchantPrepared(client, target.merchantId, (run) => dropNeedless(run, target.channelId));
	const due = await asMerchantPrepared(client, target.merchantId, (run) => dueSlots(run, target.channelId, facts));
	const ordersReadAt = orders?.readAt.getTime() ?? times.orders.readAt;
	if (due.length > 0) await readLevels(client, target, open, due, ordersReadAt);
	return { read: due.length, orders };
}

/** What is in doubt is asked for as far back as it was in order: where reads are scarce at once, else if the news leaves a doubt. */
async function readOrdersFirst(client: postgres.Sql, target: WorkTarget, open: OpenConnection): Promise<Polled> {
	const inDoubt = () => asMerchantPrepared(client, target.merchantId, (run) => lastInOrder(run, target.channelId));
	if (areOrdersScarce(open.adapter.facts)) return pollOrders(client, target, open, await inDoubt());
	const polled = await pollOrders(client, target, open);
	await applyWaiting(client, target, open);
	const doubtedSince = await inDoubt();
	if (!doubtedSince) return polled;
	const { fresh, readAt } = await pollOrders(client, target, open, doubtedSince);
	return { fresh: polled.fresh + fresh, readAt };
}

/** Reads these levels live and acts on what they say; a listing that has none any more is asked for by its product. */
export async function readLevels(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	slots: readonly SlotToRead[],
	ordersReadAt: number | null,
): Promise<LevelVerdict[]> {
	const { levels, unreadable } = await readApart(
		slots.map(({ external_key, ids }) => ({ externalKey: external_key, ids })),
		(some) => open.adapter.readLevels(open.connection(), some),
	);
	const answeredAt = new Date();
	const returned = await readReturned(client, target, open, slots);
	const heard = await hearLevels(client, target, open, slots, { levels, answeredAt, ordersReadAt, returned });
	wake("work", heard.pendingChannelIds);
	await dealAgain(client, target.merchantId, heard.settledSkuIds);
	await readProducts(client, target, open, heard.missingFrom);
	if (unreadable) throw unreadable;
	return heard.verdicts;
}

/**
 * The news that asked for the read turned out to be what we expect: an echo, or an order that was counted since (R6). A
 * difference that was read already stays due, though the news names the very same number. Of what the store no longer
 * has, or no longer counts, there is nothing to read.
 */
async function dropNeedless(run: Statement, channelId: string): Promise<void> {
	await run`
		update slots s set read_due_at = null, hint = null
		where s.channel_id = ${channelId}::uuid and s.read_due_at is not null and s.push_id is null
			and ((s.hint is not null and s.unexplained = 0 and s.hint = s.expected)
				or exists (select from listings l where l.id = s.listing_id and (l.gone_at is not null or not l.is_managed)))`;
}

/** A difference is never held against more than this of the list of orders. */
const longestDoubtMs = 60 * 60_000;

/** Since when the store's orders must explain what is left of a due difference, before it is taken for an edit. Null: nothing is left. */
async function lastInOrder(run: Statement, channelId: string): Promise<Date | null> {
	const [row] = await run<{ since: number }>`
		select extract(epoch from greatest(verified_at, now() - ${longestDoubtMs}::int * interval '1 ms'))::float8 * 1000 as since
		from slots
		where channel_id = ${channelId}::uuid and read_due_at <= now() and push_id is null and unexplained <> 0 and verified_at is not null
		order by verified_at limit 1`;
	return row ? new Date(row.since) : null;
}

async function hearLevels(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	asked: readonly SlotToRead[],
	{
		levels,
		answeredAt,
		ordersReadAt,
		returned,
	}: {
		levels: readonly RemoteLevel[];
		answeredAt: Date;
		ordersReadAt: number | null;
		returned: ReadonlyMap<number, number>;
	},
): Promise<{ verdicts: LevelVerdict[]; missingFrom: string[]; settledSkuIds: string[]; pendingChannelIds: string[] }> {
	const facts = slotFacts(open.adapter.facts);
	const byKey = new Map(levels.map((level) => [level.externalKey, level]));
	const versions = new Map(asked.map((slot) => [slot.id, slot.expected_version]));
	const result = await asMerchantPrepared(client, target.merchantId, async (run) => {
		await lockMail(run, target.channelId);
		await lockCounted(run, target.channelId, asked, byKey, returned);
		const rows = await lockSlots(
			run,
			asked.map(({ id }) => id),
		);
		const heard: { row: SlotRow; verdict: LevelVerdict }[] = [];
		const missing: SlotRow[] = [];
		const settledSkuIds: string[] = [];
		const changes: { row: SlotRow; after: Slot }[] = [];
		const known: KnownWrite[] = [];
		for (const row of rows) {
			const level = byKey.get(row.externalKey);
			if (!level || level.quantity === null) {
				missing.push(row);
				continue;
			}
			const report = {
				quantity: level.quantity,
				reservations: level.reservations,
				readAt: level.readAt.getTime(),
				answeredAt: answeredAt.getTime(),
				ordersReadAt,
				expectedVersion: versions.get(row.id) ?? -1,
			};
			const { slot, verdict, write } = hearLevel(row.slot, report, facts);
			if (write) known.push({ row: { ...row, slot }, write });
			// Void, and nobody had demanded it: no reason to demand it now.
			const isIdle = verdict === "void" && row.slot.readDueAt === null;
			const verified = isSettled(verdict, slot) ? { verifiedAt: report.readAt } : {};
			heard.push({ row: isIdle ? row : { ...row, slot, ...verified }, verdict });
			if (row.isEscrow && row.skuId && heldBy(slot) !== heldBy(row.slot)) settledSkuIds.push(row.skuId);
			changes.push({ row, after: slot });
		}
		const log = await recordFates(run, target, known, answeredAt.getTime());
		const drifted = heard.filter(({ verdict }) => verdict === "drift");
		const settled =
			drifted.length > 0
				? await settleDrift(
						run,
						target,
						drifted.map(({ row }) => row),
						facts,
						returned,
					)
				: null;
		log.push(...(settled?.log ?? []));
		const agreed = heard.filter(({ row, verdict }) => verdict !== "drift" && isSettled(verdict, row.slot));
		log.push(
			...(await closeOfSlots(
				run,
				target.merchantId,
				agreed.map(({ row }) => row.id),
				"agreed",
			)),
		);
		await storeSlots(
			run,
			heard.map(({ row }) => (settled?.accepted.has(row.id) ? { ...row, slot: acceptShown(row.slot) } : row)),
		);
		await keepStamps(run, heard, byKey, answeredAt);
		await recountWithOthers(run, heldOtherwise(changes));
		if (missing.length > 0) await noteMissing(run, missing);
		const counted = settled && (await countEdits(run, target.merchantId, settled.movements));
		log.push(...(counted?.log ?? []));
		await appendLog(run, target.merchantId, log);
		return {
			verdicts: heard.map(({ verdict }) => verdict),
			missingFrom: missing.flatMap(({ ids }) => ids.productId ?? []),
			settledSkuIds,
			pendingChannelIds: counted?.pendingChannelIds ?? [],
		};
	});
	notifyLog(target.merchantId);
	return result;
}

/** Nothing of what was read is left to be explained, or it is classified. */
const isSettled = (verdict: LevelVerdict, { unexplained }: Slot): boolean =>
	verdict === "drift" || ((verdict === "echo" || verdict === "settled") && unexplained === 0);

/** The store's own stamp of a change that nothing explains, as it is first read: a write of ours moves it. */
async function keepStamps(
	run: Statement,
	heard: readonly { row: SlotRow }[],
	levels: ReadonlyMap<string, RemoteLevel>,
	answeredAt: Date,
): Promise<void> {
	const found = heard
		.filter(({ row }) => row.slot.unexplainedSince === answeredAt.getTime())
		.map(({ row }) => ({ id: row.id, at: levels.get(row.externalKey)?.changedAt?.getTime() ?? null }));
	if (found.length === 0) return;
	await run`
		update slots s set changed_at = to_timestamp(f.at / 1000)
		from jsonb_to_recordset(${JSON.stringify(found)}::text::jsonb) as f(id bigint, at float8) where s.id = f.id`;
}

const heldBy = ({ sellable }: Slot): number | null => sellable && ceiling(sellable);

/** Where the channel's edit counts, a difference may move the stock: what it is placed by is locked before it is looked at. */
async function lockCounted(
	run: Statement,
	channelId: string,
	asked: readonly SlotToRead[],
	levels: ReadonlyMap<string, RemoteLevel>,
	returned: ReadonlyMap<number, number>,
): Promise<void> {
	const shown = asked.map(({ id, external_key }) => ({
		id,
		quantity: levels.get(external_key)?.quantity ?? null,
		isReturned: (returned.get(id) ?? 0) > 0,
	}));
	const counted = await run<{ sku_id: string }>`
		select distinct s.sku_id from jsonb_to_recordset(${JSON.stringify(shown)}::text::jsonb) as i(id bigint, quantity int, "isReturned" boolean)
		join slots s on s.id = i.id and s.expected <> i.quantity and s.sku_id is not null
		join channels c on c.id = s.channel_id and c.location_id is not null
		join merchants m on m.id = c.merchant_id
			and (i."isReturned" or 'channel_counts' in (c.drift_policy, c.drift_rounding, c.drift_bundle) or m.race_rule = 'first_write_wins')
		where c.id = ${channelId}::uuid`;
	if (counted.length > 0)
		await lockPlaces(
			run,
			counted.map(({ sku_id }) => sku_id),
			asked.map(({ id }) => id),
		);
}

/** Its product is asked next whether it is gone or no longer counted; if neither, it is read again. */
const missingAgainMs = 60_000;

async function noteMissing(run: Statement, rows: readonly SlotRow[]): Promise<void> {
	await run`
		update slots set read_due_at = now() + ${missingAgainMs}::int * interval '1 ms', hint = null
		where id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(rows.map(({ id }) => id))}::text::jsonb))`;
}
