import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { appendLog } from "../log/append-log";
import { deadLetter } from "../mail/dead-letter";
import { oddOrder } from "../mail/read-mail";
import { keepGone, keepOrders, oddKey } from "./keep-orders";

/** More than this at once are not worth a call each. */
export const mostSingleReads = 20;

export type ReadByRef = {
	/** How much of it is new. */
	fresh: number;
	/** Orders that were not read, each with what was answered for it. */
	failed: { orderRef: string; error: ChannelError }[];
};

/**
 * Reads orders by id and keeps what was found, or that the store no longer knows them, whatever becomes of the others.
 * `isAnswer`: what they are was in question, so that also what is as we know it is kept.
 */
export async function readByRef(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	orderRefs: readonly string[],
	isAnswer = true,
): Promise<ReadByRef> {
	if (orderRefs.length === 0) return { fresh: 0, failed: [] };
	const found: OrderSnapshot[] = [];
	const gone: string[] = [];
	const failed: ReadByRef["failed"] = [];
	const read = async (orderRef: string) => {
		try {
			const order = await open.adapter.readOrder(open.connection(), orderRef);
			if (order) found.push(order);
			else gone.push(orderRef);
		} catch (error) {
			if (!(error instanceof ChannelError)) throw error;
			failed.push({ orderRef, error });
		}
	};
	await Promise.all(orderRefs.map(read));
	const unreadable = failed.filter(({ error }) => error.reason === "unreadable").map(({ orderRef }) => orderRef);
	const fresh = await asMerchantPrepared(client, target.merchantId, async (run) => {
		await buryAgain(run, target, unreadable);
		return (
			(await keepOrders(run, target, found, isAnswer ? Date.now() : undefined)) + (await keepGone(run, target, gone))
		);
	});
	return { fresh, failed };
}

/** What a person lets be read once more, and can't be read yet, stays a dead letter, and the log says so again. */
async function buryAgain(run: Statement, target: WorkTarget, orderRefs: readonly string[]): Promise<void> {
	for (const orderRef of orderRefs) {
		const error = oddOrder(orderRef);
		const buried = await run<{ id: number; topic: string }>`
			update inbox set applied_at = clock_timestamp(), error = ${error}
			where merchant_id = ${target.merchantId}::uuid and channel_id = ${target.channelId}::uuid
				and state = 2 and applied_at is null and starts_with(dedupe_key, ${oddKey(orderRef)}::text)
			returning id::float8 as id, topic`;
		await appendLog(
			run,
			target.merchantId,
			buried.map((mail) => deadLetter(target.channelId, mail, error)),
		);
	}
}
