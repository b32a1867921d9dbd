import type postgres from "postgres";
import { clientFor } from "@/db/client";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { adapterFor } from "@/lib/channels/registry";
import { notifyLog } from "@/lib/live/notify";
import { compareVersions } from "@/lib/stock/order";
import type { WorkTarget } from "../channels/work-target";
import { appendLog, type LogLine } from "../log/append-log";
import { applyOrders } from "../orders/apply-orders";
import type { HeardOrder } from "../orders/heard-order";
import { markGone } from "../orders/mark-gone";
import { tellHeld } from "../orders/tell-held";
import { forgetUnread, keepLost } from "../orders/unread-orders";
import { reachable } from "../sync/fault-points";
import { wake } from "../sync/wake";
import { deadLetter } from "./dead-letter";
import { lockMail } from "./lock-mail";
import { type MailRow, type ReadMail, readMail } from "./read-mail";

export type AppliedBatch = {
	/** Inbox rows that were dealt with. */
	rows: number;
	/** Orders to be read by id from the platform: news that did not carry them whole, or stamps that can't tell. */
	orderRefsToRead: string[];
};

/** Rows that one transaction takes: enough that its cost per order is small, few enough that it ends in tens of ms. */
const batchSize = 500;

/**
 * Applies one batch of a channel's mail: one transaction, a fixed number of statements. A batch that the database
 * refuses is split until the bad row is alone; it becomes a dead letter and the rest goes (R11).
 */
export async function applyMailBatch(
	target: WorkTarget,
	client: postgres.Sql = clientFor("app"),
): Promise<AppliedBatch> {
	return applyUpTo(target, client, batchSize);
}

async function applyUpTo(target: WorkTarget, client: postgres.Sql, limit: number): Promise<AppliedBatch> {
	let result: { batch: AppliedBatch; pendingChannelIds: string[]; hasLog: boolean };
	let taken: readonly MailRow[] = [];
	const apply = async (run: Statement) => {
		taken = await takeMail(run, target.channelId, limit);
		return applyInside(run, target, taken);
	};
	try {
		result = await asMerchantPrepared(client, target.merchantId, apply, { isRedone: true });
	} catch (error) {
		const [first] = taken;
		if (!first || !isDataError(error)) throw error;
		if (limit > 1) return applyUpTo(target, client, Math.ceil(limit / 10));
		await asMerchantPrepared(client, target.merchantId, (run) => bury(run, target, first, error as Error));
		notifyLog(target.merchantId);
		return { rows: 1, orderRefsToRead: [] };
	}
	reachable("apply");
	if (result.pendingChannelIds.length > 0) wake("work", result.pendingChannelIds);
	if (result.hasLog) notifyLog(target.merchantId);
	return result.batch;
}

/** Class 22 (data exception) and 23 (integrity): the row's fault. Anything else (connection, deadlock) is tried again as it was. */
const isDataError = (error: unknown) => /^2[23]/.test(String((error as { code?: unknown }).code ?? ""));

async function takeMail(run: Statement, channelId: string, limit: number): Promise<MailRow[]> {
	const [, rows] = await Promise.all([
		lockMail(run, channelId),
		run<MailRow>`
			select id::float8 as id, source, topic, body, error is not null as "isAgain" from inbox where channel_id = ${channelId}::uuid and state = 0 order by id limit ${limit}`,
	]);
	return rows;
}

async function applyInside(run: Statement, target: WorkTarget, rows: readonly MailRow[]) {
	const { channelId, merchantId } = target;
	if (rows.length === 0) return { batch: { rows: 0, orderRefsToRead: [] }, pendingChannelIds: [], hasLog: false };

	const { parseWebhook, facts } = await adapterFor(target.platform);
	const mail = readMail(rows, parseWebhook);
	const { heard, tied } = newestOrders(mail);
	const applied = heard.length > 0 ? await applyOrders(run, merchantId, channelId, heard) : null;
	const asked = mail.signals.flatMap(({ signal }) => (signal.kind === "order_changed" ? [signal.orderRef] : []));
	const missing = mail.signals.flatMap(({ signal }) => (signal.kind === "order_gone" ? [signal.orderRef] : []));
	const held = await tellHeld(
		run,
		channelId,
		heard.filter(({ order }) => applied?.newOrderRefs.has(order.orderRef)),
		facts.unpaidHold,
	);
	const gone = await markGone(run, channelId, missing, facts.orderMemoryMs);
	const hinted = await noteHints(run, channelId, mail);
	const toCall = await noteRest(run, channelId, mail);
	const log: LogLine[] = [
		...(applied?.log ?? []),
		...held,
		...gone,
		...(await keepLost(run, target, missing)),
		...mail.dead.map(({ row, error }) => deadLetter(channelId, row, error)),
	];
	await Promise.all([appendLog(run, merchantId, log), markApplied(run, target, rows, mail, applied?.moved ?? 0)]);
	await forgetUnread(run, target, readFromStore(mail));
	reachable("apply");
	return {
		batch: {
			rows: rows.length,
			orderRefsToRead: [...new Set([...asked, ...tied, ...(applied?.unclearOrderRefs ?? [])])],
		},
		pendingChannelIds: [...new Set([...(applied?.pendingChannelIds ?? []), ...hinted, ...toCall])],
		hasLog: log.length > 0,
	};
}

/** Orders that the store was asked for and has told. */
const readFromStore = (mail: ReadMail) =>
	mail.signals.flatMap(({ row, signal }) =>
		row.source === "poll" && signal.kind === "order" ? [{ orderRef: signal.order.orderRef, inboxId: row.id }] : [],
	);

/**
 * Many snapshots of one order in a batch fold into its newest; of equals a live read wins, then the last heard. Two that
 * differ under one stamp are told apart by their step, which an order that goes back in its life lowers; where they may
 * have come in another order than they happened (`tied`), the platform is asked, and its answer wins.
 */
function newestOrders(mail: ReadMail): { heard: HeardOrder[]; tied: string[] } {
	const newest = new Map<string, HeardOrder>();
	const tied = new Set<string>();
	for (const { row, signal } of mail.signals) {
		if (signal.kind !== "order") continue;
		const next: HeardOrder = {
			order: signal.order,
			inboxId: row.id,
			isLiveRead: row.source === "poll",
			isAnswer: signal.isAnswer,
		};
		const { orderRef, version, lines } = next.order;
		const best = newest.get(orderRef);
		const later = best ? compareVersions(version, best.order.version) : 1;
		const isOfOneStamp = best?.order.version.at === version.at;
		if (!isOfOneStamp && later > 0) tied.delete(orderRef);
		if (best && isOfOneStamp && later <= 0 && JSON.stringify(best.order.lines) !== JSON.stringify(lines))
			tied.add(orderRef);
		if (isOfOneStamp && next.isAnswer) {
			tied.delete(orderRef);
			newest.set(orderRef, next);
		} else if (!best || later > 0 || (later === 0 && (next.isLiveRead || !best.isLiveRead))) newest.set(orderRef, next);
	}
	return { heard: [...newest.values()], tied: [...tied] };
}

/** The read that a level report asks for waits this long for the order that may explain it. */
const hintGraceMs = 2_000;

/** Level reports are reasons to read, never values (R6): one that says what we expect, or what we are writing, asks for nothing. */
async function noteHints(run: Statement, channelId: string, mail: ReadMail): Promise<string[]> {
	const hints = new Map<string, number | null>();
	for (const { signal } of mail.signals)
		if (signal.kind === "level_reported") hints.set(signal.externalKey, signal.hint);
	if (hints.size === 0) return [];
	const input = JSON.stringify([...hints].map(([key, hint]) => ({ key, hint })));
	const due = await run<{ channel_id: string }>`
		with told as (
			-- Locked in the order in which everybody locks slots.
			select s.id, h.hint
			from jsonb_to_recordset(${input}::text::jsonb) as h(key text, hint int), listings l, slots s
			where l.channel_id = ${channelId}::uuid and l.external_key = h.key and s.listing_id = l.id
				-- Of what was only accepted, and nothing else beside it, the report may tell that it has landed: the look need not wait.
				and (s.read_due_at is null or s.hint is not null or ((s.accepted->>'isAlone')::boolean and s.shown_at is null))
				and h.hint is distinct from s.expected + s.unexplained
				and (s.push_id is null or h.hint is distinct from s.push_quantity)
			order by s.id for no key update of s
		)
		update slots s set read_due_at = least(coalesce(s.read_due_at, 'infinity'), now() + ${hintGraceMs}::int * interval '1 ms'),
			hint = case when s.accepted is null then told.hint end
		from told where s.id = told.id
		returning s.channel_id`;
	return due.map((row) => row.channel_id);
}

/**
 * Changed listings are read a little later, many at once. That access is revoked is only said: signatures cover a body
 * and not what it is told to be about, so a call is made at once, and its refusal is what revokes. Returns the channel if
 * its worker has to be woken for that.
 */
async function noteRest(run: Statement, channelId: string, mail: ReadMail): Promise<string[]> {
	const kinds = new Set(mail.signals.map(({ signal }) => signal.kind));
	if (kinds.has("listing_changed") || kinds.has("listing_gone"))
		await run`update channel_health set listings_due_at = coalesce(listings_due_at, now() + interval '20 s') where channel_id = ${channelId}::uuid`;
	const leaving = mail.signals.flatMap(({ signal }) => (signal.kind === "access_revoked" ? [signal.storeKey] : []));
	if (leaving.length === 0) return [];
	const toCall = await run<{ id: string }>`
		update channel_health h set next_poll_at = now() from channels c
		where h.channel_id = ${channelId}::uuid and c.id = h.channel_id and c.state not in ('revoked', 'disconnected')
			and c.store_key in (select jsonb_array_elements_text(${JSON.stringify(leaving)}::text::jsonb))
		returning c.id`;
	return toCall.map(({ id }) => id);
}

async function markApplied(
	run: Statement,
	target: WorkTarget,
	rows: readonly MailRow[],
	mail: ReadMail,
	orders: number,
): Promise<void> {
	const dead = JSON.stringify([
		...mail.dead.map(({ row, error }) => ({ id: row.id, error, isAsked: false })),
		...mail.askedAgain.map(({ row, error }) => ({ id: row.id, error, isAsked: true })),
	]);
	await run`
		with dead as (select * from jsonb_to_recordset(${dead}::text::jsonb) as d(id bigint, error text, "isAsked" boolean)),
		done as (
			update inbox i set state = case when d.id is null then 1 else 2 end, error = d.error,
				applied_at = case when d."isAsked" then null else clock_timestamp() end
			from unnest(array(select jsonb_array_elements_text(${JSON.stringify(rows.map(({ id }) => id))}::text::jsonb)::bigint)) r(id)
			left join dead d on d.id = r.id
			where i.id = r.id
		),
		counted as (
			insert into channel_minutes (channel_id, minute, merchant_id, orders)
			select ${target.channelId}::uuid, date_trunc('minute', now()), ${target.merchantId}::uuid, ${orders}::int where ${orders}::int > 0
			on conflict (channel_id, minute) do update set orders = channel_minutes.orders + excluded.orders
		),
		buried as (
			insert into webhook_days (channel_id, day, merchant_id, dead)
			select ${target.channelId}::uuid, current_date, ${target.merchantId}::uuid, count(*) from dead where not "isAsked" having count(*) > 0
			on conflict (channel_id, day) do update set dead = webhook_days.dead + excluded.dead
		)
		update channel_health set last_news_at = now() where channel_id = ${target.channelId}::uuid`;
}

/** It can't be applied at all: keep it as a dead letter. What came before it may be visible only by now. */
async function bury(run: Statement, target: WorkTarget, { id }: MailRow, error: Error): Promise<void> {
	await lockMail(run, target.channelId);
	const buried = await run<{ id: number; topic: string }>`
		update inbox set state = 2, applied_at = clock_timestamp(), error = ${`refused by the database: ${error.message}`}
		where id = ${id}::bigint and state = 0
		returning id::float8 as id, topic`;
	await appendLog(
		run,
		target.merchantId,
		buried.map((mail) => deadLetter(target.channelId, mail, error.message)),
	);
}
