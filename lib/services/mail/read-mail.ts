import { type Signal, UnreadableMail } from "@/lib/channels/news";

export type MailRow = {
	id: number;
	source: "webhook" | "poll";
	topic: string;
	body: Buffer;
	/** A person lets it be read once more. */
	isAgain: boolean;
};

export type ReadMail = {
	/** In inbox order. */
	signals: { row: MailRow; signal: Signal }[];
	dead: DeadMail[];
	/** Orders that could not be read and are asked for again: dead letters until the store has answered. */
	askedAgain: DeadMail[];
};

type DeadMail = { row: MailRow; error: string };

/** The topic of mail that we wrote ourselves, in our own words (polled records). */
export const signalTopic = "signal";

/** Why the letter of such an order is dead. */
export const oddOrder = (orderRef: string) =>
	`Order ${orderRef} comes from the store in a form that Onecount doesn't know, so that what it took can't be told.`;

/** Mail → signals. What can't be read becomes a dead letter with its bytes; nothing a store sends can throw here. */
export function readMail(rows: readonly MailRow[], parse: (topic: string, body: Buffer) => Signal[]): ReadMail {
	const result: ReadMail = { signals: [], dead: [], askedAgain: [] };
	for (const row of rows) {
		try {
			const signals =
				row.topic === signalTopic ? [JSON.parse(row.body.toString("utf8")) as Signal] : parse(row.topic, row.body);
			for (const signal of signals) {
				if (signal.kind !== "order_odd") {
					result.signals.push({ row, signal });
					continue;
				}
				const { orderRef } = signal;
				(row.isAgain ? result.askedAgain : result.dead).push({ row, error: oddOrder(orderRef) });
				// What it was is kept; what it is by now the store is asked.
				if (row.isAgain) result.signals.push({ row, signal: { kind: "order_changed", orderRef } });
			}
		} catch (error) {
			const sentence =
				error instanceof UnreadableMail ? error.message : `could not be read: ${(error as Error).message}`;
			result.dead.push({ row, error: sentence });
		}
	}
	return result;
}
