/** What of the log is shown. Pure, and the same on both sides: the server finds history by it, the browser sifts live lines. */
import type { LogKind, LogState } from "@/db/schema/log";

export type LogFilter = {
	channelIds: string[];
	/** Codes, as the merchant writes them; compared without regard to case. */
	skus: string[];
	/** Order numbers, with or without their #. */
	orders: string[];
	outcomes: LogOutcome[];
	causes: LogTopic[];
	/** Part of a SKU's title or code; "" for any. */
	text: string;
};

export const emptyFilter: LogFilter = { channelIds: [], skus: [], orders: [], outcomes: [], causes: [], text: "" };

export const isEmptyFilter = (filter: LogFilter): boolean => Object.values(filter).every((value) => value.length === 0);

/** Outcomes in the words of the seven states, and the one that people ask for. */
export const outcomeStates = {
	"not in step": ["go", "warn", "bad", "off", "none", "hold"],
	"in step": ["ok"],
	"on its way": ["go"],
	drift: ["warn"],
	oversold: ["bad"],
	refused: ["off"],
	"not linked": ["none"],
	held: ["hold"],
} as const satisfies Record<string, readonly LogState[]>;
export type LogOutcome = keyof typeof outcomeStates;
export const logOutcomes = Object.keys(outcomeStates) as LogOutcome[];

/** Why something happened. The last one is left out unless asked for: it repeats, per channel, what a change already shows. */
export const logTopics = [
	"order",
	"return",
	"count",
	"first count",
	"edit in a store",
	"correction",
	"transfer",
	"reservation",
	"news told twice",
	"drift",
	"conflict",
	"channel",
	"mapping",
	"refusal",
	"write",
] as const;
export type LogTopic = (typeof logTopics)[number];

const changeTopics: Record<string, LogTopic> = {
	order_returned: "return",
	count: "count",
	import: "first count",
	channel_edit: "edit in a store",
	adjustment: "correction",
	transfer: "transfer",
	reserved: "reservation",
	unreserved: "reservation",
	reservation: "reservation",
};

/** `cause`: the movement kind behind a stock change, or what a reservation did to what is available. */
export function topicOf(kind: LogKind, cause: string | null): LogTopic {
	switch (kind) {
		case "stock.changed":
			return (cause && changeTopics[cause]) || "order";
		case "order.parked":
		case "order.held":
		case "order.elsewhere":
		case "order.deleted":
			return "order";
		case "order.repeated":
		case "order.stale":
			return "news told twice";
		case "push.applied":
		case "push.accepted":
			return "write";
		case "push.stale":
		case "push.refused":
		case "push.unknown":
		case "push.unapplied":
			return "refusal";
		case "level.drift":
		case "level.healed":
			return "drift";
		case "conflict.opened":
		case "conflict.lowered":
		case "conflict.decided":
		case "order.cancelled":
		case "order.not_cancelled":
			return "conflict";
		case "mapping.linked":
		case "mapping.unlinked":
		case "bundle.changed":
			return "mapping";
		default:
			return "channel";
	}
}

/** The kinds and causes of a topic, for the database. */
export function kindsOf(topic: LogTopic): { kinds: LogKind[]; causes: string[] } {
	const causes = Object.keys(changeTopics).filter((cause) => changeTopics[cause] === topic);
	if (topic === "order") causes.push("order");
	return { kinds: allKinds.filter((kind) => kind !== "stock.changed" && topicOf(kind, null) === topic), causes };
}

const allKinds = Object.keys({
	"stock.changed": 0,
	"order.parked": 0,
	"order.held": 0,
	"order.elsewhere": 0,
	"order.deleted": 0,
	"order.repeated": 0,
	"order.stale": 0,
	"order.cancelled": 0,
	"order.not_cancelled": 0,
	"push.applied": 0,
	"push.stale": 0,
	"push.refused": 0,
	"push.unknown": 0,
	"push.accepted": 0,
	"push.unapplied": 0,
	"level.drift": 0,
	"level.healed": 0,
	"listing.gone": 0,
	"conflict.opened": 0,
	"conflict.lowered": 0,
	"conflict.decided": 0,
	"mail.dead": 0,
	"channel.connected": 0,
	"channel.imported": 0,
	"channel.live": 0,
	"channel.paused": 0,
	"channel.resumed": 0,
	"channel.throttled": 0,
	"channel.unreachable": 0,
	"channel.back": 0,
	"channel.revoked": 0,
	"channel.webhooks": 0,
	"channel.secret": 0,
	"channel.disconnected": 0,
	"mapping.linked": 0,
	"mapping.unlinked": 0,
	"bundle.changed": 0,
	"endpoint.disabled": 0,
	"merchant.paused": 0,
	"merchant.resumed": 0,
} satisfies Record<LogKind, 0>) as LogKind[];

/** What {@link matchesFilter} needs to know of a line. */
export type Filterable = {
	kind: LogKind;
	state: LogState;
	topic: LogTopic;
	channel: { id: string } | null;
	sku: { code: string; name: string } | null;
	orderRef: string | null;
	orderNumber: string | null;
};

export function matchesFilter(line: Filterable, filter: LogFilter): boolean {
	const { channelIds, skus, orders, outcomes, causes, text } = filter;
	if (causes.length === 0 ? line.topic === "write" : !causes.includes(line.topic)) return false;
	if (channelIds.length > 0 && !(line.channel && channelIds.includes(line.channel.id))) return false;
	if (skus.length > 0 && !(line.sku && skus.some((code) => same(code, line.sku?.code)))) return false;
	if (orders.length > 0 && !orders.some((order) => isOrder(order, line))) return false;
	if (text !== "" && !(line.sku && contains(`${line.sku.code} ${line.sku.name}`, text))) return false;
	return (
		outcomes.length === 0 || outcomes.some((outcome) => outcomeStates[outcome].some((state) => state === line.state))
	);
}

const same = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase();
const bare = (order: string) => order.replace(/^#/, "").toLowerCase();
const isOrder = (order: string, line: Filterable) =>
	(line.orderNumber !== null && bare(line.orderNumber) === bare(order)) || line.orderRef === order;

const contains = (whole: string, part: string) => whole.toLowerCase().includes(part.toLowerCase());

/** The keys that people type, e.g. `sku:TRP-33`. */
export const filterKeys = ["channel", "sku", "order", "outcome", "cause"] as const;
export type FilterTermKey = (typeof filterKeys)[number];

/**
 * Chips and free text as a filter. Free words are guessed: a number is an order, the words of an outcome or of one
 * channel's name are that; everything else is part of a SKU's title or code. A chip whose value nobody knows is kept as
 * a value that nothing matches: better no line than all of them.
 */
export function readFilter(
	terms: readonly { key: string; value: string }[],
	text: string,
	channels: readonly { id: string; name: string }[],
): LogFilter {
	const filter: LogFilter = { channelIds: [], skus: [], orders: [], outcomes: [], causes: [], text: "" };
	for (const { key, value } of terms) {
		if (key === "channel") filter.channelIds.push(findChannel(channels, value)?.id ?? nobody);
		if (key === "sku") filter.skus.push(value);
		if (key === "order") filter.orders.push(value);
		if (key === "outcome") filter.outcomes.push(logOutcomes.find((known) => same(known, value)) ?? "not in step");
		if (key === "cause") filter.causes.push(logTopics.find((known) => same(known, value)) ?? "channel");
	}
	const typed = text.trim();
	const channel = typed === "" ? undefined : findChannel(channels, typed);
	const outcome = logOutcomes.find((known) => same(known, typed));
	if (/^#?\d{2,}([-\d]*\d)?$/.test(typed)) filter.orders.push(typed);
	else if (outcome) filter.outcomes.push(outcome);
	else if (channel) filter.channelIds.push(channel.id);
	else filter.text = typed;
	return filter;
}

const nobody = "00000000-0000-0000-0000-000000000000";

function findChannel(channels: readonly { id: string; name: string }[], value: string) {
	const exact = channels.find(({ id, name }) => id === value || same(name, value));
	const partly = channels.filter(({ name }) => contains(name, value));
	return exact ?? (partly.length === 1 ? partly[0] : undefined);
}
