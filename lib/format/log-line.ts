/**
 * A row of the sync log as a sentence that a merchant would say: subject first, then what happened; the detail apart.
 * Pure. Rows are facts and keep no words, so a better sentence also improves what happened last year.
 */
import type { CameBack } from "@/db/schema/conflicts";
import type { LogKind, LogState } from "@/db/schema/log";
import { cameBackWords } from "./came-back";
import { driftClassLabel } from "./drift";
import { type MovedAt, movedWords } from "./moved";
import { countOf, formatNumber } from "./number";
import { platformLabel } from "./platforms";
import { reservationName } from "./reservation";
import { duration } from "./time";

/** A row with the names that it points to joined. */
export type LogEntry = {
	/** Milliseconds since the epoch. */
	at: number;
	kind: LogKind;
	/** As written; {@link logState} says what it is by now. */
	state: LogState;
	data: Record<string, unknown>;
	/** "Merino Crew, M, Moss" */
	sku: string | null;
	listing: string | null;
	channel: { name: string; platform: string } | null;
	/** Name of the person who did it; null for the machinery. */
	person: string | null;
	/** Bundles that the SKU is a component of. */
	bundles: number;
	/** Stock changes, and numbers that are set back: how far it has come. */
	progress: LogProgress | null;
};

/**
 * Of `total` selling channels, `done` show the change or a newer one; `lastMs` after it the last of them confirmed, null
 * where none had to be told.
 */
export type LogProgress = { total: number; done: number; lastMs: number | null };

/** Text, or a name that the sentence is about. */
export type SentencePart = string | { strong: string };

export const plainSentence = (parts: readonly SentencePart[]): string =>
	parts.map((part) => (typeof part === "string" ? part : part.strong)).join("");

const strong = (text: string): SentencePart => ({ strong: text });

/** A stock change is on its way until every selling channel shows it, a number that is set back until it was written. */
export function logState(entry: Pick<LogEntry, "kind" | "state" | "progress">): LogState {
	const { progress } = entry;
	const isFollowed = entry.kind === "level.healed" || (entry.kind === "stock.changed" && entry.state === "ok");
	if (!isFollowed || !progress) return entry.state;
	return progress.done < progress.total ? "go" : "ok";
}

/** What stands at the right end of the line. `long` leaves room for "5 of 5 · 1.2 s". */
export function logDetail(
	entry: Pick<LogEntry, "kind" | "data" | "progress">,
	width: "short" | "long" = "short",
): string {
	const { kind, data, progress } = entry;
	switch (kind) {
		case "stock.changed": {
			if (!progress || progress.total === 0) return "—";
			// Nobody but the store that sold: there was nobody to tell.
			if (progress.total === 1 && progress.done === 1 && progress.lastMs === null) return "—";
			const count = `${progress.done} of ${progress.total}`;
			if (progress.done < progress.total || progress.lastMs === null) return count;
			const time = duration(progress.lastMs);
			return width === "long" ? `${count} · ${time}` : time;
		}
		case "push.applied": {
			const ms = number(data.ms);
			return ms === null ? "written" : duration(ms);
		}
		case "level.drift":
		case "level.healed":
			return "drift";
		case "conflict.opened":
		case "conflict.lowered":
			return "conflict";
		case "conflict.decided":
		case "order.cancelled":
			return "settled";
		case "order.not_cancelled":
			return "conflict";
		case "push.refused":
			return "refused";
		case "push.unknown":
			return "no answer";
		case "push.accepted":
			return "accepted";
		case "push.unapplied":
			return "not applied";
		case "push.stale":
			return "read again";
		case "order.parked":
			return "waiting";
		case "mail.dead":
			return "kept";
		default:
			return "—";
	}
}

export function logSentence(entry: LogEntry): SentencePart[] {
	const { kind, data } = entry;
	const sku = strong(entry.sku ?? entry.listing ?? text(data.title) ?? "A SKU that was removed");
	const channel = entry.channel?.name ?? "A channel that was removed";
	const order = orderName(entry);
	switch (kind) {
		case "stock.changed":
			return [...stockChange(entry, sku, order), withBundles(entry.bundles)].filter((part) => part !== "");
		case "order.parked":
			return [
				strong(text(data.title) ?? text(data.sku) ?? "A listing"),
				` is not linked yet: ${lowerFirst(order)} waits`,
			];
		case "order.held":
			return [
				sku,
				`: for ${duration(number(data.heldMs) ?? 0)} the store keeps ${countOf(number(data.units) ?? 0, "unit")} for ${lowerFirst(order)}, which is not paid yet, and no number shows it`,
			];
		case "order.elsewhere":
			return [
				`Returned: ${countOf(number(data.units) ?? 0, "unit")} of `,
				sku,
				`, restocked at ${text(data.location) ?? "a location"} in the store, where Onecount keeps no count; ${lowerFirst(order)}`,
			];
		case "order.deleted":
			return [`${order} was deleted in the store`, kept(number(data.units) ?? 0)];
		case "order.repeated":
			return [`${order} told twice, counted once`];
		case "order.stale":
			return [`Older news of ${lowerFirst(order)} came late and moved nothing`];
		case "order.cancelled":
			return [sku, `: ${lowerFirst(order)} is cancelled in ${channel}, as was decided`];
		case "order.not_cancelled":
			return [`${channel} did not cancel ${lowerFirst(order)}`, clause(data.sentence)];
		case "push.applied":
			return [sku, ` ${change(data)} written to ${channel}`];
		case "push.stale":
			return [sku, `: ${channel} no longer showed ${units(data.expected)}, its orders are read first`];
		case "push.refused":
			return [sku, ` → ${units(data.quantity)} refused by ${channel}`, reason(data)];
		case "push.unknown":
			return [sku, ` → ${units(data.quantity)}: ${channel} gave no answer, it is read back first`];
		case "push.accepted":
			return [sku, ` → ${units(data.quantity)}: ${channel} has accepted it, not applied it yet`];
		case "push.unapplied":
			return [
				sku,
				` → ${units(data.quantity)}: ${channel} accepted it and never applied it, ${data.isHeld === true ? "twice; nothing is sent until somebody says so" : "it is sent again"}`,
			];
		case "level.drift":
			return [sku, `: ${channel} shows ${units(data.shown)}, expected ${units(data.expected)}`, drifted(data)];
		case "level.healed":
			return text(data.policy) === "channel_counts"
				? [sku, ` counts ${units(data.shown)} now, as ${channel} shows`, drifted(data), movedAt(data)]
				: [sku, ` set back from ${units(data.shown)} to ${units(data.offered)} in ${channel}`, drifted(data)];
		case "listing.gone":
			return [sku, ` is no longer in ${channel}; nothing is sent to it`];
		case "conflict.opened":
			return conflictOpened(entry, sku, channel, order);
		case "conflict.lowered":
			return [
				sku,
				`: ${data.isReservation === true ? reservationName(text(data.orderNumber)) : lowerFirst(order)} is short of ${countOf(number(data.units) ?? 0, "unit")} now`,
				becauseOf(data),
			];
		case "conflict.decided":
			if (data.choice === "came_back") return ["No longer oversold: ", sku, becauseOf(data)];
			if (data.choice === "by_policy") return [sku, `: settled as the policy of ${channel} says`];
			if (data.choice === "agreed") return [sku, `: ${channel} shows what it ought to again`];
			if (data.choice === "accepted") return [sku, `: ${channel} takes the number after all`];
			return [sku, `: ${decided(data)}${entry.person ? `, by ${entry.person}` : ""}`];
		case "mail.dead":
			return [`News from ${channel} could not be read and is kept`, clause(data.error)];
		case "channel.connected":
			return [strong(channel), " is connected"];
		case "channel.imported":
			return [strong(channel), ` is read: ${countOf(number(data.listings) ?? number(data.count) ?? 0, "listing")}`];
		case "channel.live":
			return ["Pushing is on for ", strong(channel)];
		case "channel.paused":
			return ["Pushing is paused for ", strong(channel), by(entry.person)];
		case "channel.resumed":
			return ["Pushing goes on for ", strong(channel), by(entry.person)];
		case "channel.throttled":
			return data.lane === "orders"
				? [`${channel} lists no orders`, forDuration(data)]
				: [`${channel} asks for less: pushes slowed`, forDuration(data)];
		case "channel.unreachable":
			return [`${channel} does not answer`, nextTry(entry)];
		case "channel.back":
			return [`${channel} answers again`, clause(data.sentence)];
		case "channel.revoked":
			return [strong(channel), " withdrew our access; connect it again"];
		case "channel.disconnected":
			return [strong(channel), " is disconnected", by(entry.person)];
		case "channel.webhooks":
			return [`Webhooks of ${channel} are ${text(data.state) === "unreachable" ? "not reaching us" : "registered"}`];
		case "channel.secret":
			return secretChanged(channel, data);
		case "mapping.linked":
			return mappingChanged(entry, "linked");
		case "mapping.unlinked":
			return mappingChanged(entry, "unlinked");
		case "bundle.changed":
			return bundleChanged(data, sku, entry.person);
		case "endpoint.disabled":
			return [
				"Webhooks to ",
				strong(text(data.host) ?? "an endpoint"),
				text(data.why) === "gone" ? " are switched off: it is gone" : " are switched off: nothing got through for days",
			];
		case "merchant.paused":
			return ["All pushes are paused", by(entry.person)];
		case "merchant.resumed":
			return ["Pushes go on", by(entry.person)];
		default:
			// A row written by a newer version than this one.
			return [String(kind satisfies never).replace(/[._]/g, " ")];
	}
}

function stockChange({ data, channel, person }: LogEntry, sku: SentencePart, order: string): SentencePart[] {
	const moved = change(data);
	const note = quoted(data.note);
	switch (text(data.cause)) {
		case "order_returned":
			return ["Returned: ", sku, ` ${moved}, ${text(data.note) ? `${text(data.note)}, ` : ""}${lowerFirst(order)}`];
		case "count":
			return ["Counted: ", sku, ` ${moved}`, by(person), note];
		case "import":
			return ["First counted: ", sku, ` ${units(data.to)}${channel ? `, as ${channel.name} shows` : ""}`];
		case "channel_edit":
			return [sku, ` ${moved}, edited in ${channel?.name ?? "the store"}`];
		case "adjustment":
			return [sku, ` ${moved}, corrected`, by(person), note];
		case "transfer":
			return [sku, ` ${moved}, moved between locations`, by(person), note];
		case "reserved":
			return [sku, ` ${moved}, reserved`, by(person), note];
		case "unreserved":
			return [sku, ` ${moved}, ${data.isExpired ? "a reservation expired" : "no longer reserved"}`, by(person), note];
		case "reservation":
			return ["Sold: ", sku, `, ${countOf(number(data.units) ?? 0, "reserved unit")}`, by(person), note];
		default:
			return [sku, ` ${moved} after ${lowerFirst(order)}`];
	}
}

function conflictOpened({ data }: LogEntry, sku: SentencePart, channel: string, order: string): SentencePart[] {
	const short = number(data.units) ?? 1;
	switch (text(data.kind)) {
		case "oversold":
			if (data.isReservation === true)
				return [sku, `: ${reservationName(text(data.orderNumber))} took ${countOf(short, "unit")} not there`];
			return short === 1
				? [sku, `: ${lowerFirst(order)} wanted the last unit too`]
				: [sku, `: ${lowerFirst(order)} wanted ${countOf(short, "unit")} more than there were`];
		case "drift":
			return [sku, `: ${channel} shows another number, and a person decides`];
		case "competing_edits":
			return [sku, ": two edits at once, and a person decides"];
		case "ambiguous_mapping":
			return [sku, " is claimed by more than one SKU"];
		default:
			return [sku, ` is refused by ${channel} again and again`, reason(data)];
	}
}

const choices: Record<string, string> = {
	backorder: "the order is kept for later",
	restock: "the missing units were found",
	give_back: "the reservation is sold what there is",
	cancel: "the store is to cancel the order",
	cancel_other: "the store is to cancel the other order",
	cancel_in_store: "the order is to be cancelled in the store",
	cancel_other_in_store: "the other order is to be cancelled in the store",
	keep_ours: "our number was kept",
	take_channel: "the channel's number was taken",
	set_value: "the number was set",
	retry: "it is sent again",
	leave_out: "the listing is left out",
	undo: "the decision was taken back",
};
const decided = (data: Record<string, unknown>) => choices[text(data.choice) ?? ""] ?? "it is settled";

function becauseOf({ because }: Record<string, unknown>): string {
	const known = because as CameBack | undefined;
	return known ? `, ${cameBackWords(known, known.orderNumber && `order ${known.orderNumber}`)}` : "";
}

const drifted = (data: Record<string, unknown>) => {
	const label = driftClassLabel(text(data.class) ?? "");
	return label && `; ${label.charAt(0).toLowerCase()}${label.slice(1)}`;
};

/** Said where a store sells from several locations. */
const movedAt = ({ moved }: Record<string, unknown>) =>
	Array.isArray(moved) ? `: ${movedWords(moved as MovedAt[])}` : "";

function mappingChanged({ data, sku, listing, channel, person }: LogEntry, verb: string): SentencePart[] {
	const count = number(data.count) ?? 1;
	if (count === 1 && sku && (listing || channel))
		return [strong(sku), ` ${verb} ${verb === "linked" ? "to" : "from"} ${listing ?? channel?.name}`, by(person)];
	return [`${countOf(count, "listing")} ${verb}${channel ? ` on ${channel.name}` : ""}`, by(person)];
}

function bundleChanged(data: Record<string, unknown>, sku: SentencePart, person: string | null): SentencePart[] {
	const parts = (Array.isArray(data.parts) ? data.parts : []) as { sku: string; units: number }[];
	if (parts.length === 0) return [sku, " is no bundle any more; it is offered once it is counted", by(person)];
	const [first, ...more] = parts.map((part) => `${formatNumber(part.units)} × ${part.sku}`);
	const all = more.length === 0 ? first : `${[first, ...more.slice(0, -1)].join(", ")} and ${more.at(-1)}`;
	return [sku, ` is a bundle of ${all}`, by(person)];
}

function orderName({ data, channel }: LogEntry): string {
	const number = text(data.orderNumber);
	const platform = channel ? `${platformLabel(channel.platform)} ` : "";
	return number ? `${platform}order ${number}` : `An order of ${channel?.name ?? "a channel"}`;
}

/** Only "An order of …" begins with a word of ours; a platform's name keeps its capital. */
const lowerFirst = (order: string) => order.replace(/^An order/, "an order");

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
const units = (value: unknown): string => (typeof value === "number" ? formatNumber(value) : "—");
const change = (data: Record<string, unknown>) => `${units(data.from)} → ${units(data.to)}`;
const kept = (taken: number) =>
	taken === 0
		? ""
		: `; ${taken === 1 ? "the unit" : `the ${formatNumber(taken)} units`} that it took stay${taken === 1 ? "s" : ""} taken`;
const quoted = (note: unknown) => (text(note) ? `: “${text(note)}”` : "");
function secretChanged(channel: string, data: Record<string, unknown>): SentencePart[] {
	const refusal = text(data.sentence);
	return refusal
		? [`No new client secret for ${channel}`, clause(refusal)]
		: ["The client secret of ", strong(channel), " is renewed"];
}

const by = (person: string | null) => (person ? ` by ${person}` : "");
/** What somebody said, as the end of our sentence. */
const clause = (value: unknown) => (text(value) ? `: ${text(value)?.replace(/\.$/, "")}` : "");
const reason = (data: Record<string, unknown>) => clause(data.sentence ?? data.reason);
const withBundles = (bundles: number) => (bundles > 0 ? `, and ${countOf(bundles, "bundle")} with it` : "");
const forDuration = (data: Record<string, unknown>) => {
	const ms = number(data.waitMs);
	return ms ? ` for ${duration(ms)}` : "";
};
const nextTry = ({ at, data }: Pick<LogEntry, "at" | "data">) => {
	const until = number(data.until);
	return until !== null && until > at ? `; the next try alone in ${duration(until - at)}` : "";
};
