import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { appendLog } from "../log/append-log";
import { deadLetter } from "../mail/dead-letter";
import { oddKey } from "../mail/letter-keys";
import { oddOrder } from "../mail/read-mail";
import { keepGone, keepOrders } from "./keep-orders";

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

/** So often in a row the work of a channel fails before an order of its own is thought to be the trouble. */
const failuresOfStore = 2;

/**
 * What a poll must end with, since orders could not be read by id; null: it goes on without them. A store in trouble fails
 * at whatever it is asked, and the poll is repeated; one that lists its orders, and fails at the same few again and again,
 * must not keep the others from being read.
 */
export async function troubleOfStore(
	client: postgres.Sql,
	{ merchantId, channelId }: WorkTarget,
	failed: ReadByRef["failed"],
): Promise<ChannelError | null> {
	const trouble = failed.map(({ error }) => error).filter(({ reason }) => reason !== "unreadable");
	const whole = trouble.find(({ reason }) => reason === "throttled" || reason === "access_revoked");
	if (whole || trouble.length === 0) return whole ?? null;
	const [health] = await asMerchantPrepared(
		client,
		merchantId,
		(run) => run<{ failures: number }>`select failures from channel_health where channel_id = ${channelId}::uuid`,
	);
	return (health?.failures ?? 0) < failuresOfStore ? (trouble[0] ?? null) : null;
}

/** What a person lets be read once more, and can't be read yet, stays a dead letter, and the log says so again. */
async function buryAgain(run: Statement, target: WorkTarget, orderRefs: readonly string[]): Promise<void> {
	for (const orderRef of orderRefs) {
		const error = oddOrder(orderRef);
		const buried = await run<{ id: number; topic: string }>`
			update inbox set applied_at = clock_timestamp(), error = ${error}
			where channel_id = ${target.channelId}::uuid and dedupe_key like 'odd:%' and state = 2 and applied_at is null
				and starts_with(dedupe_key, ${oddKey(orderRef)}::text)
			returning id::float8 as id, topic`;
		await appendLog(
			run,
			target.merchantId,
			buried.map((mail) => deadLetter(target.channelId, mail, error)),
		);
	}
}
