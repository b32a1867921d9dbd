/** What is checked, by area, in the order of the table. Each name is a guarantee. */
import type { OrderStep } from "../platform-facts";

/** In the order of a life; the words are those of `facts.stockMoments`. */
export const orderSteps = [
	"placed_unpaid",
	"payment_awaited",
	"paid",
	"payment_failed",
	"unpaid_again",
	"shipped",
	"units_added",
	"units_removed",
	"cancelled",
	"cancelled_kept",
	"partly_cancelled",
	"refunded_restocked",
	"refunded_kept",
	"returned_elsewhere",
	"marked_refunded",
	"trashed",
	"deleted",
] as const satisfies readonly OrderStep[];

export const checksByArea = {
	connect: [
		"a good store passes, and stays as it was",
		"the same store is known again",
		"a wrong address is named, with its fix",
		"wrong keys are named, with their fix",
		"keys that were taken back are named, with their fix",
		"keys that may only read are named, with their fix",
		"a store that is down is named",
		"a web page in place of a store is named, with its fix",
	],
	listings: [
		"the whole catalogue comes, each once and exact",
		"barcodes and prices come along",
		"many pages come whole, each once",
		"what stays is neither lost nor doubled while the catalogue changes",
		"what was added since a moment is found",
		"one product is read by itself, and nothing when it is gone",
	],
	hostile: [
		"SKUs with slash, space, quotes and unicode come through",
		"SKUs that differ by case alone are two",
		"a SKU of 200 characters comes through",
		"a blank SKU is none",
		"a doubled SKU is two listings",
		"ids beyond 2^53 stay exact",
	],
	levels: [
		"levels are exact and live",
		"what is gone is absent",
		"what is not counted has no number",
		"a number below zero is kept",
		"of a decimal only whole units are sold",
	],
	orders: [
		"an order names its listing and what it took",
		"a list since a moment holds every order in its newest state",
		"a change in the cursor's own second is found",
		"orders come whole, while they change",
		"an order that can't be read holds up no other",
		"read twice it is the same",
		"in any order and twice, snapshots come to the same",
		"of two changes within one second the later is never the older",
		"an order that nobody knows is null",
	],
	life: orderSteps.map((step) => `life: ${step}` as const),
	writes: [
		"what was written is what the store shows",
		"compare: an unheard sale stops the write",
		"delta: an unheard sale is kept",
		"absolute: the last number stands",
		"over reservations: open orders lie on top",
		"the largest batch takes no more calls than half of it",
		"one bad row is its own",
		"throttled: it says how long to wait, and nothing was applied",
		"an outage is never applied",
		"silence is unknown",
		"done and the answer lost is unknown",
		"the same key again replays",
	],
	garbled: [
		"a web page in place of an answer is a known error",
		"a redirect is a known error",
		"an empty answer is a known error",
		"half an answer is a known error",
		"reads throttled or down are known errors",
	],
	access: [
		"access that expires in mid-batch is renewed, and the batch goes on",
		"access that was taken back is told apart",
		"a right that is missing is named, with its fix",
		"no secret stands in an exchange or an error",
	],
	webhooks: [
		"registered twice, news comes once",
		"what was dropped is registered again",
		"removed, nothing comes, and others' webhooks stay",
		"mail is verified and says what a read says",
		"mail with an altered body is rejected",
		"mail under a wrong secret is rejected, and an old one is good beside the new",
		"mail without a signature is rejected",
		"a forgery beside the true mail is told apart",
		"a piece of news that comes again has the same key",
		"two pieces of news have two keys",
		"a body that can't be read is a dead letter",
	],
	cancel: ["an order is cancelled and its units come back once", "an order that nobody knows is not cancelled"],
} as const;

export type Area = keyof typeof checksByArea;
export type CheckName = (typeof checksByArea)[Area][number];

export const allChecks: readonly CheckName[] = Object.values(checksByArea).flat();

/** The share that `npm test` runs on every platform: one of each sort. `npm run conformance` runs all. */
export const shareOfChecks: ReadonlySet<CheckName> = new Set<CheckName>([
	"a good store passes, and stays as it was",
	"the whole catalogue comes, each once and exact",
	"what stays is neither lost nor doubled while the catalogue changes",
	"levels are exact and live",
	"in any order and twice, snapshots come to the same",
	"what was written is what the store shows",
	"compare: an unheard sale stops the write",
	"delta: an unheard sale is kept",
	"over reservations: open orders lie on top",
	"one bad row is its own",
	"throttled: it says how long to wait, and nothing was applied",
	"done and the answer lost is unknown",
	"a web page in place of an answer is a known error",
	"access that was taken back is told apart",
	"no secret stands in an exchange or an error",
	"mail is verified and says what a read says",
	"mail with an altered body is rejected",
]);
