/** How a store's news comes, and what it says in our own words. */
import type { OrderSnapshot } from "@/lib/stock/order";

/** A platform fact in our own words. */
export type Signal =
	/** `isAnswer`: read by id after the news of it had left it unclear what it is now. */
	| { kind: "order"; order: OrderSnapshot; isAnswer?: boolean }
	/** An order changed and this news does not carry it whole: read it by id. */
	| { kind: "order_changed"; orderRef: string }
	/** The store was asked for the order by id and does not know it. */
	| { kind: "order_gone"; orderRef: string }
	/** A list names the order in a form that is not its platform's, and so does the order itself: a person sees it as it came. */
	| { kind: "order_odd"; orderRef: string; row: unknown }
	/** A reason to read the level live; `hint` is the value that the news carried, never to be trusted as the level. */
	| { kind: "level_reported"; externalKey: string; hint: number | null }
	/** Create or update: read the listings under this product again. */
	| { kind: "listing_changed"; productRef: string }
	| { kind: "listing_gone"; productRef: string }
	/** Told, not proven: a reason to make a call, whose refusal decides. `storeKey` names the store that tells of it. */
	| { kind: "access_revoked"; storeKey: string };

/** `query`: of the address that it was sent to, without the question mark; some platforms carry their secret there. */
export type IncomingWebhook = { headers: Record<string, string>; query?: string; rawBody: Buffer };

export type WebhookVerdict =
	| { verdict: "accepted"; topic: string; dedupeKey: string }
	/** Answer 200 and keep nothing: WooCommerce's unsigned ping, or true news of another store where stores share an app. */
	| { verdict: "ping" }
	/** `unknown_sender`: it lacks the word that each webhook of ours is registered with. */
	| { verdict: "rejected"; reason: "missing_signature" | "unknown_sender" | "wrong_signature" };

export type WebhookRegistration = {
	/** `unreachable`: the platform won't deliver there, or this access may not ask for news; the channel is polled. */
	state: "registered" | "unreachable";
	/** Kinds of news that the store would not be asked for. */
	missing: string[];
	/** Kinds that it was not asked for until now, made first or made again: of what changed before, nobody told. Absent: none. */
	made?: string[];
	/**
	 * Where the platform chooses what signs the news, all that `verifyWebhook` needs to check it, in a form of the adapter's own
	 * (the key, and the address where that is signed, too); kept in place of ours.
	 */
	secret?: string;
};

/** News that waits in a queue until somebody fetches it. */
export type CollectedMail = {
	/** `storeKey`: the store that it is about, which may be another than the connection's where stores share a queue. */
	items: { storeKey: string; topic: string; dedupeKey: string; rawBody: Buffer }[];
	/** What it said of an app's client secret: never among the items, which are kept as they came. */
	secrets?: SecretNews[];
	/** After what was fetched has been kept: takes it out of the queue. What is not taken out comes again. */
	done(): Promise<void>;
};

export type SecretNews = {
	clientId: string;
	/** When it was said, by the platform: of two pieces of news the later counts. */
	at: Date;
	/** When the secret that there was ends. */
	endsAt: Date;
	/** The one that follows it; null: there is none yet. */
	next: { secret: string; endsAt: Date } | null;
	/** After it has been kept: takes it out of the queue. What is not taken out comes again. */
	done(): Promise<void>;
};

/** A signed body that cannot be read: becomes a dead letter with its raw bytes, never a crash. */
export class UnreadableMail extends Error {
	override name = "UnreadableMail";
}
