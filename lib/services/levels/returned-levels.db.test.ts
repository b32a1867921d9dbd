/** Units given back where no order says whether they are for sale again: against a Square sandbox store over HTTP. */
import { beforeEach, expect, it } from "vitest";
import { refundOrder, setQuantity } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { byHand } from "../testing/by-hand";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
let shop: LiveStore;
let hands: ReturnType<typeof byHand>;
beforeEach(async () => {
	shop = await liveStore(database, sandbox, "square", productsOf({ LAMP: 50, ROPE: 50 }));
	hands = byHand(database, sandbox, shop);
	await hands.sweep();
});

const sql = () => database.ownerClient;

async function sold(sku: string, quantity: number): Promise<string> {
	const orderId = await hands.buy(sku, quantity);
	await hands.sweep();
	return orderId;
}

/** What the store shows and what we count are the same, and this. */
async function expectBoth(units: Record<string, number>): Promise<void> {
	expect([await hands.shown(), await hands.onHand()]).toEqual([units, units]);
}

const classes = async () =>
	(
		await sql()<{ class: string }[]>`
			select data->>'class' as class from sync_log where merchant_id = ${shop.ctx.merchantId} and kind = 'level.drift' order by id`
	).map((row) => row.class);

it("are counted when the store's ledger has them back in stock, and not when it hasn't", async () => {
	const orderId = await sold("LAMP", 3);
	await expectBoth({ LAMP: 47, ROPE: 50 });
	await refundOrder(sandbox.ctx, shop.storeId, orderId, [{ sku: "LAMP", quantity: 2 }], true);
	await hands.sweep();
	await expectBoth({ LAMP: 49, ROPE: 50 });
	await refundOrder(sandbox.ctx, shop.storeId, orderId, [{ sku: "LAMP", quantity: 1 }], false);
	await hands.sweep();
	await expectBoth({ LAMP: 49, ROPE: 50 });
	expect(await classes()).toEqual(["returned"]);
});

it("are no excuse for an edit: more than came back is set back as ever, and an old return explains nothing", async () => {
	const orderId = await sold("ROPE", 2);
	await refundOrder(sandbox.ctx, shop.storeId, orderId, [{ sku: "ROPE", quantity: 2 }], true);
	await hands.sweep();
	await setQuantity(sandbox.ctx, shop.storeId, "ROPE", 52);
	await setQuantity(sandbox.ctx, shop.storeId, "LAMP", 51);
	await hands.sweep();
	await expectBoth({ LAMP: 50, ROPE: 50 });
	expect((await classes()).toSorted()).toEqual(["manual_edit", "manual_edit", "returned"]);
});
