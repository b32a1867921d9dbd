/**
 * What an Amazon sandbox account is set to, beside its state. Delays and rates are what is stated or was seen; where nobody
 * states a thing (marked "unstated"), the setting is there to try both.
 */
import type { SandboxStore } from "../sandbox-platform";
import type { Operation } from "./operations";

export type AmazonSettings = {
	marketplaceId: string;
	marketplaceIds: string[];
	hasSuspendedListings: boolean;
	/** Which of the app's roles the seller has agreed to. */
	roles: { listings: boolean; orders: boolean };
	/** The seller has taken the app's permission back: its login says so, nothing else does. */
	isRevoked: boolean;
	/** When the app's client secret ends (ISO); null: 180 days after the account was made. */
	secretExpiresAt: string | null;
	/** How its owner has set that, until the next one. */
	secretIs: "usual" | "ending" | "ended";
	/** When the one before it ends, and of which end the queue was told (ISO). */
	previousSecretExpiresAt: string | null;
	secretToldFor: string | null;
	/** The developer console says where a new secret and the end of one are told: in the queue. */
	isEnrolledForSecrets: boolean;
	/** A new access token lives so long; an hour. */
	tokenLifeMs: number;
	/** Whoever comes to the consent page agrees, or not (what Amazon then sends is unstated). */
	consents: boolean;
	/** From "accepted" to being applied: the median, and the longest. */
	effectMedianMs: number;
	effectLongestMs: number;
	/** Accepted, and never applied. */
	neverAppliedRate: number;
	/** Unstated: pending units are taken off a number that was written, too. */
	pendingNettedOnWrite: boolean;
	/** Unstated: what a patch of a SKU that does not exist gets. */
	unknownSkuPatch: "refused" | "accepted";
	/** Unstated: whether a sale moves an item's lastUpdatedDate. */
	salesMoveStamps: boolean;
	/** A payment is checked so long; 0: not at all. */
	pendingMs: number;
	/** Lists of orders end so long ago. */
	ordersLagMs: number;
	feedMs: number;
	/** Fatal: half of its messages were applied. Stuck: in progress for ever. Refused: as a whole, by an error that names no message. */
	feedFate: "done" | "fatal" | "stuck" | "refused";
	/** What the issues of a feed's result leave out: their schema asks for a severity and a message alone. */
	feedIssuesLack: ("sku" | "messageId" | "code")[];
	reportLagMs: number;
	reportFate: "done" | "cancelled" | "fatal";
	/** Columns that this account's report lacks. */
	reportLacks: string[];
	reportCharset: "UTF-8" | "Cp1252";
	/** News: the median delay, and the longest. */
	newsMedianMs: number;
	newsLongestMs: number;
	newsLossRate: number;
	/** Twice, under one id or under two. */
	newsTwiceRate: number;
	/** Disputed: the first news of an order comes while it is pending. */
	tellsPending: boolean;
	/** How news of an item's status names its type: Amazon's example says the one, its schema the other. */
	statusNewsType: "LISTINGS_ITEM_STATUS_CHANGE" | "LISTINGS_ITEM_STATUS_CHANGED";
	/** A rule of the event bus leads on to the queue. */
	hasEventRule: boolean;
	/** How often an answer says its rate limit. */
	rateHeaderShare: number;
	pageTokenGlitchRate: number;
	/** Over the documented ones. */
	limits: Partial<Record<Operation, { rate: number; burst: number }>>;
	queueDamageRate: number;
	queueKeepRate: number;
};

export const defaultSettings: AmazonSettings = {
	marketplaceId: "ATVPDKIKX0DER",
	marketplaceIds: ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"],
	hasSuspendedListings: false,
	roles: { listings: true, orders: true },
	isRevoked: false,
	secretExpiresAt: null,
	secretIs: "usual",
	previousSecretExpiresAt: null,
	secretToldFor: null,
	isEnrolledForSecrets: true,
	tokenLifeMs: 3_600_000,
	consents: true,
	effectMedianMs: 20_000,
	effectLongestMs: 15 * 60_000,
	neverAppliedRate: 0.005,
	pendingNettedOnWrite: false,
	unknownSkuPatch: "refused",
	salesMoveStamps: false,
	pendingMs: 30 * 60_000,
	ordersLagMs: 2 * 60_000,
	feedMs: 2 * 60_000,
	feedFate: "done",
	feedIssuesLack: [],
	reportLagMs: 30 * 60_000,
	reportFate: "done",
	reportLacks: [],
	reportCharset: "UTF-8",
	newsMedianMs: 5_000,
	newsLongestMs: 10 * 60_000,
	newsLossRate: 0.005,
	newsTwiceRate: 0.02,
	tellsPending: true,
	statusNewsType: "LISTINGS_ITEM_STATUS_CHANGE",
	hasEventRule: true,
	rateHeaderShare: 0.8,
	pageTokenGlitchRate: 0,
	limits: {},
	queueDamageRate: 0,
	queueKeepRate: 0,
};

export const settingsOf = (store: Pick<SandboxStore, "settings">): AmazonSettings => ({
	...defaultSettings,
	...store.settings,
});

/** Around the median, seldom much later: log-normal, cut off at the longest. */
export function drawDelay(medianMs: number, longestMs: number, random: () => number): number {
	const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	return Math.round(Math.min(longestMs, medianMs * Math.exp(normal)));
}
