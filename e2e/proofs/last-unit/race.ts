/** One unit, and many who buy it at the same moment in many stores. */
import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import type { TestDatabase } from "@/db/testing";
import { parseWebhook } from "@/lib/channels/shopify/webhook";
import { applyMailBatch } from "@/lib/services/mail/apply-mail";
import { applyOrders } from "@/lib/services/orders/apply-orders";
import { checkLedger } from "@/lib/services/stock/check-ledger";
import { makeChannel, makeListing, makeMerchant, makeSku } from "@/lib/services/testing/fixtures";
import { receiveWebhook } from "@/lib/services/webhooks/receive-webhook";
import { keepWebhookSecret, orderBody, signedMail } from "../pipeline/shopify-mail";

export const buyers = 200;
const stores = 20;
const secret = "a secret of the app";

export type Race = {
	/** Orders that got the unit. */
	allocated: number;
	/** Orders that the ledger knows. */
	recorded: number;
	/** Orders that lost and have exactly one conflict that names them. */
	conflicts: number;
	onHand: number;
	ledgerFaults: number;
};

/** `orders`: each in a transaction of its own, all at once. `mail`: as signed webhooks through the door. */
export async function raceInPipeline(
	database: TestDatabase,
	client: postgres.Sql,
	way: "orders" | "mail",
): Promise<Race> {
	const merchant = await makeMerchant(database);
	const { merchantId } = merchant;
	const skuId = await makeSku(database, merchant, "LAST", 1);
	const channelIds: string[] = [];
	for (let store = 0; store < stores; store++) {
		const channelId = await makeChannel(database, merchant);
		await keepWebhookSecret(database, { channelId, merchantId }, secret);
		await makeListing(database, merchant, channelId, "variant:7", { skuId, shown: 1 });
		channelIds.push(channelId);
	}
	await Promise.all(
		Array.from({ length: buyers }, async (_, buyer) => {
			const channelId = channelIds[buyer % stores] as string;
			const at = Date.now() + 1_000 * buyer;
			const line = { lineId: "1", variantId: "7", everOrdered: 1, taken: 1 };
			const body = orderBody(`${1_000 + buyer}`, at, { lines: [line], at });
			if (way === "mail") {
				await receiveWebhook(signedMail(channelId, secret, "orders/create", body));
				await applyMailBatch({ channelId, merchantId, platform: "shopify" }, client);
				return;
			}
			const [signal] = parseWebhook("orders/create", Buffer.from(body));
			if (signal?.kind !== "order") throw new Error("an order was not read as one");
			const heard = [{ order: signal.order, inboxId: buyer, isLiveRead: false }];
			await asMerchantPrepared(client, merchantId, (run) => applyOrders(run, merchantId, channelId, heard));
		}),
	);
	const [row] = await database.ownerClient<Omit<Race, "ledgerFaults">[]>`
		with sold as (select channel_id, order_ref, balance from movements where sku_id = ${skuId} and kind = 'order'),
		named as (
			select c.channel_id, c.order_ref, count(*) as conflicts from conflicts c where c.sku_id = ${skuId} and c.kind = 'oversold' group by 1, 2
		)
		select count(*) filter (where balance >= 0)::int as allocated, count(*)::int as recorded,
			count(*) filter (where balance < 0 and conflicts = 1)::int as conflicts,
			(select on_hand from levels where sku_id = ${skuId}) as "onHand"
		from sold left join named using (channel_id, order_ref)`;
	const ledger = await asMerchantPrepared(client, merchantId, (run) => checkLedger(run, merchantId));
	return { ...(row as Omit<Race, "ledgerFaults">), ledgerFaults: ledger.faultCount };
}

export const isRight = (race: Race): boolean =>
	race.allocated === 1 &&
	race.recorded === buyers &&
	race.conflicts === buyers - 1 &&
	race.onHand === 1 - buyers &&
	race.ledgerFaults === 0;

/**
 * The naive twin: guarded, as one would write it: look whether a unit is left, then record the sale. Two that look at
 * the same moment both find it, and one that finds none is refused, though the store has sold it: the order is lost.
 */
export async function raceInTwin(sql: postgres.Sql, round: number): Promise<Pick<Race, "allocated" | "recorded">> {
	await sql`create table if not exists twin_sales (round int, buyer int)`;
	await Promise.all(
		Array.from({ length: buyers }, (_, buyer) =>
			sql.begin(async (tx) => {
				const [sold] = await tx<
					{ count: number }[]
				>`select count(*)::int as count from twin_sales where round = ${round}`;
				if ((sold?.count ?? 0) < 1) await tx`insert into twin_sales values (${round}, ${buyer})`;
			}),
		),
	);
	const [row] = await sql<{ count: number }[]>`select count(*)::int as count from twin_sales where round = ${round}`;
	return { allocated: row?.count ?? 0, recorded: row?.count ?? 0 };
}
