import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import type { Page, RemoteListing } from "@/lib/channels/listing";
import { notifyLog } from "@/lib/live/notify";
import { askPatiently } from "../channels/ask-patiently";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { appendLog } from "../log/append-log";
import { dealAgain } from "../stock/deal-again";
import { beginImport, endImport, failImport, noteProgress } from "./import-jobs";
import { endMissing, endUnseen, keepListings } from "./keep-listings";
import { forgetOddProducts, keepOddProducts } from "./odd-products";
import { readGoneProducts } from "./read-products";

export type Imported = { listings: number; jobId: string };

/** More odd ones than this on a page are a platform that has changed. */
const mostOdd = 20;

/** Asked again for this much before the cursor: search indexes lag, and platforms stamp to the second. */
const overlapMs = 5 * 60_000;

/**
 * Reads all of the store's listings, page by page, with progress that a person can watch; what is no longer there is
 * marked as gone. Writes nothing to the store. What goes wrong with the store from `open` on is kept with the job.
 */
export async function importListings(
	client: postgres.Sql,
	target: WorkTarget,
	open: () => Promise<OpenConnection>,
): Promise<Imported> {
	const startedAt = new Date();
	const as = <T>(work: (run: Statement) => Promise<T>) => asMerchantPrepared(client, target.merchantId, work);
	const jobId = await as((run) => beginImport(run, target));
	let done = 0;
	try {
		done = await readPages(client, target, await open(), null, (run, page, soFar) =>
			noteProgress(run, jobId, soFar, page.total),
		);
	} catch (error) {
		if (error instanceof ChannelError) await as((run) => failImport(run, jobId, error));
		throw error;
	}
	await dealAgain(client, target.merchantId, await as((run) => finish(run, target, jobId, startedAt, done)));
	notifyLog(target.merchantId);
	return { listings: done, jobId };
}

/**
 * Reads the listings that changed since the last look, and those whose product is said to be gone, which no list of
 * changes names. Those whose quantity is not what we expect are read live next.
 */
export async function refreshListings(client: postgres.Sql, target: WorkTarget, open: OpenConnection): Promise<number> {
	const startedAt = new Date();
	const as = <T>(work: (run: Statement) => Promise<T>) => asMerchantPrepared(client, target.merchantId, work);
	const [health] = await as(
		(run) => run<{ since: number | null }>`
			select extract(epoch from listings_cursor)::float8 * 1000 as since from channel_health where channel_id = ${target.channelId}::uuid`,
	);
	const since = health?.since ? new Date(health.since - overlapMs) : null;
	const toDeal = new Set<string>();
	const done = await readPages(client, target, open, since, async (run, page) => {
		for (const skuId of await endMissing(run, target, productRefsOf(page.items), page.items)) toDeal.add(skuId);
	});
	await dealAgain(client, target.merchantId, [...toDeal]);
	if (since) await readGoneProducts(client, target, open, since);
	await as((run) => moveCursor(run, target, startedAt));
	notifyLog(target.merchantId);
	return done;
}

/** A page holds its products whole, so what it does not name under them is gone. */
const productRefsOf = (items: readonly RemoteListing[]) => [
	...new Set(items.flatMap(({ ids }) => ids.productId ?? [])),
];

/** Keeps page after page, each in a transaction that `note` is a part of; returns how many listings there were. */
async function readPages(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	since: Date | null,
	note: (run: Statement, page: Page<RemoteListing>, soFar: number) => Promise<void>,
): Promise<number> {
	// An import has a run of its own, and the worker others to see to.
	const longestMs = since ? 5_000 : 2 * 60_000;
	let done = 0;
	let next: string | null = null;
	do {
		const pageReadAt = new Date();
		const place: string | null = next;
		const page: Page<RemoteListing> = await askPatiently(client, target, { page: place, longestMs }, () =>
			open.adapter.listListings(open.connection(), since, place),
		);
		const { items, odd = [] } = page;
		if (odd.length > mostOdd)
			throw new ChannelError("unreadable", "The store's products come in a form that Onecount doesn't know.");
		const soFar = done + items.length;
		await asMerchantPrepared(client, target.merchantId, async (run) => {
			await keepListings(run, target, items, pageReadAt);
			await keepOddProducts(run, target, odd, pageReadAt);
			await forgetOddProducts(run, target, productRefsOf(items));
			await note(run, page, soFar);
		});
		done = soFar;
		next = page.next;
	} while (next);
	return done;
}

async function moveCursor(run: Statement, target: WorkTarget, startedAt: Date): Promise<void> {
	const began = startedAt.toISOString();
	await run`
		update channel_health set listings_cursor = ${began}::timestamptz, listings_due_at = case when listings_due_at > ${began}::timestamptz then listings_due_at end,
			orders_cursor = coalesce(orders_cursor, ${began}::timestamptz), next_poll_at = coalesce(next_poll_at, now())
		where channel_id = ${target.channelId}::uuid`;
}

async function finish(
	run: Statement,
	target: WorkTarget,
	jobId: string,
	startedAt: Date,
	done: number,
): Promise<string[]> {
	await endImport(run, jobId, done);
	await moveCursor(run, target, startedAt);
	const toDeal = await endUnseen(run, target, startedAt);
	await run`update channels set state = 'read_only' where id = ${target.channelId}::uuid and state in ('importing', 'connecting')`;
	await appendLog(run, target.merchantId, [
		{ kind: "channel.imported", state: "ok", channelId: target.channelId, data: { listings: done } },
	]);
	return toDeal;
}
