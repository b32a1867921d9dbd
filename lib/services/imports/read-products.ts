import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import type { RemoteListing } from "@/lib/channels/listing";
import { notifyLog } from "@/lib/live/notify";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { dealAgain } from "../stock/deal-again";
import { wake } from "../sync/wake";
import { askForImport } from "./import-jobs";
import { endMissing, keepListings } from "./keep-listings";
import { forgetOddProducts } from "./odd-products";

/** More than these are cheaper to find by reading all of the store's listings. */
const mostSingleReads = 20;

/**
 * Asks the store what it has under these products now, one by one: what is no longer there is gone, what came or changed
 * is kept. One that can't be read holds up none of the others. Throws ChannelError.
 */
export async function readProducts(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	productRefs: readonly string[],
): Promise<void> {
	const wanted = [...new Set(productRefs)];
	if (wanted.length > mostSingleReads) {
		await asMerchantPrepared(client, target.merchantId, (run) => askForImport(run, target));
		wake("import", [target.channelId]);
		return;
	}
	let unreadable: ChannelError | null = null;
	for (const ref of wanted) {
		const readAt = new Date();
		let items: RemoteListing[];
		try {
			items = await open.adapter.readProduct(open.connection(), ref);
		} catch (error) {
			if (!(error instanceof ChannelError && error.reason === "unreadable")) throw error;
			unreadable ??= error;
			continue;
		}
		const toDeal = await asMerchantPrepared(client, target.merchantId, async (run) => {
			await keepListings(run, target, items, readAt);
			await forgetOddProducts(run, target, [ref]);
			return endMissing(run, target, [ref], items);
		});
		await dealAgain(client, target.merchantId, toDeal);
	}
	if (wanted.length > 0) notifyLog(target.merchantId);
	if (unreadable) throw unreadable;
}

/** Reads the products that the store's news since then has called gone: some are only told so. */
export async function readGoneProducts(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	since: Date,
): Promise<void> {
	const news = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{ topic: string; body: Buffer }>`
			select topic, body from inbox
			where channel_id = ${target.channelId}::uuid and source = 'webhook' and state = 1
				and received_at >= ${since.toISOString()}::timestamptz and topic like '%delete%'`,
	);
	const said = news.flatMap(({ topic, body }) => open.adapter.parseWebhook(topic, body));
	const refs = said.flatMap((signal) => (signal.kind === "listing_gone" ? [signal.productRef] : []));
	await readProducts(client, target, open, await stillHere(client, target, refs));
}

/** Told once and asked once: what is marked as gone already needs no call. */
async function stillHere(
	client: postgres.Sql,
	target: WorkTarget,
	productRefs: readonly string[],
): Promise<readonly string[]> {
	if (productRefs.length === 0) return [];
	const rows = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{ ref: string }>`
			select distinct ids->>'productId' as ref from listings
			where channel_id = ${target.channelId}::uuid and gone_at is null
				and ids->>'productId' in (select jsonb_array_elements_text(${JSON.stringify(productRefs)}::text::jsonb))`,
	);
	return rows.map(({ ref }) => ref);
}
