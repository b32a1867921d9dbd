/** Units given back where no order says whether they are for sale again: against a Square sandbox store over HTTP. */
import { beforeEach, expect, it } from "vitest";
import { checkout, quantities, refundOrder, setQuantity } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { workChannel } from "../channels/work-channel";
import { drainMail } from "../mail/drain-mail";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
let shop: LiveStore;
beforeEach(async () => {
	shop = await liveStore(database, sandbox, "square", productsOf({ LAMP: 50, ROPE: 50 }));
	await sweep();
});

const sql = () => database.ownerClient;

/** All levels are read, orders first, until nothing is left to be found; long after whatever happened. */
async function sweep(): Promise<void> {
	const client = database.client("app");
	for (let round = 0; round < 3; round++) {
		await sql()`
			update slots set read_due_at = now(), unexplained_since = case when unexplained <> 0 then now() - interval '1 minute' end
			where channel_id = ${shop.channelId}`;
		await sql()`update channel_health set next_poll_at = now() where channel_id = ${shop.channelId}`;
		await workChannel(shop.target, { maxMs: 3_000, lingerMs: 200, client });
		await drainMail(shop.target, { maxMs: 3_000, lingerMs: 0, client });
	}
}

async function sold(sku: string, quantity: number): Promise<string> {
	const placed = await checkout(sandbox.ctx, shop.storeId, [{ sku, quantity }]);
	if (placed.result !== "placed") throw new Error(placed.message);
	await sweep();
	return placed.orderId;
}

async function now(sku: string) {
	const items = await quantities(sandbox.ctx, shop.storeId);
	const [level] = await sql()<{ on_hand: number }[]>`
		select l.on_hand from levels l join skus k on k.id = l.sku_id where l.merchant_id = ${shop.ctx.merchantId} and k.code = ${sku}`;
	return { shown: items.find((item) => item.sku === sku)?.quantity, onHand: level?.on_hand };
}

const classes = async () =>
	(
		await sql()<{ class: string }[]>`
			select data->>'class' as class from sync_log where merchant_id = ${shop.ctx.merchantId} and kind = 'level.drift' order by id`
	).map((row) => row.class);

it("are counted when the store's ledger has them back in stock, and not when it hasn't", async () => {
	const orderId = await sold("LAMP", 3);
	expect(await now("LAMP")).toEqual({ shown: 47, onHand: 47 });
	await refundOrder(sandbox.ctx, shop.storeId, orderId, [{ sku: "LAMP", quantity: 2 }], true);
	await sweep();
	expect(await now("LAMP")).toEqual({ shown: 49, onHand: 49 });
	await refundOrder(sandbox.ctx, shop.storeId, orderId, [{ sku: "LAMP", quantity: 1 }], false);
	await sweep();
	expect(await now("LAMP")).toEqual({ shown: 49, onHand: 49 });
	expect(await classes()).toEqual(["returned"]);
});

it("are no excuse for an edit: more than came back is set back as ever, and an old return explains nothing", async () => {
	const orderId = await sold("ROPE", 2);
	await refundOrder(sandbox.ctx, shop.storeId, orderId, [{ sku: "ROPE", quantity: 2 }], true);
	await sweep();
	await setQuantity(sandbox.ctx, shop.storeId, "ROPE", 52);
	await setQuantity(sandbox.ctx, shop.storeId, "LAMP", 51);
	await sweep();
	expect([await now("ROPE"), await now("LAMP")]).toEqual(Array(2).fill({ shown: 50, onHand: 50 }));
	expect((await classes()).toSorted()).toEqual(["manual_edit", "manual_edit", "returned"]);
});
